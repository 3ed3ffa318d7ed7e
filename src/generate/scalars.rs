//! u1 and u2 at the edges of how implementations split and recode scalars: GLV's λ, powers of two and their
//! neighbours, halves at rounding ties and as long as they can be; and a small scalar beside one of any length.

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::class::Family;
use super::construct::{Scalar, from_nonce, reduce, scalar};
use super::halves::{lambda, special};
use super::pattern::of_length;
use super::{Made, Strategy};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "scalars",
    about: "u1 and u2 at the edges of GLV and wNAF: multiples of λ, 2^k, ties and extremes, one small and one of any length",
    reaches: &[],
    classes: &[Family::Scalars],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let k = scalar(u)?;
    let (mut u1, mut u2) = match u.int_in_range(0..=2)? {
        0 => (edge(u)?, edge(u)?),
        1 => (if u.ratio(1, 3)? { edge(u)? } else { special(u)? }, special(u)?),
        _ => (small(u)?, of_any_length(u)?),
    };
    if u.arbitrary()? {
        (u1, u2) = (u2, u1);
    }
    if u2 == Scalar::from(0) {
        u2 = Scalar::from(1);
    }
    let built = from_nonce(k, u1, u2);
    Ok(Made::known(built.input, built.answer()))
}

fn small(u: &mut Unstructured<'_>) -> Result<Scalar> {
    let small = Scalar::from(u64::from(u.arbitrary::<u8>()?.max(1)));
    Ok(if u.ratio(1, 4)? { -small } else { small })
}

/// A scalar of any length up to 132 bits, as often of nearly that, and now and then any.
fn of_any_length(u: &mut Unstructured<'_>) -> Result<Scalar> {
    Ok(match u.int_in_range(0..=4)? {
        0 => scalar(u)?,
        1 => reduce((U256::ONE << u.int_in_range(127..=131)?) | (of_length(u, 127)?)),
        _ => reduce(of_length(u, 132)?),
    })
}

fn edge(u: &mut Unstructured<'_>) -> Result<Scalar> {
    let power = reduce(U256::ONE << u.int_in_range(0..=255)?);
    let lambda = lambda();
    let base = match u.int_in_range(0..=7)? {
        0 => lambda,
        1 => -lambda,
        2 => lambda * lambda,
        3 => lambda * power,
        4 => power * power,
        5 => scalar(u)?,
        _ => power,
    };
    let step = Scalar::from(u.int_in_range(0..=2u64)?);
    Ok(if u.arbitrary()? { base + step } else { base - step })
}
