//! Straight code: numbers into memory, one call of `ecrecover`, and what is stored of it. Whatever else code does is
//! not understood, and said so.

use ruint::aliases::U256;

use crate::input::CallInput;
use crate::input::bytes::Bytes;

/// The most memory that is looked at.
const MAX_MEMORY: usize = 4096;

/// What code does.
#[derive(Debug)]
pub(super) struct Trace {
    /// The call.
    pub(super) call: CallInput,
    /// Where the call's output goes in memory.
    pub(super) window: usize,
    /// What is stored, by slot.
    pub(super) stored: Vec<(U256, Stored)>,
    /// The memory before the call.
    memory: Vec<u8>,
}

/// What a slot is given.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stored {
    /// Whether the call succeeded.
    Success,
    /// The word at this place of the memory after the call.
    Memory(usize),
    /// A number.
    Number(U256),
}

impl Trace {
    /// The word at a place of the memory before the call.
    pub(super) fn word(&self, at: usize) -> U256 {
        let mut word = [0; 32];
        for (byte, from) in word.iter_mut().zip(self.memory.iter().skip(at)) {
            *byte = *from;
        }
        U256::from_be_bytes(word)
    }
}

/// Reads code.
pub(super) fn trace(code: &[u8]) -> Result<Trace, String> {
    let mut stack: Vec<Stored> = Vec::new();
    let mut memory = vec![0; MAX_MEMORY];
    let mut called: Option<(CallInput, usize)> = None;
    let mut stored = Vec::new();
    let mut rest = code;
    while let Some((opcode, after)) = rest.split_first() {
        rest = after;
        let mut pop = || stack.pop().ok_or("the code takes more than is on the stack");
        match opcode {
            0x00 => break,
            0x50 => drop(pop()?),
            0x51 => {
                let at = place(number(pop()?)?, 32)?;
                called.as_ref().ok_or("the code loads memory before the call")?;
                stack.push(Stored::Memory(at));
            }
            0x52 => {
                let (at, value) = (place(number(pop()?)?, 32)?, number(pop()?)?);
                if called.is_some() {
                    return Err("the code changes memory after the call".to_owned());
                }
                memory[at..at + 32].copy_from_slice(&value.to_be_bytes::<32>());
            }
            0x55 => {
                let slot = number(pop()?)?;
                stored.push((slot, pop()?));
            }
            0x5f..=0x7f => {
                let (digits, after) =
                    rest.split_at_checked(usize::from(opcode - 0x5f)).ok_or("the code ends in a number")?;
                rest = after;
                stack.push(Stored::Number(U256::try_from_be_slice(digits).unwrap_or_default()));
            }
            // CALL and CALLCODE have a value, DELEGATECALL and STATICCALL have none.
            0xf1 | 0xf2 | 0xf4 | 0xfa => {
                let (gas, to) = (number(pop()?)?, number(pop()?)?);
                let value = if matches!(opcode, 0xf1 | 0xf2) { number(pop()?)? } else { U256::ZERO };
                let from = number(pop()?)?;
                let size: usize = number(pop()?)?.saturating_to();
                let (window, window_size) = (number(pop()?)?, number(pop()?)?.saturating_to());
                if to != U256::ONE || !value.is_zero() || called.is_some() {
                    return Err("the code calls more than ecrecover, or with a value".to_owned());
                }
                let (from, window) = (place(from, size)?, place(window, window_size)?);
                let calldata = Bytes(memory[from..from + size].to_vec());
                called = Some((CallInput { calldata, gas: gas.saturating_to() }, window));
                stack.push(Stored::Success);
            }
            other => return Err(format!("the code does more than call and store (opcode {other:#04x})")),
        }
    }
    let (call, window) = called.ok_or("the code does not call ecrecover")?;
    Ok(Trace { call, window, stored, memory })
}

fn number(value: Stored) -> Result<U256, String> {
    match value {
        Stored::Number(number) => Ok(number),
        _ => Err("the code computes with what the call gives".to_owned()),
    }
}

/// A place in memory with so many bytes behind it.
fn place(at: U256, size: usize) -> Result<usize, String> {
    let at: usize = at.saturating_to();
    let fits = at.checked_add(size).is_some_and(|end| end <= MAX_MEMORY);
    fits.then_some(at).ok_or_else(|| format!("the code uses more than {MAX_MEMORY} bytes of memory"))
}
