//! Relations between the points of a recovery: of G, R, Q, u1·G and u2·R one is another, its negation, its double
//! or half, or an image of these under the endomorphism.

use arbitrary::{Result, Unstructured};

use super::class::Family;
use super::construct::{Scalar, from_nonce, scalar};
use super::halves::lambda;
use super::{Made, Strategy};
use crate::judge::fact::Fact;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "relations",
    about: "of G, R, Q, u1·G and u2·R one is another, its negation, double, half, or image under the endomorphism",
    reaches: &[Fact::EqualPoints, Fact::QInfinity, Fact::SmallNonce],
    classes: &[Family::Relations],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let k = if u.ratio(1, 3)? { factor(u)? } else { scalar(u)? };
    let c = factor(u)?;
    // With w = u2·k: R = k·G, u2·R = w·G, Q = (u1 + w)·G.
    let (mut u1, mut w) = (scalar(u)?, scalar(u)?);
    let one = Scalar::from(1);
    match u.int_in_range(0..=10)? {
        0 => w = c - u1,
        1 => u1 = c,
        2 => w = c,
        3 => w = c * k - u1,
        4 => u1 = c * k,
        5 => w = c * k,
        6 => w = (c - one) * u1,
        7 => u1 = (c - one) * w,
        // u1·G and u2·R, which are added.
        _ => w = c * u1,
    }
    // u2 = 0 is no signature.
    let u2 = if w == Scalar::from(0) { one } else { w / k };
    let built = from_nonce(k, u1, u2);
    Ok(Made::known(built.input, built.answer()))
}

/// What one point is of another.
fn factor(u: &mut Unstructured<'_>) -> Result<Scalar> {
    let one = Scalar::from(1);
    let (lambda, two) = (lambda(), Scalar::from(2));
    let factor = match u.int_in_range(0..=5)? {
        0 | 1 => one,
        2 => lambda,
        3 => lambda * lambda,
        4 => two,
        _ => one / two,
    };
    Ok(if u.arbitrary()? { -factor } else { factor })
}
