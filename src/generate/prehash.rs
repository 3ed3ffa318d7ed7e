//! Prehashes of other lengths than 32 bytes.

use arbitrary::{Result, Unstructured};

use super::class::Family;
use super::construct::{for_nonce_point, r_of, reduce, scalar, sign};
use super::reduced::reduced_nonce;
use super::{Made, Strategy};
use crate::input::bytes::{Bytes, Word};
use crate::input::{Input, PrehashInput};
use crate::judge::fact::Fact;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "prehash",
    about: "prehashes of 0 to 80 bytes, and of 250 to 1100",
    reaches: &[Fact::PrehashEmpty, Fact::PrehashTiny, Fact::PrehashShort, Fact::PrehashLong],
    classes: &[Family::Prehashes],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let (key, k) = (scalar(u)?, scalar(u)?);
    let mut prehash: Vec<u8> = if u.ratio(1, 6)? {
        // As often of a length that is short when it is cut to 8 bits.
        let length =
            if u.arbitrary()? { 256 + u.int_in_range(0..=31)? } else { u.int_in_range(250..=1_100)? };
        let pattern: [u8; 48] = u.arbitrary()?;
        pattern.into_iter().cycle().take(length).collect()
    } else {
        // None at all as often as a sixteenth: no other length is a class by itself.
        let length = if u.ratio(1, 16)? { 0 } else { u.int_in_range(0..=80)? };
        (0..length).map(|_| u.arbitrary()).collect::<Result<_>>()?
    };
    if let (Some(first), true) = (prehash.first_mut(), u.ratio(1, 4)?) {
        *first = 0;
    }
    let zero = Word([0; 32]);
    let mut input = PrehashInput { prehash: Bytes(prehash), r: zero, s: zero, recovery_id: 0 };
    let digest = input.leftmost().digest;
    let (signature, known) = if u.ratio(1, 6)? {
        let nonce = reduced_nonce(u)?;
        (for_nonce_point(nonce, -(reduce(digest.number()) / r_of(&nonce)), key), None)
    } else {
        let built = sign(digest, key, k);
        let built = if u.ratio(1, 4)? { built } else { built.low_s() };
        (built.input, Some(built.answer()))
    };
    (input.r, input.s, input.recovery_id) = (signature.r, signature.s, signature.recovery_id);
    Ok(Made { input: Input::Prehash(input), known, message: None })
}
