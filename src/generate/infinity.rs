//! u1·G = -(u2·R): the key would be the point at infinity. And the digests next to that, which have a key.

use arbitrary::{Result, Unstructured};

use super::construct::{Exponent, exponent, from_nonce};
use super::{Made, Strategy};
use crate::judge::fact::Fact;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "infinity",
    about: "keys that would be the point at infinity, and their neighbours",
    reaches: &[Fact::QInfinity],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let k = if u.ratio(1, 3)? { Exponent::from(u.int_in_range(1..=8u64)?) } else { exponent(u)? };
    let u2 = if u.ratio(1, 4)? { Exponent::from(1) } else { exponent(u)? };
    let beside = Exponent::from(u64::from(u.ratio(1, 4)?));
    let built = from_nonce(k, beside - u2 * k, u2);
    Ok(Made::known(built.input, built.answer()))
}
