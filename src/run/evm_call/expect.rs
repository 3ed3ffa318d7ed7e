//! What must come of a call, from the right answer and the Yellow Paper's gas (as of EIP-2929 and EIP-161).

use super::{CallKind, Effect, Situation};
use crate::input::{CallInput, Input};
use crate::reference::answer::{Answer, ECRECOVER_GAS, Expectation, Refusal};

/// What any call of a precompile costs: its address is warm (EIP-2929).
const WARM: u64 = 100;
/// What a call with value costs more (Yellow Paper, G_callvalue).
const VALUE: u64 = 9_000;
/// What the callee is given on top of the gas that is named, where there is value (G_callstipend).
const STIPEND: u64 = 2_300;
/// What CALL with value costs more where the callee's account is not there (G_newaccount, EIP-161).
const NEW_ACCOUNT: u64 = 25_000;

impl Situation {
    /// The call that the precompile sees: with value there is more gas than was named.
    pub(super) fn call_within(&self) -> CallInput {
        CallInput { gas: self.call.gas.saturating_add(self.stipend()), ..self.call.clone() }
    }

    fn stipend(&self) -> u64 {
        if self.kind.value() > 0 { STIPEND } else { 0 }
    }

    /// The right answer to the call that the precompile sees.
    pub(super) fn answer(&self) -> Answer {
        Answer::to(&Input::Call(self.call_within()))
    }

    /// What must come of it.
    pub fn expected(&self) -> Effect {
        self.expected_of(&self.answer())
    }

    pub(super) fn expected_of(&self, answer: &Answer) -> Effect {
        let value = self.kind.value();
        let untouched = Effect {
            success: false,
            returndata: Vec::new(),
            gas: self.price_before_the_callee(),
            memory: self.memory(),
            callee_balance: self.callee_balance,
        };
        if value > self.balance {
            // The callee is not reached, and the gas that it was to be given comes back, the stipend too.
            return Effect { gas: untouched.gas - self.stipend(), ..untouched };
        }
        let word = match answer.expectation {
            // All the gas that was named is gone. (The stipend was never the caller's.)
            Expectation::Rejected(Refusal::OutOfGas) => {
                return Effect { gas: untouched.gas + self.call.gas, ..untouched };
            }
            Expectation::Rejected(_) => Vec::new(),
            Expectation::Recovered { address, .. } => [[0; 12].as_slice(), &address.0].concat(),
        };
        let mut memory = untouched.memory;
        let written = word.len().min(self.output_size);
        memory[self.output..self.output + written].copy_from_slice(&word[..written]);
        let received = if matches!(self.kind, CallKind::Call { .. }) { value } else { 0 };
        Effect {
            success: true,
            returndata: word,
            gas: untouched.gas + ECRECOVER_GAS - self.stipend(),
            memory,
            callee_balance: self.callee_balance + received,
        }
    }

    fn price_before_the_callee(&self) -> u64 {
        let value = self.kind.value() > 0;
        let new = value && self.callee_balance == 0 && matches!(self.kind, CallKind::Call { .. });
        WARM + if value { VALUE } else { 0 } + if new { NEW_ACCOUNT } else { 0 }
    }
}
