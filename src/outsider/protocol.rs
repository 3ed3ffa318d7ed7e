//! What a program and the harness say to each other, a line of JSON each. `docs/protocol.md` documents it for
//! those who write a program, `docs/protocol.schema.json` describes it.

use serde::{Deserialize, Serialize};

use crate::input::bytes::{Bytes, Word, to_hex};
use crate::input::key::{Address, PublicKey};
use crate::input::{CallInput, Input, ScalarInput};
use crate::reference::answer::ECRECOVER_GAS;
use crate::subject::Outcome;

/// The version of the protocol.
pub const VERSION: u32 = 1;

/// A program's first line: who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// The version of the protocol that it speaks.
    pub ecrecheck: u32,
    /// What divergences and reports call it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whose arithmetic runs: a package's name. Its own, where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// That package's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_version: Option<String>,
    /// What it can be asked.
    pub operations: Vec<Operation>,
}

/// What a program can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Digest, r, s and recovery id.
    Recover,
    /// The same with a prehash.
    Prehash,
    /// Calldata and gas of a call of `ecrecover`.
    Call,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What the answer says again.
    pub id: u64,
    /// What is asked.
    #[serde(flatten)]
    pub question: Question,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum Question {
    /// See [`ScalarInput`].
    Recover {
        /// 32 bytes.
        digest: Word,
        /// 32 bytes.
        r: Word,
        /// 32 bytes.
        s: Word,
        /// 0 to 255.
        recovery_id: u8,
    },
    /// See [`crate::input::PrehashInput`].
    Prehash {
        /// Of any length.
        prehash: Bytes,
        /// 32 bytes.
        r: Word,
        /// 32 bytes.
        s: Word,
        /// 0 to 255.
        recovery_id: u8,
    },
    /// See [`CallInput`].
    Call {
        /// Of any length.
        calldata: Bytes,
        /// What the call is given.
        gas: u64,
    },
}

/// An answer: its id and one of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Answer {
    /// The question's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// A public key: SEC 1's 65 or 33 bytes, or its 64 bytes x || y.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Bytes>,
    /// An address: 20 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Bytes>,
    /// What a call returned; with `success`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returndata: Option<Bytes>,
    /// Whether the call succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// The gas that the call took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas_used: Option<u64>,
    /// A key for each recovery id that has one, where the interface takes no recovery id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Vec<Bytes>>,
    /// It said no, in these words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<String>,
    /// Its interface cannot express the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<String>,
    /// It threw what is no rejection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub panicked: Option<String>,
}

impl Question {
    /// The operation that it is of.
    pub fn operation(&self) -> Operation {
        match self {
            Self::Recover { .. } => Operation::Recover,
            Self::Prehash { .. } => Operation::Prehash,
            Self::Call { .. } => Operation::Call,
        }
    }
}

impl From<&Input> for Question {
    fn from(input: &Input) -> Self {
        match input.clone() {
            Input::Scalar(ScalarInput { digest, r, s, recovery_id }) => {
                Self::Recover { digest, r, s, recovery_id }
            }
            Input::Prehash(input) => {
                let crate::input::PrehashInput { prehash, r, s, recovery_id } = input;
                Self::Prehash { prehash, r, s, recovery_id }
            }
            Input::Call(CallInput { calldata, gas }) => Self::Call { calldata, gas },
        }
    }
}

impl Answer {
    /// What it says of this input.
    pub fn outcome(&self, input: &Input) -> Outcome {
        let Self {
            id: _,
            key,
            address,
            returndata,
            success,
            gas_used,
            candidates,
            rejected,
            unsupported,
            panicked,
        } = self;
        let given = [
            key.is_some(),
            address.is_some(),
            returndata.is_some(),
            candidates.is_some(),
            rejected.is_some(),
            unsupported.is_some(),
            panicked.is_some(),
        ];
        let malformed = |how: String| Outcome::Malformed { how };
        let of_call = matches!(input, Input::Call(_));
        if given.iter().filter(|given| **given).count() != 1 {
            return malformed(
                "an answer is one of key, address, returndata, candidates, rejected, unsupported, panicked"
                    .into(),
            );
        }
        if returndata.is_some() != success.is_some() || (gas_used.is_some() && returndata.is_none()) {
            return malformed("`returndata` and `success` belong together, and `gas_used` to both".into());
        }
        if let Some(Bytes(returndata)) = returndata {
            return match (input, success) {
                (Input::Call(call), Some(success)) => returned(*success, returndata, *gas_used, call.gas),
                _ => malformed("returndata, and the question was no call".into()),
            };
        }
        if of_call && (key.is_some() || address.is_some() || candidates.is_some()) {
            return malformed("the question was a call: its answer is `returndata` and `success`".into());
        }
        if let Some(Bytes(key)) = key {
            return public_key(key).map_or_else(malformed, Outcome::key);
        }
        if let Some(Bytes(address)) = address {
            return match address.as_slice().try_into() {
                Ok(address) => Outcome::Recovered { address: Address(address), public_key: None },
                Err(_) => malformed(format!("address {}", to_hex(address))),
            };
        }
        if let Some(candidates) = candidates {
            let keys: Result<Vec<_>, _> = candidates.iter().map(|key| public_key(&key.0)).collect();
            return match (keys, input) {
                (Err(how), _) => malformed(how),
                (Ok(keys), Input::Scalar(input)) => Outcome::candidates(&keys, input),
                (Ok(keys), Input::Prehash(input)) => Outcome::candidates(&keys, &input.leftmost()),
                (Ok(_), Input::Call(_)) => unreachable!("refused above"),
            };
        }
        match (rejected, unsupported, panicked) {
            (Some(words), _, _) => Outcome::rejected(words),
            (_, Some(what), _) => Outcome::unsupported(what),
            (_, _, Some(message)) => Outcome::Panicked { message: message.clone() },
            _ => unreachable!("one of them is given"),
        }
    }
}

/// What a call's answer says. The gas of a call that fails is all that it was given.
pub(super) fn returned(success: bool, returndata: &[u8], gas_used: Option<u64>, gas: u64) -> Outcome {
    let expected = if success { ECRECOVER_GAS } else { gas };
    match gas_used {
        Some(used) if used != expected => {
            Outcome::Malformed { how: format!("the call used {used} gas, expected {expected}") }
        }
        _ => Outcome::returned(success, returndata),
    }
}

fn public_key(bytes: &[u8]) -> Result<PublicKey, String> {
    let wrong = || format!("key {}", to_hex(bytes));
    match bytes {
        [4, coordinates @ ..] if coordinates.len() == 64 => Ok(coordinates),
        coordinates if coordinates.len() == 64 => Ok(coordinates),
        [2 | 3, ..] if bytes.len() == 33 => return to_hex(bytes).parse().map_err(|_| wrong()),
        _ => Err(wrong()),
    }
    .map(|coordinates| {
        let mut key = PublicKey { x: [0; 32], y: [0; 32] };
        key.x.copy_from_slice(&coordinates[..32]);
        key.y.copy_from_slice(&coordinates[32..]);
        key
    })
}
