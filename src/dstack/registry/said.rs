//! What a contract said to a proof, in words.

use std::fmt;

use alloy_dyn_abi::{DynSolValue, JsonAbiExt as _};
use alloy_json_abi::JsonAbi;
use revm::primitives::Log;
use ruint::aliases::U256;

use crate::input::bytes::to_hex;
use crate::input::key::Address;

/// What a contract said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It took the proof.
    Accepted {
        /// What it returned.
        returned: Vec<u8>,
        /// What it logged.
        logs: Vec<Log>,
    },
    /// It did not.
    Refused(ContractRefusal),
    /// It gave no answer: it ran out of gas, or reached an invalid instruction.
    Stopped(String),
    /// It was not asked, and why: what it was to be asked cannot be said in its parameters' types, or it is
    /// deployed with another root or purpose.
    NotAsked(String),
}

/// How a contract refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractRefusal {
    /// Whether it was the deployment, or a call of the setup, that it refused.
    pub before_the_proof: bool,
    /// What it reverted with; or what it returned, where that was zero and means no.
    pub data: Vec<u8>,
    /// The data in words.
    pub words: RevertReason,
}

/// What a contract reverts with, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevertReason {
    /// A custom error.
    Error {
        /// Its name.
        name: String,
        /// Its arguments, as people write them.
        arguments: Vec<String>,
    },
    /// The reason of a `require`.
    Text(String),
    /// Solidity's own checks: the code says which.
    Panic(U256),
    /// No words at all.
    Nothing,
    /// It returned zero.
    Zero,
    /// Data that is neither.
    Unknown,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted { .. } => f.write_str("accepted"),
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
            Self::Stopped(how) => write!(f, "no answer: {how}"),
            Self::NotAsked(why) => write!(f, "not asked: {why}"),
        }
    }
}

impl fmt::Display for ContractRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A contract, or a node, may say megabytes.
        const MOST: usize = 600;
        let words = match &self.words {
            RevertReason::Error { name, arguments } => format!("{name}({})", arguments.join(", ")),
            RevertReason::Text(text) => format!("{text:?}"),
            RevertReason::Panic(code) => format!("Panic(0x{code:02x})"),
            RevertReason::Nothing => "without a word".to_owned(),
            RevertReason::Zero => "returned zero".to_owned(),
            RevertReason::Unknown => format!("unknown data {}", to_hex(&self.data)),
        };
        match words.char_indices().nth(MOST) {
            Some((end, _)) => write!(f, "{}…", &words[..end])?,
            None => f.write_str(&words)?,
        }
        if self.before_the_proof { f.write_str(" when it was deployed") } else { Ok(()) }
    }
}

impl RevertReason {
    /// What data means by a contract's interface.
    pub(super) fn of(abi: &JsonAbi, data: &[u8]) -> Self {
        let Some((selector, arguments)) = data.split_first_chunk::<4>() else {
            return if data.is_empty() { Self::Nothing } else { Self::Unknown };
        };
        // Error(string) and Panic(uint256), which every compiler writes.
        let builtin = |signature: &str| alloy_json_abi::Error::parse(signature).ok();
        let known = abi.errors().cloned().chain(builtin("Error(string)")).chain(builtin("Panic(uint256)"));
        let Some(error) = known.into_iter().find(|error| error.selector() == *selector) else {
            return Self::Unknown;
        };
        let Ok(values) = error.abi_decode_input(arguments) else { return Self::Unknown };
        match (error.name.as_str(), values.as_slice()) {
            ("Error", [text]) if text.as_str().is_some() => {
                Self::Text(text.as_str().unwrap_or_default().to_owned())
            }
            ("Panic", [code]) if code.as_uint().is_some() => {
                Self::Panic(code.as_uint().map(|(code, _)| code).unwrap_or_default())
            }
            _ => Self::Error { name: error.name, arguments: values.iter().map(argument).collect() },
        }
    }
}

/// As people write it.
fn argument(value: &DynSolValue) -> String {
    match value {
        DynSolValue::Address(address) => Address(address.into_array()).to_string(),
        DynSolValue::Uint(number, _) => number.to_string(),
        DynSolValue::Int(number, _) => number.to_string(),
        DynSolValue::Bool(truth) => truth.to_string(),
        DynSolValue::FixedBytes(word, size) => to_hex(&word[..*size]),
        DynSolValue::Bytes(bytes) => to_hex(bytes),
        DynSolValue::String(text) => format!("{text:?}"),
        other => to_hex(other.abi_encode()),
    }
}
