//! Digest, s, u1 and u2 as [`super::pattern`] draws them: one of digest and u1, with one of s and u2.

use arbitrary::{Result, Unstructured};

use super::class::Family;
use super::construct::{Built, Scalar, for_nonce_point, r_of, reduce, scalar, times_g};
use super::pattern::{of_length, patterned};
use super::{Made, Strategy};
use crate::input::bytes::Word;
use crate::judge::fact::Fact;
use crate::reference::SECP256K1;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "limbs",
    about: "digest, s, u1 and u2 that are tiny, next to a bound, or have limbs of zeros or ones",
    reaches: &[Fact::DigestNotBelowN],
    classes: &[Family::Numbers],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let k = if u.ratio(1, 8)? { Scalar::from(u.int_in_range(1..=16u64)?) } else { scalar(u)? };
    let nonce = times_g(k);
    let Numbers { u1, u2, digest } = Numbers::draw(u, r_of(&nonce))?;
    let mut built = Built { input: for_nonce_point(nonce, u1, u2), key: times_g(u1 + u2 * k) };
    built.input.digest = digest.unwrap_or(built.input.digest);
    Ok(Made::known(built.input, built.answer()))
}

/// u1 and u2, which they are or which digest and s give.
pub(super) struct Numbers {
    pub(super) u1: Scalar,
    pub(super) u2: Scalar,
    /// The digest, where it was drawn: it may be n or more.
    pub(super) digest: Option<Word>,
}

impl Numbers {
    /// Draws them for this r.
    pub(super) fn draw(u: &mut Unstructured<'_>, r: Scalar) -> Result<Self> {
        let digest = if u.arbitrary()? {
            let above = u.ratio(1, 12)?;
            Some(if above { SECP256K1.n + of_length(u, 128)? } else { patterned(u, SECP256K1.n)? })
        } else {
            None
        };
        let u1 = match digest {
            Some(digest) => -(reduce(digest) / r),
            None => number(u)?,
        };
        let u2 = if u.arbitrary()? { number(u)? / r } else { number(u)? };
        Ok(Self { u1, u2, digest: digest.map(Word::from) })
    }
}

/// A number with a pattern, now and then one without.
fn number(u: &mut Unstructured<'_>) -> Result<Scalar> {
    if u.ratio(1, 8)? { scalar(u) } else { patterned(u, SECP256K1.n).map(reduce) }
}
