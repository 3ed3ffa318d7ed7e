//! Inputs with one bit of one field changed: another strategy's, or with a bound in that field. What a subject says
//! to an input and its neighbours in turn is the law of memory's to ask, as a strategy makes one case at a time.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::class::Family;
use super::{Made, Strategy, scalar_of_another};
use crate::input::bytes::{Bytes, Word};
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};
use crate::judge::fact::Fact;
use crate::reference::SECP256K1;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "neighbour",
    about: "another strategy's input, or n, n/2, p or 0 in a field of it, with one bit changed",
    reaches: &[Fact::SNotBelowN, Fact::RNotBelowN],
    classes: &[Family::Neighbours],
    make,
};

/// The bounds, with their names.
pub(crate) static BOUNDS: LazyLock<[(&str, U256); 4]> = LazyLock::new(|| {
    let (n, p) = (SECP256K1.n, SECP256K1.p);
    [("n", n), ("half-n", n >> 1), ("p", p), ("0", U256::ZERO)]
});

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    Ok(Made::unknown(of_scalar(scalar_of_another(u)?.0, u)?))
}

/// An input with one bit of one field changed, which may be a bound's.
pub(super) fn of(input: &Input, u: &mut Unstructured<'_>) -> Result<Input> {
    Ok(match input {
        Input::Scalar(scalar) => of_scalar(*scalar, u)?.into(),
        Input::Prehash(prehash) => {
            let PrehashInput { r, s, recovery_id, .. } = *prehash;
            let ScalarInput { digest, r, s, recovery_id } =
                of_scalar(ScalarInput { digest: Word([0; 32]), r, s, recovery_id }, u)?;
            // The bits that changed in a digest of zeros, or a bound, change the prehash.
            let mut bytes = prehash.prehash.0.clone();
            bytes.iter_mut().zip(digest.0).for_each(|(byte, changed)| *byte ^= changed);
            Input::Prehash(PrehashInput { prehash: Bytes(bytes), r, s, recovery_id })
        }
        Input::Call(call) => {
            let mut calldata = call.calldata.0.clone();
            match u.int_in_range(0..=3)? {
                0 => calldata.truncate(u.int_in_range(0..=calldata.len())?),
                1 => calldata.push(u.arbitrary()?),
                _ if calldata.is_empty() => {}
                _ => {
                    let at = u.choose_index(calldata.len())?;
                    calldata[at] ^= 1 << u.int_in_range(0..=7)?;
                }
            }
            Input::Call(CallInput { calldata: Bytes(calldata), gas: call.gas })
        }
    })
}

fn of_scalar(mut input: ScalarInput, u: &mut Unstructured<'_>) -> Result<ScalarInput> {
    let field = match u.int_in_range(0..=6)? {
        0 | 1 => &mut input.digest,
        2 | 3 => &mut input.r,
        4 | 5 => &mut input.s,
        _ => {
            input.recovery_id ^= 1 << u.int_in_range(0..=7)?;
            return Ok(input);
        }
    };
    if u.arbitrary()? {
        *field = Word::from(u.choose(&*BOUNDS)?.1);
    }
    let bit: u8 = u.arbitrary()?;
    field.0[usize::from(bit / 8)] ^= 1 << (bit % 8);
    Ok(input)
}
