//! Valid signatures negated, and s around n/2, where low ends and high begins.

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::construct::{Built, for_nonce_point, r_of, reduce, scalar, sign, times_g};
use super::{Made, Strategy};
use crate::input::bytes::Word;
use crate::judge::fact::Fact;
use crate::reference::SECP256K1;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "high-s",
    about: "valid signatures with their s negated, and s around n/2",
    reaches: &[Fact::HighS, Fact::SBoundary],
    classes: &[],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let (a, k) = (scalar(u)?, scalar(u)?);
    if u.ratio(2, 3)? {
        let built = sign(Word(u.arbitrary()?), a, k).low_s().negated();
        return Ok(Made::known(built.input, built.answer()));
    }
    let half = SECP256K1.n >> 1;
    let ends =
        [U256::ONE, half - U256::ONE, half, half + U256::ONE, half + U256::from(2), SECP256K1.n - U256::ONE];
    let s = reduce(*u.choose(&ends)?);
    let nonce = times_g(k);
    let u2 = s / r_of(&nonce);
    let built = Built { input: for_nonce_point(nonce, a, u2), key: times_g(a + u2 * k) };
    Ok(Made::known(built.input, built.answer()))
}
