//! A case: one input with an id, and what must come out.

use std::fmt;

use ruint::aliases::U256;
use serde::Serialize;

use crate::bytes::Word;
use crate::key::{Address, PublicKey};
use crate::reference::{self, Reason, SECP256K1};

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

    /// The reference's answer.
    ///
    /// # Errors
    /// The reason for which there is no key.
    pub fn recover_by_reference(&self) -> Result<reference::Recovered, Reason> {
        let [z, r, s] = [self.digest, self.r, self.s].map(|word| word.number());
        reference::recover(&SECP256K1, z, r, s, self.recovery_id)
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

/// What must come out of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// This key, and so its address.
    Recovered {
        /// The signer's address.
        address: Address,
        /// The signer's public key.
        public_key: PublicKey,
    },
    /// No key, for this reason.
    Rejected(Reason),
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recovered { address, public_key } => write!(f, "{address} (key {public_key})"),
            Self::Rejected(reason) => write!(f, "rejected ({reason})"),
        }
    }
}

impl From<Result<reference::Recovered, Reason>> for Expectation {
    fn from(answer: Result<reference::Recovered, Reason>) -> Self {
        match answer.map(|recovered| PublicKey::from_point(recovered.q)) {
            Ok(Some(public_key)) => Self::Recovered { address: public_key.address(), public_key },
            Ok(None) => Self::Rejected(Reason::QInfinity),
            Err(reason) => Self::Rejected(reason),
        }
    }
}
