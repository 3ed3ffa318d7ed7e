//! Recovery ids that are none, beside a signature that is otherwise valid, or wrong in another way too.

use arbitrary::{Result, Unstructured};

use super::construct::{scalar, sign};
use super::{Made, Strategy, scalar_of_another};
use crate::input::bytes::Word;
use crate::judge::fact::Fact;
use crate::reference::Reason;
use crate::reference::answer::{Expectation, Refusal};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "recovery-id",
    about: "recovery ids 4 to 255 with an otherwise valid signature, or with another strategy's input",
    reaches: &[
        Fact::RecoveryIdOutOfRange,
        Fact::RecoveryId4To26,
        Fact::RecoveryId27To30,
        Fact::RecoveryIdAbove30,
        Fact::RecoveryIdAbove34,
        Fact::RecoveryIdSecondBit,
        Fact::RPlusNIsX,
    ],
    classes: &[],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let of_another = u.ratio(1, 3)?;
    let mut input = if of_another {
        scalar_of_another(u)?.0
    } else {
        let (key, k, digest) = (scalar(u)?, scalar(u)?, Word(u.arbitrary()?));
        sign(digest, key, k).low_s().input
    };
    let id = input.recovery_id & 3;
    // What else is wrong with another strategy's input shows only with an id that is read as its own.
    input.recovery_id = match u.int_in_range(0..=if of_another { 2 } else { 4 })? {
        0 => id | (1 << u.int_in_range(2..=7)?),
        1 => id + 27,
        2 => id + 4,
        3 => u.int_in_range(4..=255)?,
        _ => *u.choose(&[4, 5, 26, 27, 28, 29, 30, 31, 32, 35, 36, 128, 255])?,
    };
    Ok(Made::known(input, Expectation::Rejected(Refusal::Recovery(Reason::RecoveryIdOutOfRange))))
}
