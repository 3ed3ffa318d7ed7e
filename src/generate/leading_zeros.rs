//! Leading zeros in digest, r and s, which a variable-length encoding drops.

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::construct::next_point;
use super::{Made, Strategy};
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::judge::fact::Fact;
use crate::reference::SECP256K1;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "leading-zeros",
    about: "digest, r and s with leading zeros, in any number and combination",
    reaches: &[Fact::LeadingZeroDigest, Fact::LeadingZeroR, Fact::LeadingZeroS],
    classes: &[],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let odd = u.arbitrary()?;
    let (r, _) = next_point(number(u)?, odd);
    let [r, s, digest] = [r, number(u)?, number(u)?].map(Word::from);
    Ok(Made::unknown(ScalarInput { digest, r, s, recovery_id: odd.into() }))
}

/// A number below n with any number of leading zero bytes, not zero.
fn number(u: &mut Unstructured<'_>) -> Result<U256> {
    let zeros = if u.arbitrary()? { u.int_in_range(1..=31)? } else { 0 };
    let mut bytes: [u8; 32] = u.arbitrary()?;
    bytes[..zeros].fill(0);
    Ok((U256::from_be_bytes(bytes) % SECP256K1.n).max(U256::ONE))
}
