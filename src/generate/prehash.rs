//! Prehashes of other lengths than 32 bytes.

use arbitrary::{Result, Unstructured};

use super::construct::{scalar, sign};
use super::{Made, Strategy};
use crate::input::PrehashInput;
use crate::input::bytes::{Bytes, Word};
use crate::judge::fact::Fact;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "prehash",
    about: "prehashes of 0 to 80 bytes",
    reaches: &[Fact::PrehashEmpty, Fact::PrehashTiny, Fact::PrehashShort, Fact::PrehashLong],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let (key, k) = (scalar(u)?, scalar(u)?);
    let length = u.int_in_range(0..=80)?;
    let mut prehash: Vec<u8> = (0..length).map(|_| u.arbitrary()).collect::<Result<_>>()?;
    if let (Some(first), true) = (prehash.first_mut(), u.ratio(1, 4)?) {
        *first = 0;
    }
    let zero = Word([0; 32]);
    let mut input = PrehashInput { prehash: Bytes(prehash), r: zero, s: zero, recovery_id: 0 };
    let built = sign(input.leftmost().digest, key, k);
    let built = if u.ratio(1, 4)? { built } else { built.low_s() };
    (input.r, input.s, input.recovery_id) = (built.input.r, built.input.s, built.input.recovery_id);
    Ok(Made::known(crate::input::Input::Prehash(input), built.answer()))
}
