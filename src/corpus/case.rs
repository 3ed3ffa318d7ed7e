//! Cases: an input with an id, and what must come out; a line of the corpus.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Serialize;

use crate::format::Message;
use crate::input::Input;
use crate::input::bytes::{HexError, Word, array_from_hex, text_form};
use crate::input::key::Address;
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
    pub kind: Kind,
    /// Where the values, or the class of input, come from.
    pub source: String,
    /// Where it stands.
    pub place: Place,
    /// What was signed, where that is known.
    pub message: Option<Message>,
    /// The signature's layout and bytes, where it is given as it stands on the wire.
    pub wire: Option<(Wire, Vec<u8>)>,
    /// What subjects are asked, unless the wire signature cannot be taken apart.
    pub input: Result<Input, WireError>,
    /// Facts that the input must have; it may have more.
    pub facts: BTreeSet<Fact>,
    /// What must come out.
    pub expect: Expect,
}

/// What kind of case it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A signature that stands in a public source.
    Published,
    /// A signature that was made with a published test key.
    Computed,
    /// An input that was made up.
    Made,
}

impl Kind {
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
    /// The line, the first being 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
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
    pub mark: Option<u128>,
    /// A key, or a reason why there is none.
    pub answer: ExpectedAnswer,
}

/// See [`Expect`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedAnswer {
    /// A key.
    Recovered {
        /// The signer's address, as it was typed.
        address: ExpectedAddress,
        /// The signer's public key, compressed.
        public_key: [u8; 33],
    },
    /// No key, for this reason.
    Rejected(Refusal),
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

impl fmt::Display for ExpectedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

text_form!(ExpectedAddress);
