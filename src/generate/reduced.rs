//! Nonce points whose x is n or more, so that r was reduced: recovery ids 2 and 3 that succeed, and the edge
//! around r = p - n where no such x is left. As often as not with something else that is rare.

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::class::Family;
use super::construct::{Scalar, for_nonce_point, lift_x, number, r_of, scalar};
use super::halves::lambda;
use super::limbs::Numbers;
use super::{Made, Strategy};
use crate::input::bytes::Word;
use crate::judge::fact::Fact;
use crate::reference::{Point, SECP256K1};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "reduced",
    about: "recovery ids 2 and 3 that succeed, the same with 0 and 1, and r around p - n",
    reaches: &[Fact::XReduced, Fact::RPlusNBelowP, Fact::RIsX, Fact::XNotBelowP],
    classes: &[Family::Reduced],
    make,
};

/// What x can be n or more by.
fn room() -> U256 {
    SECP256K1.p - SECP256K1.n
}

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let nonce = reduced_nonce(u)?;
    let (u1, u2, digest) = match u.int_in_range(0..=7)? {
        0 => (scalar(u)?, scalar(u)?, None),
        // Not even the nonce's logarithm is known, so that these are all relations that can be had.
        1 | 2 => (beside_generator(u)?, beside_nonce(u)?, None),
        _ => {
            let Numbers { u1, u2, digest } = Numbers::draw(u, r_of(&nonce))?;
            (u1, u2, digest)
        }
    };
    let mut input = for_nonce_point(nonce, u1, u2);
    input.digest = digest.unwrap_or(input.digest);
    match u.int_in_range(0..=9)? {
        0 => input.recovery_id &= 1,
        1 => {
            let around = U256::from(u.int_in_range(0..=4u8)?);
            input.r = Word::from(room() - U256::from(2) + around);
        }
        2 => input.r = Word::from(input.r.number() + room()),
        _ => {}
    }
    Ok(Made::unknown(input))
}

/// A nonce point whose x is n or more.
pub(super) fn reduced_nonce(u: &mut Unstructured<'_>) -> Result<Point> {
    let small: u8 = u.arbitrary()?;
    let start = match u.int_in_range(0..=7)? {
        0 | 1 => U256::from(small),
        2 | 3 => room() - U256::from(small) - U256::ONE,
        4 => U256::ONE << u.int_in_range(33..=127)?,
        _ => number(u)? % room(),
    };
    // Half of all x have a point: one comes within a few steps. t = 0 would be r = 0.
    let odd = u.arbitrary()?;
    let mut t = start.max(U256::ONE);
    loop {
        match lift_x(t + SECP256K1.n, odd) {
            Some(nonce) => return Ok(nonce),
            None if t + U256::ONE < room() => t += U256::ONE,
            None => t = U256::ONE,
        }
    }
}

/// u1 with a u1·G that is the point at infinity, ±G, or another.
fn beside_generator(u: &mut Unstructured<'_>) -> Result<Scalar> {
    Ok(match u.int_in_range(0..=3)? {
        0 => Scalar::from(0),
        1 => Scalar::from(1),
        2 => -Scalar::from(1),
        _ => scalar(u)?,
    })
}

/// u2 with a u2·R that is ±R, its double, or its image under the endomorphism.
fn beside_nonce(u: &mut Unstructured<'_>) -> Result<Scalar> {
    Ok(match u.int_in_range(0..=3)? {
        0 => Scalar::from(1),
        1 => -Scalar::from(1),
        2 => Scalar::from(2),
        _ => lambda(),
    })
}
