//! An r that is the x of no point.

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::construct::{lift_x, number};
use super::{Made, Strategy};
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::judge::fact::Fact;
use crate::reference::answer::{Expectation, Refusal};
use crate::reference::{Reason, SECP256K1};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "off-curve",
    about: "r that is not the x of a curve point",
    reaches: &[Fact::XOffCurve],
    classes: &[],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let start = if u.arbitrary()? { U256::from(u.arbitrary::<u16>()?) } else { number(u)? % SECP256K1.n };
    let recovery_id = u.int_in_range(0..=1)?;
    let s = (number(u)? % SECP256K1.n).max(U256::ONE);
    let digest = Word(u.arbitrary()?);
    let mut r = start.max(U256::ONE);
    while lift_x(r, false).is_some() {
        r = if r + U256::ONE < SECP256K1.n { r + U256::ONE } else { U256::from(5) };
    }
    let input = ScalarInput { digest, r: Word::from(r), s: Word::from(s), recovery_id };
    Ok(Made::known(input, Expectation::Rejected(Refusal::Recovery(Reason::XOffCurve))))
}
