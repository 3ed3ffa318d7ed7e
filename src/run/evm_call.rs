//! `ecrecover` as a contract meets it: called by CALL, STATICCALL, DELEGATECALL and CALLCODE, with value and
//! without, with gas enough and short, into an output area of any size anywhere in a memory that is not clean.
//!
//! What must come of it is computed from the right answer ([`Situation::expected`]), down to the gas and to
//! every byte of the memory, and held to what revm does ([`Situation::executed`]). The precompile called as
//! a function and the crypto provider called alone must say the same.

mod effect;
mod expect;
mod generate;
mod run;

use std::fmt;
use std::sync::Arc;

use revm::precompile::{Crypto, DefaultCrypto};

use crate::input::CallInput;
use crate::judge::finding::Finding;
use crate::subject::evm::backend::K256Crypto;

/// The opcode by which a contract calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// CALL, which moves the value to the callee.
    Call {
        /// In wei.
        value: u64,
    },
    /// STATICCALL.
    StaticCall,
    /// DELEGATECALL.
    DelegateCall,
    /// CALLCODE, whose value stays where it is.
    CallCode {
        /// In wei.
        value: u64,
    },
}

impl CallKind {
    /// The value that the call is made with.
    pub const fn value(self) -> u64 {
        match self {
            Self::Call { value } | Self::CallCode { value } => value,
            Self::StaticCall | Self::DelegateCall => 0,
        }
    }
}

impl fmt::Display for CallKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call { value } => write!(f, "CALL with {value} wei"),
            Self::StaticCall => f.write_str("STATICCALL"),
            Self::DelegateCall => f.write_str("DELEGATECALL"),
            Self::CallCode { value } => write!(f, "CALLCODE with {value} wei"),
        }
    }
}

/// A call of `ecrecover` with all that surrounds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// The calldata and the gas that the caller names.
    pub call: CallInput,
    /// How it is called.
    pub kind: CallKind,
    /// What the calling contract owns, in wei.
    pub balance: u64,
    /// What the precompile's address owns before, in wei: with nothing it is an account that is not there.
    pub callee_balance: u64,
    /// Where in the memory the calldata begins, at most [`Situation::FURTHEST`].
    pub input: usize,
    /// Where in the memory the output area begins, at most [`Situation::FURTHEST`].
    pub output: usize,
    /// How many bytes the output area has, at most [`Situation::FURTHEST`].
    pub output_size: usize,
    /// The byte that fills the memory wherever the calldata does not stand.
    pub dirt: u8,
}

/// What a call does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The flag that the opcode leaves.
    pub success: bool,
    /// What RETURNDATASIZE and RETURNDATACOPY give.
    pub returndata: Vec<u8>,
    /// What the opcode cost, with what the callee used.
    pub gas: u64,
    /// The caller's memory.
    pub memory: Vec<u8>,
    /// What the precompile's address owns, in wei.
    pub callee_balance: u64,
}

impl Situation {
    /// The largest offset, size and calldata.
    pub const FURTHEST: usize = 1024;

    /// The caller's memory before the call: dirt, the calldata in its place, and a word of dirt after all that
    /// is used. Whole words, so that the call does not grow it.
    pub fn memory(&self) -> Vec<u8> {
        let calldata = &self.call.calldata.0;
        let input_end = self.input + calldata.len();
        let end = input_end.max(self.output + self.output_size) + 32;
        let mut memory = vec![self.dirt; end.next_multiple_of(32)];
        memory[self.input..input_end].copy_from_slice(calldata);
        memory
    }
}

impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, kind, balance, callee_balance, input, output, output_size, dirt } = self;
        write!(
            f,
            "{kind}, gas {}, calldata {} at {input}, output of {output_size} bytes at {output}, memory of \
             {dirt:02x}, the caller owns {balance} wei and the callee {callee_balance}",
            call.gas, call.calldata
        )
    }
}

impl Situation {
    /// Holds revm to what must come out, on each of its backends.
    pub fn examine(&self) -> Vec<Finding> {
        let backends: [(&str, Arc<dyn Crypto>); 2] =
            [("revm on libsecp256k1", Arc::new(DefaultCrypto)), ("revm on k256", Arc::new(K256Crypto))];
        backends.into_iter().filter_map(|(name, backend)| self.check(name, &backend)).collect()
    }

    /// Holds the precompile, the provider and the executed call to what must come out, on one backend: what
    /// differs, if anything does.
    pub fn check(&self, name: &str, backend: &Arc<dyn Crypto>) -> Option<Finding> {
        let answer = self.answer();
        let mut differences = self.unlike_functions(&answer, backend);
        match self.executed(backend) {
            Ok(seen) => differences.extend(self.expected_of(&answer).unlike(&seen)),
            Err(how) => differences.push(how),
        }
        let said = || format!("{}; in {self}", differences.join("; "));
        (!differences.is_empty()).then(|| Finding::of_component(name, said()))
    }
}
