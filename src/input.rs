//! Inputs of recovery, and what they consist of: bytes, hashes, keys, signatures on the wire.
//!
//! An input addresses a *surface*: the scalar API (digest, r, s, recovery id), the same with a prehash of any
//! length, or an EVM call (calldata, gas). Inputs are not validated, because bad input must be expressible.

pub mod bytes;
pub mod hash;
pub mod key;
pub mod signature;

use ruint::aliases::U256;
use serde::{Deserialize, Serialize};

use self::bytes::{Bytes, Word};

/// An input of the scalar surface: what a recovery function takes, unvalidated.
///
/// The numbers are big-endian. The recovery id is wider than its four meaningful values, so that bad ones
/// can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScalarInput {
    /// The 32 bytes that were signed.
    pub digest: Word,
    /// The x-coordinate of the nonce point, modulo n.
    pub r: Word,
    /// The signature's other half.
    pub s: Word,
    /// Low bit: R has an odd y. Next bit: r was reduced, x = r + n. Above 3: out of range.
    pub recovery_id: u8,
}

impl ScalarInput {
    /// r, then s: 64 bytes.
    pub fn rs(&self) -> [u8; 64] {
        let mut rs = [0; 64];
        rs[..32].copy_from_slice(&self.r.0);
        rs[32..].copy_from_slice(&self.s.0);
        rs
    }
}

/// An input of the scalar surface for functions that take a prehash of any length.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrehashInput {
    /// The bytes that were signed: SEC 1 takes the leftmost 32, and fewer as a smaller number.
    pub prehash: Bytes,
    /// As in [`ScalarInput`].
    pub r: Word,
    /// As in [`ScalarInput`].
    pub s: Word,
    /// As in [`ScalarInput`].
    pub recovery_id: u8,
}

/// A call of `ecrecover`, the precompile at address 0x01.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallInput {
    /// digest, v, r, s as 32-byte words; zeros are read beyond its end, and what follows is not read.
    pub calldata: Bytes,
    /// The gas that the call is given.
    pub gas: u64,
}

impl CallInput {
    /// Gas for a call that is not about gas.
    pub const AMPLE_GAS: u64 = 100_000;

    /// The call that asks what a scalar input asks: v is 27 or 28, so recovery ids 0 and 1 alone can be said.
    pub fn of(input: &ScalarInput) -> Option<Self> {
        (input.recovery_id <= 1).then(|| Self::with_v(input, U256::from(27 + input.recovery_id)))
    }

    /// A call with this v, and the digest, r and s of a scalar input.
    pub fn with_v(input: &ScalarInput, v: U256) -> Self {
        let calldata = [input.digest.0, v.to_be_bytes(), input.r.0, input.s.0].concat();
        Self { calldata: Bytes(calldata), gas: Self::AMPLE_GAS }
    }
}

/// An input, by the surface that it addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "surface", rename_all = "kebab-case")]
pub enum Input {
    /// See [`ScalarInput`].
    Scalar(ScalarInput),
    /// See [`PrehashInput`].
    Prehash(PrehashInput),
    /// See [`CallInput`].
    Call(CallInput),
}

/// What an input addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Surface {
    /// Digest, r, s, recovery id.
    Scalar,
    /// The same with a prehash of any length.
    Prehash,
    /// A call of `ecrecover`: calldata, gas.
    Call,
}

impl Surface {
    /// Every surface.
    pub const ALL: [Self; 3] = [Self::Scalar, Self::Prehash, Self::Call];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Prehash => "prehash",
            Self::Call => "call",
        }
    }
}

impl Input {
    /// The surface that it addresses.
    pub fn surface(&self) -> Surface {
        match self {
            Self::Scalar(_) => Surface::Scalar,
            Self::Prehash(_) => Surface::Prehash,
            Self::Call(_) => Surface::Call,
        }
    }
}

impl From<ScalarInput> for Input {
    fn from(input: ScalarInput) -> Self {
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
