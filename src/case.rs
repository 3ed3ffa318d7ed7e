//! A case: one input with an id, and what must come out.
//!
//! An input addresses a *surface*: the scalar API, the same with a prehash of any length, or an EVM call.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use ruint::aliases::U256;
use serde::Serialize;

use crate::answer::Refusal;
use crate::bytes::{Bytes, HexError, Word, array_from_hex, text_form};
use crate::fact::Fact;
use crate::format::{Digest, Expr, Fields};
use crate::key::Address;
use crate::signature::{Wire, WireError};

/// An input of the scalar surface: what a recovery function takes, unvalidated.
///
/// The numbers are big-endian. The recovery id is wider than its four meaningful values, so that bad ones
/// can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Scalar {
    /// The 32 bytes that were signed.
    pub digest: Word,
    /// The x-coordinate of the nonce point, modulo n.
    pub r: Word,
    /// The signature's other half.
    pub s: Word,
    /// Low bit: R has an odd y. Next bit: r was reduced, x = r + n. Above 3: out of range.
    pub recovery_id: u8,
}

impl Scalar {
    /// r, then s: 64 bytes.
    pub fn rs(&self) -> [u8; 64] {
        let mut rs = [0; 64];
        rs[..32].copy_from_slice(&self.r.0);
        rs[32..].copy_from_slice(&self.s.0);
        rs
    }
}

/// An input of the scalar surface for functions that take a prehash of any length.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Prehash {
    /// The bytes that were signed: SEC 1 takes the leftmost 32, and fewer as a smaller number.
    pub prehash: Bytes,
    /// As in [`Scalar`].
    pub r: Word,
    /// As in [`Scalar`].
    pub s: Word,
    /// As in [`Scalar`].
    pub recovery_id: u8,
}

/// A call of `ecrecover`, the precompile at address 0x01.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Call {
    /// digest, v, r, s as 32-byte words; zeros are read beyond its end, and what follows is not read.
    pub calldata: Bytes,
    /// The gas that the call is given.
    pub gas: u64,
}

/// An input, by the surface that it addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "surface", rename_all = "kebab-case")]
pub enum Input {
    /// See [`Scalar`].
    Scalar(Scalar),
    /// See [`Prehash`].
    Prehash(Prehash),
    /// See [`Call`].
    Call(Call),
}

impl From<Scalar> for Input {
    fn from(input: Scalar) -> Self {
        Self::Scalar(input)
    }
}

impl Word {
    /// The number that the bytes say, big-endian.
    pub fn number(&self) -> U256 {
        U256::from_be_bytes(self.0)
    }
}

impl From<U256> for Word {
    fn from(number: U256) -> Self {
        Self(number.to_be_bytes())
    }
}

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

/// What was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The known format's name, if it is one.
    pub format: Option<String>,
    /// How the digest is made.
    pub expression: Expr,
    /// The fields' values.
    pub fields: Fields,
    /// What the expression comes to.
    pub digest: Digest,
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
    /// The text.
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
        Ok(Self { address: Address(array_from_hex(text)?), typed: text.to_owned() })
    }
}

impl fmt::Display for ExpectedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

text_form!(ExpectedAddress);
