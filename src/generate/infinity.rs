//! u1·G = -(u2·R): the key would be the point at infinity. And the digests next to that, which have a key.

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::construct::{Scalar, from_nonce, r_of, reduce, scalar, times_g};
use super::{Made, Strategy};
use crate::input::bytes::Word;
use crate::judge::fact::Fact;
use crate::reference::answer::{Expectation, Refusal};
use crate::reference::{Reason, SECP256K1};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "infinity",
    about: "keys that would be the point at infinity, their neighbours, the same with s + n, and with recovery ids 2 and 3",
    reaches: &[Fact::QInfinity, Fact::UnreducedInfinity, Fact::UnreducedEqualPoints],
    classes: &[],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let k = if u.ratio(1, 3)? { Scalar::from(u.int_in_range(1..=8u64)?) } else { scalar(u)? };
    let beside = Scalar::from(u64::from(u.ratio(1, 4)?));
    if u.ratio(1, 8)? {
        let s = U256::from(u.arbitrary::<u128>()?.max(1));
        let u2 = reduce(s) / r_of(&times_g(k));
        let mut input = from_nonce(k, beside - u2 * k, u2).input;
        input.s = Word::from(s + SECP256K1.n);
        return Ok(Made::known(input, Expectation::Rejected(Refusal::Recovery(Reason::SNotBelowN))));
    }
    let u2 = if u.ratio(1, 4)? { Scalar::from(1) } else { scalar(u)? };
    let mut built = from_nonce(k, beside - u2 * k, u2);
    if u.ratio(1, 6)? {
        // For those who do not read its second bit; with the other parity u1·G = u2·R in the place of -(u2·R).
        built.input.recovery_id ^= 2 | u8::from(u.arbitrary::<bool>()?);
        return Ok(Made::unknown(built.input));
    }
    Ok(Made::known(built.input, built.answer()))
}
