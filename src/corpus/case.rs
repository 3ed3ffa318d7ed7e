//! Cases: an input with an id, and what must come out; a line of the corpus.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Serialize;

use crate::format::Message;
use crate::input::Input;
use crate::input::bytes::{HexError, Word, array_from_hex, text_form, to_hex};
use crate::input::key::{Address, PublicKey};
use crate::input::signature::{Wire, WireError};
use crate::judge::fact::Fact;
use crate::reference::answer::Refusal;

/// One input with an id, and what must come out: a line of the corpus.
#[derive(Debug, Clone)]
pub struct Case {
    /// `group::name`, unique.
    pub id: String,
    /// What is special about it, in a line.
    pub about: String,
    /// Whether it is somebody's signature or an input that was made up.
    pub kind: CaseKind,
    /// Where the values, or the class of input, come from.
    pub source: String,
    /// Where it stands.
    pub place: Place,
    /// What was signed, where that is known.
    pub message: Option<Message>,
    /// The signature's layout and bytes, where it is given as it stands on the wire.
    pub wire: Option<(Wire, Vec<u8>)>,
    /// What subjects are asked: one input, or, of a case without a recovery id, one with each from 0 to 3. Nothing
    /// where the signature cannot be taken apart.
    pub inputs: Result<Vec<Input>, WireError>,
    /// Facts that the input must have; it may have more.
    pub facts: BTreeSet<Fact>,
    /// What must come out.
    pub expect: Expect,
}

impl Case {
    /// What subjects are asked.
    pub fn asked(&self) -> impl Iterator<Item = &Input> {
        self.inputs.iter().flatten()
    }
}

/// Whether a text is an id: `group::name`, of lowercase letters, digits, `-` and `.`, each part beginning with a letter
/// or digit. The parts are names of files in some exports.
pub(crate) fn is_id(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let part = |part: &str| {
        part.starts_with(alphanumeric) && part.chars().all(|c| alphanumeric(c) || "-.".contains(c))
    };
    text.split_once("::").is_some_and(|(group, name)| part(group) && part(name))
}

/// What an id is, in words.
pub(crate) const ID_FORM: &str = "an id, group::name of lowercase letters, digits, `-` and `.`";

/// What kind of case it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseKind {
    /// A signature that stands in a public source.
    Published,
    /// A signature that was made with a published test key.
    Computed,
    /// An input that was made up.
    Made,
}

impl CaseKind {
    /// Whether it is a fixture: somebody's signature over a message.
    pub fn is_fixture(self) -> bool {
        self != Self::Made
    }
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// Where in the file.
    pub spot: Spot,
}

/// See [`Place`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// The line, the first being 1.
    Line(usize),
    /// What the vector is called in a file of vectors: its number or name, and what it says of itself.
    Vector(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.spot {
            Spot::Line(line) => write!(f, "{}:{line}", self.file.display()),
            Spot::Vector(vector) => write!(f, "{}: {vector}", self.file.display()),
        }
    }
}

/// What a case's author typed, to be held against what comes out.
///
/// Nothing here is validated when it is read: a mistyped address is an expectation that fails, not a file
/// that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expect {
    /// What the outermost function hashes.
    pub preimage: Option<Vec<u8>>,
    /// What is signed.
    pub digest: Option<Word>,
    /// What v says besides the recovery id: see [`Wire::mark`].
    pub mark: Option<u64>,
    /// Which key, or that there is none.
    pub answer: ExpectedAnswer,
}

/// See [`Expect`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedAnswer {
    /// This key; of a case without a recovery id, under exactly one.
    Recovered(ExpectedKey),
    /// No key: for this reason, or for any.
    Rejected(Option<Refusal>),
    /// Another key or none; of a case without a recovery id, under each.
    Not(ExpectedKey),
    /// The bytes are no signature: in the case's layout, or, where it names none, in any.
    NoSignature,
}

/// A key as it was typed: by its address, by itself, or by both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedKey {
    /// The signer's address.
    pub address: Option<ExpectedAddress>,
    /// The signer's public key, compressed.
    pub public_key: Option<[u8; 33]>,
}

impl ExpectedKey {
    /// Whether all that was typed is of this key.
    pub fn is(&self, address: &Address, public_key: &PublicKey) -> bool {
        self.address.as_ref().is_none_or(|typed| typed.address == *address)
            && self.public_key.is_none_or(|typed| typed == public_key.compressed())
    }

    /// Whether an address was typed, and is this one.
    pub fn is_address(&self, address: &Address) -> bool {
        self.address.as_ref().is_some_and(|typed| typed.address == *address)
    }

    /// Whether anything that was typed is of this key.
    pub fn names(&self, address: &Address, public_key: &PublicKey) -> bool {
        self.is_address(address) || self.public_key.is_some_and(|typed| typed == public_key.compressed())
    }
}

impl fmt::Display for ExpectedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.address, &self.public_key) {
            (Some(address), _) => address.fmt(f),
            (None, Some(key)) => write!(f, "the key {}", to_hex(key)),
            (None, None) => f.write_str("any key"),
        }
    }
}

/// An address as it was typed: its checksum may be wrong.
#[derive(Clone, PartialEq, Eq)]
pub struct ExpectedAddress {
    /// Its bytes.
    pub address: Address,
    /// The text, with `0x`.
    pub typed: String,
}

impl ExpectedAddress {
    /// Whether it carries EIP-55's checksum.
    pub fn checksum_holds(&self) -> bool {
        self.address.to_string() == self.typed
    }
}

impl FromStr for ExpectedAddress {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        Ok(Self { address: Address(array_from_hex(text)?), typed: format!("0x{digits}") })
    }
}

impl From<Address> for ExpectedAddress {
    fn from(address: Address) -> Self {
        Self { address, typed: address.to_string() }
    }
}

impl fmt::Display for ExpectedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

text_form!(ExpectedAddress);
