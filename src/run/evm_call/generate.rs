//! Situations from bytes.

use arbitrary::{Arbitrary, Result, Unstructured};

use super::{CallKind, Situation};
use crate::generate::any_call;

/// The bytes are the only source of choice; where they end, zeros are read.
impl<'a> Arbitrary<'a> for Situation {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        situation(u)
    }
}

fn situation(u: &mut Unstructured<'_>) -> Result<Situation> {
    let value = match u.int_in_range(0..=3)? {
        0 => 0,
        1 => 1,
        _ => u.int_in_range(1..=1_000)?,
    };
    let kind = match u.int_in_range(0..=3)? {
        0 => CallKind::StaticCall,
        1 => CallKind::Call { value },
        2 => CallKind::CallCode { value },
        _ => CallKind::DelegateCall,
    };
    let balance = match u.int_in_range(0..=4)? {
        0 => value.saturating_sub(1),
        1 => value,
        _ => 1_000_000,
    };
    let callee_balance = u64::from(u.ratio(1, 2)?);
    let input = offset(u)?;
    let output_size = match u.int_in_range(0..=5)? {
        0 => 0,
        1 => u.int_in_range(1..=31)?,
        2 => 64,
        3 => u.int_in_range(33..=Situation::FURTHEST)?,
        _ => 32,
    };
    // As often as not the output area overlaps the input.
    let output = if u.ratio(1, 2)? { input + u.int_in_range(0..=127)? } else { offset(u)? };
    let dirt = *u.choose(&[0xff, 0x00, 0x5a])?;
    let mut call = any_call(u)?;
    // With value there is a stipend of 2300: gas of 700 is then enough, and of 699 short.
    if kind.value() > 0 && u.ratio(1, 2)? {
        call.gas = u.int_in_range(699..=701)?;
    }
    let output = output.min(Situation::FURTHEST);
    Ok(Situation { call, kind, balance, callee_balance, input, output, output_size, dirt })
}

fn offset(u: &mut Unstructured<'_>) -> Result<usize> {
    Ok(match u.int_in_range(0..=3)? {
        0 => 0,
        1 => 32 * u.int_in_range(0..=8)?,
        _ => u.int_in_range(0..=Situation::FURTHEST)?,
    })
}
