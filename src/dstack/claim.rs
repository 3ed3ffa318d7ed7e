//! Keys of either algorithm that an app derives, and both versions of the claim that its app key makes for them.
//!
//! A registry on chain is handed a [`Proof`](super::Proof): a secp256k1 key with a claim of version 0. Here are the
//! others too: version 1 of the guest API, and ed25519, whose claim is signed with secp256k1 all the same.

mod reading;
mod verdict;

use std::fmt;

use crrl::ed25519;

use super::app_keys::AppKeys;
use super::chain::{Link, ProofFault, Signer, purpose_in_words};
use super::derivation;
use super::secret::{PrivateKey, Secret, SecretError};
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::input::hash::keccak256;
use crate::input::key::PublicKey;

pub use reading::is_claim_proof;
pub use verdict::{ClaimFault, ClaimProof, ClaimVerdict, verify_claim};

/// The kind of a derived key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    /// A public key is a compressed point, 33 bytes.
    Secp256k1,
    /// RFC 8032: a public key has 32 bytes.
    Ed25519,
}

/// What an app key says of a derived key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeyClaim {
    /// Version 0: `keccak256(purpose + ":" + hex(public key))`.
    V0 {
        /// Any bytes. The key does not depend on it.
        purpose: Vec<u8>,
    },
    /// Version 1: a tag, the algorithm, the domain and the public key, each with its length in front.
    V1 {
        /// What the key was derived for, UTF-8.
        domain: String,
    },
}

/// What GetKey is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRequest<'a> {
    /// Version 0 of the guest API.
    V0 {
        /// What the key is derived at, whatever its algorithm.
        path: &'a str,
        /// What the claim says.
        purpose: &'a str,
    },
    /// Version 1.
    V1 {
        /// What the key is derived for, together with its algorithm, and what the claim says.
        domain: &'a str,
    },
}

/// A derived key, with the chain that vouches for it.
#[derive(Debug)]
pub struct ClaimedKey {
    /// Its kind.
    pub algorithm: KeyAlgorithm,
    /// What the app key says of it.
    pub claim: KeyClaim,
    /// The private key, 32 bytes: a scalar of secp256k1, or a seed of ed25519.
    pub key: Secret,
    /// The public key: see [`KeyAlgorithm`].
    pub public_key: Vec<u8>,
    /// The app key's signature of the claim: r, s, recovery id.
    pub claim_signature: Vec<u8>,
    /// The KMS root's signature of the app key: r, s, recovery id.
    pub issued_signature: Vec<u8>,
}

impl KeyAlgorithm {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Secp256k1, Self::Ed25519];

    /// Its name, as requests and claims have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Secp256k1 => "secp256k1",
            Self::Ed25519 => "ed25519",
        }
    }

    /// The algorithm of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    fn key_length(self) -> usize {
        match self {
            Self::Secp256k1 => 33,
            Self::Ed25519 => 32,
        }
    }

    /// The public key of a private one.
    ///
    /// # Errors
    /// The private key has not 32 bytes, or is no scalar of secp256k1.
    pub fn public_key(self, key: &Secret) -> Result<Vec<u8>, SecretError> {
        match self {
            Self::Secp256k1 => Ok(PrivateKey::from_bytes(key.expose())?.public_key().compressed().to_vec()),
            Self::Ed25519 => {
                let key = ed25519::PrivateKey::decode(key.expose());
                Ok(key.ok_or(SecretError::Ed25519Seed)?.public_key.encode().to_vec())
            }
        }
    }

    fn is_key(self, key: &[u8]) -> bool {
        match self {
            Self::Secp256k1 => PublicKey::from_sec1(key).is_ok(),
            Self::Ed25519 => ed25519::PublicKey::decode(key).is_some(),
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl KeyClaim {
    /// What an app key signs.
    pub fn digest(&self, algorithm: KeyAlgorithm, public_key: &[u8]) -> Word {
        let message = match self {
            Self::V0 { purpose } => {
                [purpose.as_slice(), b":", const_hex::encode(public_key).as_bytes()].concat()
            }
            Self::V1 { domain } => derivation::length_prefixed_all([
                b"dstack-guest-v1-key-claim",
                algorithm.name().as_bytes(),
                domain.as_bytes(),
                public_key,
            ]),
        };
        Word(keccak256(&message))
    }
}

impl fmt::Display for KeyClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V0 { purpose } => write!(f, "a claim v0 for the purpose {}", purpose_in_words(purpose)),
            Self::V1 { domain } => write!(f, "a claim v1 for the domain {domain:?}"),
        }
    }
}

impl AppKeys {
    /// Answers GetKey of either version, as the guest agent that has these keys does.
    ///
    /// # Errors
    /// The derived number is no key: one in 2¹²⁸.
    pub fn claimed_key(
        &self,
        algorithm: KeyAlgorithm,
        wanted: KeyRequest<'_>,
    ) -> Result<ClaimedKey, SecretError> {
        let (key, claim) = match wanted {
            KeyRequest::V0 { path, purpose } => {
                (derivation::seed_v0(&self.k256_key, path), KeyClaim::V0 { purpose: purpose.into() })
            }
            KeyRequest::V1 { domain } => (
                derivation::seed_v1(&self.k256_key, algorithm.name(), domain),
                KeyClaim::V1 { domain: domain.to_owned() },
            ),
        };
        let public_key = algorithm.public_key(&key)?;
        Ok(ClaimedKey {
            claim_signature: self.k256_key.sign(claim.digest(algorithm, &public_key)),
            issued_signature: self.k256_signature.0.clone(),
            algorithm,
            claim,
            key,
            public_key,
        })
    }
}

impl ClaimedKey {
    /// What a verifier is handed. The app key is the one that signed the claim, for a response does not say which it
    /// is.
    ///
    /// # Errors
    /// The claim's signature recovers no key, or is refused.
    pub fn proof(&self, app_id: &[u8]) -> Result<ClaimProof, ProofFault> {
        let digest = self.claim.digest(self.algorithm, &self.public_key);
        let signer =
            Signer::of(Link::Claim, digest, &self.claim_signature, ScalarInput::recover_by_reference);
        Ok(self.proof_of(app_id, &signer.accepted?))
    }

    /// As [`proof`](Self::proof), where the app key is known.
    pub(super) fn proof_of(&self, app_id: &[u8], app_key: &PublicKey) -> ClaimProof {
        ClaimProof {
            app_id: app_id.into(),
            app_key: app_key.xy().into(),
            algorithm: self.algorithm,
            derived_key: self.public_key.clone(),
            claim: self.claim.clone(),
            claim_signature: self.claim_signature.clone(),
            issued_signature: self.issued_signature.clone(),
        }
    }
}
