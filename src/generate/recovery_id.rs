//! Recovery ids that are none, beside a signature that is otherwise valid.

use arbitrary::{Result, Unstructured};

use super::construct::{exponent, sign};
use super::{Made, Strategy};
use crate::input::bytes::Word;
use crate::judge::fact::Fact;
use crate::reference::Reason;
use crate::reference::answer::{Expectation, Refusal};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "recovery-id",
    about: "recovery ids 4 to 255 with an otherwise valid signature",
    reaches: &[Fact::RecoveryIdOutOfRange],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let (key, k, digest) = (exponent(u)?, exponent(u)?, Word(u.arbitrary()?));
    let mut input = sign(digest, key, k).low_s().input;
    input.recovery_id = match u.int_in_range(0..=3)? {
        0 => u.int_in_range(4..=255)?,
        1 => input.recovery_id | (1 << u.int_in_range(2..=7)?),
        2 => *u.choose(&[4, 5, 26, 27, 28, 29, 31, 32, 35, 36, 128, 255])?,
        _ => input.recovery_id + 4,
    };
    Ok(Made::known(input, Expectation::Rejected(Refusal::Recovery(Reason::RecoveryIdOutOfRange))))
}
