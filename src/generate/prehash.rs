//! Prehashes of other lengths than 32 bytes.

use arbitrary::{Result, Unstructured};

use super::class::Family;
use super::construct::{from_nonce_point, plus, r_of, reduce, scalar, sign, times, times_g};
use super::reduced::reduced_nonce;
use super::{Made, Strategy};
use crate::input::PrehashInput;
use crate::input::bytes::{Bytes, Word};
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
    let built = if u.ratio(1, 6)? {
        let (nonce, u2) = (reduced_nonce(u)?, key);
        let u1 = -(reduce(digest.number()) / r_of(&nonce));
        let mut built = from_nonce_point(nonce, u1, u2, plus(times_g(u1), times(nonce, u2)));
        built.input.digest = digest;
        built
    } else {
        let built = sign(digest, key, k);
        if u.ratio(1, 4)? { built } else { built.low_s() }
    };
    (input.r, input.s, input.recovery_id) = (built.input.r, built.input.s, built.input.recovery_id);
    Ok(Made::known(crate::input::Input::Prehash(input), built.answer()))
}
