//! u1 and u2 at the edges of how implementations split and recode scalars: GLV's λ, powers of two and their
//! neighbours.

use arbitrary::{Result, Unstructured};
use ruint::{aliases::U256, uint};

use super::construct::{Scalar, from_nonce, reduce, scalar};
use super::{Made, Strategy};

/// λ with λ³ = 1 modulo n: the endomorphism (x, y) -> (βx, y) multiplies by it.
const LAMBDA: U256 = uint!(0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72_U256);

pub(super) const STRATEGY: Strategy = Strategy {
    name: "scalars",
    about: "u1 and u2 at the edges of GLV and wNAF: multiples of λ, 2^k and their neighbours",
    reaches: &[],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let k = scalar(u)?;
    let (u1, mut u2) = (edge(u)?, edge(u)?);
    if u2 == Scalar::from(0) {
        u2 = Scalar::from(1);
    }
    let built = from_nonce(k, u1, u2);
    Ok(Made::known(built.input, built.answer()))
}

fn edge(u: &mut Unstructured<'_>) -> Result<Scalar> {
    let power = reduce(U256::ONE << u.int_in_range(0..=255)?);
    let lambda = reduce(LAMBDA);
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
