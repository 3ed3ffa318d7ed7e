//! Calls of ecrecover: any length of calldata, a v that is right or nearly so, gas around its price.

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::{Made, Strategy, scalar_of_another};
use crate::generate::construct::{number, scalar, sign};
use crate::input::bytes::Bytes;
use crate::input::{CallInput, Input};
use crate::judge::fact::Fact;
use crate::reference::answer::{Expectation, Refusal};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "call",
    about: "calls of ecrecover: calldata of 0 to 160 bytes, right and wrong v, gas 2999 to 3001",
    reaches: &[
        Fact::GasShort,
        Fact::GasExact,
        Fact::CalldataShort,
        Fact::CalldataLong,
        Fact::VRecoveryId,
        Fact::VNear,
        Fact::VEip155,
        Fact::VDirty,
    ],
    classes: &[],
    make,
};

/// A call of this strategy, without its answer.
pub(crate) fn any_call(u: &mut Unstructured<'_>) -> Result<CallInput> {
    match make(u)?.input {
        Input::Call(call) => Ok(call),
        _ => unreachable!("the strategy makes calls"),
    }
}

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    // A scalar from another strategy, or a valid one whose s ends in zeros, as right-padding restores them.
    let (scalar, known) = match u.int_in_range(0..=3)? {
        0 => scalar_of_another(u)?,
        _ => {
            let built = sign(crate::input::bytes::Word(u.arbitrary()?), scalar(u)?, scalar(u)?);
            (built.input, Some(built.answer()))
        }
    };
    let right = U256::from(27 + u32::from(scalar.recovery_id));
    let v_is_right = u.ratio(3, 5)?;
    let v = if v_is_right { right } else { nearly_right(u, right)? };
    let words = [scalar.digest.0, v.to_be_bytes(), scalar.r.0, scalar.s.0];
    let mut calldata = words.concat();
    let whole = u.ratio(3, 5)?;
    if !whole {
        let length = match u.int_in_range(0..=3)? {
            0 => u.int_in_range(0..=160)?,
            1 => u.int_in_range(120..=136)?,
            2 => 32 * u.int_in_range(0..=5)?,
            _ => {
                let zeros = calldata.iter().rev().take_while(|byte| **byte == 0).count();
                128 - zeros
            }
        };
        while calldata.len() < length {
            calldata.push(u.arbitrary()?);
        }
        calldata.truncate(length);
    }
    let gas = match u.int_in_range(0..=5)? {
        0 => 2_999,
        1 => 3_000,
        2 => 3_001,
        3 => u.int_in_range(0..=6_000)?,
        _ => 100_000,
    };
    let input = Input::Call(CallInput { calldata: Bytes(calldata), gas });
    let v_recovers = v_is_right && scalar.recovery_id < 2;
    Ok(match known {
        _ if gas < 3_000 => Made::known(input, Expectation::Rejected(Refusal::OutOfGas)),
        Some(answer) if whole && v_recovers => Made::known(input, answer),
        _ if whole && v_is_right && !v_recovers => {
            Made::known(input, Expectation::Rejected(Refusal::VNot27Or28))
        }
        _ => Made::unknown(input),
    })
}

fn nearly_right(u: &mut Unstructured<'_>, right: U256) -> Result<U256> {
    let small = |number: u64| U256::from(number);
    Ok(match u.int_in_range(0..=7)? {
        0 if u.ratio(1, 2)? => right - U256::from(27),
        0 => small(u.int_in_range(0..=8)?),
        1 => small(u.int_in_range(24..=34)?),
        2 => small(u.int_in_range(35..=40)?),
        3 => small(*u.choose(&[0xff, 0x100, 0x11b, 0x11c])?),
        4 => right | (U256::ONE << u.int_in_range(8..=255)?),
        5 => right << 248,
        6 => right | (U256::MAX << 8),
        _ => number(u)? << 8 | right,
    })
}
