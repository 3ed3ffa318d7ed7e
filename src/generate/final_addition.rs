//! The last addition at its exceptional places: u1·G = u2·R, a summand at infinity, and nonce points that a
//! table of multiples of G holds, R = ±k·G for small k.

use arbitrary::{Result, Unstructured};

use super::construct::{Scalar, from_nonce, scalar};
use super::{Made, Strategy};
use crate::judge::fact::Fact;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "final-addition",
    about: "u1·G = u2·R, digest 0, and R = ±k·G for small k",
    reaches: &[Fact::EqualPoints, Fact::SmallNonce, Fact::DigestZero],
    classes: &[],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let small = Scalar::from(u.int_in_range(1..=8u64)?);
    let small = if u.arbitrary()? { small } else { -small };
    let (any, other) = (scalar(u)?, scalar(u)?);
    let (k, u1, u2) = match u.int_in_range(0..=6)? {
        0 => (any, other * any, other),
        1 => (small, other * small, other),
        2 => (small, any, other),
        3 => (small, Scalar::from(u.int_in_range(1..=16u64)?), Scalar::from(u.int_in_range(1..=16u64)?)),
        4 => (any, Scalar::from(0), other),
        5 => (small, -Scalar::from(u.int_in_range(1..=16u64)?), other),
        _ => (small, any, any),
    };
    let built = from_nonce(k, u1, u2);
    Ok(Made::known(built.input, built.answer()))
}
