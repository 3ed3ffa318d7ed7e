//! What a program and the harness say to each other, a line of JSON each. `docs/protocol.md` documents it for
//! those who write a program, `docs/protocol.schema.json` describes it.

use std::collections::BTreeMap;

use semver::Version;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{is_name, words};
use crate::format::Message;
use crate::input::bytes::{Bytes, Word, to_hex};
use crate::input::key::{Address, PublicKey};
use crate::input::{CallInput, Input, ScalarInput};
use crate::reference::answer::ECRECOVER_GAS;
use crate::subject::{Identity, Outcome};

/// The version of the protocol.
pub const VERSION: u32 = 1;

/// A program's first line: who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// The version of the protocol that it speaks.
    pub ecrecheck: u32,
    /// What divergences and reports call it: letters, digits, `.`, `_` and `-`.
    pub name: String,
    /// Its version: a semantic one, or one or two numbers.
    pub version: String,
    /// Whose arithmetic runs: a package's name. Its own, where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub code: Option<String>,
    /// That package's version.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
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
    /// A known format and its fields: what is hashed.
    Digest,
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
    /// See [`Message`].
    Digest {
        /// The known format's name.
        format: String,
        /// The fields' values.
        fields: BTreeMap<String, Bytes>,
    },
}

/// An answer: its id and one of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Answer {
    /// The question's.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub id: Option<u64>,
    /// A public key: SEC 1's 65 or 33 bytes, or its 64 bytes x || y.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub key: Option<Bytes>,
    /// An address: 20 bytes.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub address: Option<Bytes>,
    /// What a call returned; with `success`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub returndata: Option<Bytes>,
    /// Whether the call succeeded.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub success: Option<bool>,
    /// The gas that the call took.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub gas_used: Option<u64>,
    /// A key for each recovery id that has one, where the interface takes no recovery id.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub candidates: Option<Vec<Bytes>>,
    /// What is signed: 32 bytes.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub digest: Option<Bytes>,
    /// It said no, in these words.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub rejected: Option<String>,
    /// Its interface cannot express the question.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub unsupported: Option<String>,
    /// It threw what is no rejection.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub panicked: Option<String>,
    /// What it gave is no answer: how.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub malformed: Option<String>,
}

/// What is left out is not there; a null is no value.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl Hello {
    /// Reads a program's first line.
    ///
    /// # Errors
    /// It is no hello of this version of the protocol, in words that follow the program's name.
    pub fn read(line: &[u8]) -> Result<Self, String> {
        let json: Value = serde_json::from_slice(line).map_err(|_| "its first line is no JSON")?;
        match json.get("ecrecheck").and_then(Value::as_u64) {
            None => return Err("its first line is no hello: expected {\"ecrecheck\": 1, …}".into()),
            Some(version) if version != u64::from(VERSION) => {
                return Err(format!("it speaks version {version} of the protocol, expected {VERSION}"));
            }
            Some(_) => {}
        }
        let hello: Self =
            serde_json::from_slice(line).map_err(|error| format!("its hello has an error, {error}"))?;
        let Self { name, version: own, code, code_version, operations, .. } = &hello;
        let unknown =
            [Some(own), code_version.as_ref()].into_iter().flatten().find(|text| version(text).is_none());
        let wrong = if !is_name(name) {
            format!("name {name:?}: expected letters, digits, `.`, `_` and `-`, and not `reference`")
        } else if let Some(unknown) = unknown {
            format!("version {unknown:?}: expected one like 1.2.3")
        } else if code.as_ref().is_some_and(|code| !is_code(code)) {
            format!("code {code:?}: expected a package's name")
        } else if code.is_some() != code_version.is_some() {
            "code: `code` and `code_version` belong together".to_owned()
        } else if operations.is_empty() {
            "list of operations: expected at least one".to_owned()
        } else {
            return Ok(hello);
        };
        Err(format!("its hello has a wrong {}", words(&wrong)))
    }

    /// Who it is, under this name.
    pub fn identity(&self, name: &str) -> Identity {
        let version =
            |text: &str| version(text).map_or_else(|| text.to_owned(), |version| version.to_string());
        let code = self.code.as_deref().unwrap_or(name);
        let own = Identity::new(name, &version(&self.version), code);
        match self.code_version.as_deref().and_then(self::version) {
            Some(of_code) => own.computed_by(code, of_code),
            None => own,
        }
    }
}

/// The version of a subject that does not know its own.
pub(super) const UNKNOWN_VERSION: &str = "0.0.0";

/// A semantic version; many have fewer than its three numbers.
pub(super) fn version(text: &str) -> Option<Version> {
    let numbers = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let missing = match text.split('.').count() {
        1 if numbers => ".0.0",
        2 if numbers => ".0",
        _ => "",
    };
    Version::parse(&format!("{text}{missing}")).ok()
}

/// Whether it can be a package's name.
fn is_code(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.chars().all(|c| c.is_ascii_graphic())
}

impl Request {
    /// As it is written: a line, its end included.
    pub fn line(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).unwrap_or_else(|_| unreachable!("it is numbers and texts"));
        line.push(b'\n');
        line
    }
}

impl Question {
    /// The operation that it is of.
    pub fn operation(&self) -> Operation {
        match self {
            Self::Recover { .. } => Operation::Recover,
            Self::Prehash { .. } => Operation::Prehash,
            Self::Call { .. } => Operation::Call,
            Self::Digest { .. } => Operation::Digest,
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

impl From<&Message> for Question {
    fn from(message: &Message) -> Self {
        let fields = message.fields.iter().map(|(name, value)| (name.to_owned(), Bytes(value.to_vec())));
        Self::Digest { format: message.format.clone().unwrap_or_default(), fields: fields.collect() }
    }
}

impl Answer {
    /// What it says of this input.
    pub fn outcome(&self, input: &Input) -> Outcome {
        let Self { key, address, returndata, success, gas_used, candidates, .. } = self;
        let malformed = |how: String| Outcome::Malformed { how };
        let of_call = matches!(input, Input::Call(_));
        if let Some(how) = self.contradiction() {
            return malformed(how.into());
        }
        if self.digest.is_some() {
            return malformed("a digest, and the question was a recovery".into());
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
        self.no_result()
    }

    /// The digest that it gives, or what it says instead.
    pub fn digest(&self) -> Result<Word, Outcome> {
        let malformed = |how: String| Outcome::Malformed { how };
        if let Some(how) = self.contradiction() {
            return Err(malformed(how.into()));
        }
        if let Some(Bytes(digest)) = &self.digest {
            let word = digest.as_slice().try_into().map(Word);
            return word.map_err(|_| malformed(format!("digest {}", to_hex(digest))));
        }
        Err(self.no_result())
    }

    /// How it contradicts itself, if it does.
    fn contradiction(&self) -> Option<&'static str> {
        let Self { id: _, key, address, returndata, success, gas_used, candidates, digest, .. } = self;
        let Self { rejected, unsupported, panicked, malformed, .. } = self;
        let given = [
            key.is_some(),
            address.is_some(),
            returndata.is_some(),
            candidates.is_some(),
            digest.is_some(),
            rejected.is_some(),
            unsupported.is_some(),
            panicked.is_some(),
            malformed.is_some(),
        ];
        if given.iter().filter(|given| **given).count() != 1 {
            Some(
                "an answer is one of key, address, returndata, candidates, digest, rejected, unsupported, panicked, malformed",
            )
        } else if returndata.is_some() != success.is_some() || (gas_used.is_some() && returndata.is_none()) {
            Some("`returndata` and `success` belong together, and `gas_used` to both")
        } else {
            None
        }
    }

    /// What it says in place of a result.
    fn no_result(&self) -> Outcome {
        match (&self.rejected, &self.unsupported, &self.panicked, &self.malformed) {
            (Some(said), ..) => Outcome::rejected(words(said)),
            (_, Some(what), ..) => Outcome::unsupported(&words(what)),
            (_, _, Some(message), _) => Outcome::Panicked { message: words(message) },
            (_, _, _, Some(how)) => Outcome::Malformed { how: words(how) },
            _ => Outcome::Malformed { how: "the answer to another operation".into() },
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
