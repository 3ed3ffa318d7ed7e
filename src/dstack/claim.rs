//! Keys of either algorithm that an app derives, and both versions of the claim that its app key makes for them.
//!
//! A registry on chain is handed a [`Proof`](super::Proof): a secp256k1 key with a claim of version 0. Here are the
//! others too: version 1 of the guest API, and ed25519, whose claim is signed with secp256k1 all the same.

mod reading;

use std::fmt;

use crrl::ed25519;

use super::app_keys::AppKeys;
use super::chain::{Link, ProofFault, Signer, coordinates, issued_digest, purpose_in_words};
use super::derivation;
use super::mistake::ClaimForm;
use super::secret::{PrivateKey, Secret, SecretError};
use crate::format::Fields;
use crate::input::ScalarInput;
use crate::input::bytes::{Word, to_hex};
use crate::input::hash::keccak256;
use crate::input::key::{Address, PublicKey};

pub use reading::is_claim_proof;

/// The kind of a derived key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// A public key is a compressed point, 33 bytes.
    Secp256k1,
    /// RFC 8032: a public key has 32 bytes.
    Ed25519,
}

/// What an app key says of a derived key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Claim {
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
pub enum Wanted<'a> {
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
    pub algorithm: Algorithm,
    /// What the app key says of it.
    pub claim: Claim,
    /// The private key, 32 bytes: a scalar of secp256k1, or a seed of ed25519.
    pub key: Secret,
    /// The public key: see [`Algorithm`].
    pub public_key: Vec<u8>,
    /// The app key's signature of the claim: r, s, recovery id.
    pub claim_signature: Vec<u8>,
    /// The KMS root's signature of the app key: r, s, recovery id.
    pub issued_signature: Vec<u8>,
}

/// What of a [`ClaimedKey`] a verifier is handed. Nothing in it is secret, and nothing is validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimProof {
    /// The app, 20 bytes.
    pub app_id: Vec<u8>,
    /// The app key: x, then y, 64 bytes.
    pub app_key: Vec<u8>,
    /// The derived key's kind.
    pub algorithm: Algorithm,
    /// The derived public key: see [`Algorithm`].
    pub derived_key: Vec<u8>,
    /// What the app key says of it.
    pub claim: Claim,
    /// The app key's signature of the claim.
    pub claim_signature: Vec<u8>,
    /// The KMS root's signature of the app key.
    pub issued_signature: Vec<u8>,
}

/// What is wrong with a [`ClaimProof`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimFault {
    /// As in any chain.
    #[error(transparent)]
    Chain(#[from] ProofFault),
    /// The proof is about another claim, or a key of another kind.
    #[error("the proof is of {found}, not of {expected}")]
    ClaimMismatch {
        /// What the proof is of.
        found: String,
        /// What the verifier expects.
        expected: String,
    },
    /// The derived key has not the length of its kind.
    #[error("the derived key has {length} bytes, and a public key of {algorithm} has {}", .algorithm.key_length())]
    KeyLength {
        /// Its kind.
        algorithm: Algorithm,
        /// Its length in bytes.
        length: usize,
    },
    /// The derived key is no key of its kind.
    #[error("the derived key is no public key of {algorithm}")]
    NoKey {
        /// Its kind.
        algorithm: Algorithm,
    },
}

impl ClaimFault {
    /// A name to compare.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Chain(fault) => fault.name(),
            Self::ClaimMismatch { .. } => "ClaimMismatch",
            Self::KeyLength { .. } => "DerivedKeyLength",
            Self::NoKey { .. } => "DerivedKeyOffCurve",
        }
    }

    /// The link whose signature is at fault.
    pub fn link(&self) -> Option<Link> {
        match self {
            Self::Chain(fault) => fault.link(),
            _ => None,
        }
    }
}

/// What [`verify_claim`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimVerdict {
    /// The first fault, if there is one.
    pub outcome: Result<(), ClaimFault>,
    /// Who signed the claim, where its signature recovers a key.
    pub claim_signer: Option<Address>,
    /// The address of the app key as the proof has it, where it has 64 bytes.
    pub app_key: Option<Address>,
    /// Who issued that app key, where the signature recovers a key.
    pub issuer: Option<Address>,
    /// The root that was expected.
    pub root: Address,
}

impl Algorithm {
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

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Claim {
    /// What an app key signs.
    pub fn digest(&self, algorithm: Algorithm, public_key: &[u8]) -> Word {
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

impl fmt::Display for Claim {
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
    pub fn claimed_key(&self, algorithm: Algorithm, wanted: Wanted<'_>) -> Result<ClaimedKey, SecretError> {
        let (key, claim) = match wanted {
            Wanted::V0 { path, purpose } => {
                (derivation::seed_v0(&self.k256_key, path), Claim::V0 { purpose: purpose.into() })
            }
            Wanted::V1 { domain } => (
                derivation::seed_v1(&self.k256_key, algorithm.name(), domain),
                Claim::V1 { domain: domain.to_owned() },
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

impl ClaimProof {
    /// The same as a registry is handed it: of a secp256k1 key with a claim of version 0.
    pub fn for_registry(&self) -> Option<super::Proof> {
        let (Algorithm::Secp256k1, Claim::V0 { purpose }) = (self.algorithm, &self.claim) else {
            return None;
        };
        Some(super::Proof {
            app_id: self.app_id.clone(),
            purpose: purpose.clone(),
            app_key: self.app_key.clone(),
            derived_key: PublicKey::from_sec1(&self.derived_key).ok()?.xy().into(),
            claim_signature: self.claim_signature.clone(),
            issued_signature: self.issued_signature.clone(),
        })
    }

    /// The fields that format expressions have: those of a [`Proof`](super::Proof) where it is one; else the derived key
    /// as its algorithm writes it, and `algorithm` and `domain` where the claim has them.
    pub fn fields(&self) -> Fields {
        if let Some(proof) = self.for_registry() {
            return proof.fields();
        }
        let app_key = [&[4], self.app_key.as_slice()].concat();
        let mut fields = Fields::from_iter([
            ("app_id", self.app_id.as_slice()),
            ("app_key", &app_key),
            ("derived_key", &self.derived_key),
            ("claim_signature", &self.claim_signature),
            ("issued_signature", &self.issued_signature),
        ]);
        match &self.claim {
            Claim::V0 { purpose } => {
                fields.set("purpose", purpose.clone());
            }
            Claim::V1 { domain } => {
                fields.set("domain", domain.as_bytes().to_vec());
                fields.set("algorithm", self.algorithm.name().as_bytes().to_vec());
            }
        }
        fields
    }

    /// The app key, if it has 64 bytes.
    pub fn app_key(&self) -> Option<PublicKey> {
        coordinates(&self.app_key)
    }

    /// The derived key, if it is one of secp256k1.
    pub fn derived_key(&self) -> Option<PublicKey> {
        PublicKey::from_sec1(&self.derived_key).ok().filter(|_| self.algorithm == Algorithm::Secp256k1)
    }

    /// What its claim is made of.
    pub(super) fn form(&self) -> ClaimForm {
        match (&self.claim, self.algorithm) {
            (Claim::V1 { .. }, _) => ClaimForm::V1,
            (Claim::V0 { .. }, Algorithm::Secp256k1) => ClaimForm::V0,
            (Claim::V0 { .. }, Algorithm::Ed25519) => ClaimForm::V0Ed25519,
        }
    }

    /// What it is of, for people.
    fn about(&self) -> String {
        about(self.algorithm, &self.claim)
    }
}

fn about(algorithm: Algorithm, claim: &Claim) -> String {
    format!("a key of {algorithm} and {claim}")
}

/// Verifies a proof against the KMS root, the kind of key and the claim that the verifier expects. The order of
/// faults is that of [`chain::verify`](super::chain::verify).
pub fn verify_claim(proof: &ClaimProof, root: Address, algorithm: Algorithm, claim: &Claim) -> ClaimVerdict {
    let recovery = ScalarInput::recover_by_reference;
    let app = coordinates(&proof.app_key).map(|key| {
        let digest = issued_digest(&proof.app_id, &key);
        (key, Signer::of(Link::Issued, digest, &proof.issued_signature, recovery))
    });
    let digest = proof.claim.digest(proof.algorithm, &proof.derived_key);
    let claimed = Signer::of(Link::Claim, digest, &proof.claim_signature, recovery);
    let outcome = || -> Result<(), ClaimFault> {
        if root == Address([0; 20]) {
            return Err(ProofFault::ZeroRoot.into());
        }
        if proof.app_id.len() != 20 {
            return Err(ProofFault::AppIdLength { length: proof.app_id.len() }.into());
        }
        if (proof.algorithm, &proof.claim) != (algorithm, claim) {
            return Err(ClaimFault::ClaimMismatch {
                found: proof.about(),
                expected: about(algorithm, claim),
            });
        }
        let (app_key, issued) =
            app.as_ref().ok_or(ProofFault::AppKeyLength { length: proof.app_key.len() })?;
        let length = proof.derived_key.len();
        if length != algorithm.key_length() {
            return Err(ClaimFault::KeyLength { algorithm, length });
        }
        if !algorithm.is_key(&proof.derived_key) {
            return Err(ClaimFault::NoKey { algorithm });
        }
        let (recovered, claimed) = (claimed.accepted.clone()?.address(), app_key.address());
        if recovered != claimed {
            return Err(ProofFault::AppKeyMismatch { recovered, claimed }.into());
        }
        let recovered = issued.accepted.clone()?.address();
        if recovered != root {
            return Err(ProofFault::WrongRoot { recovered, expected: root }.into());
        }
        Ok(())
    };
    let address = |signer: &Signer| signer.key.map(|key| key.address());
    ClaimVerdict {
        outcome: outcome(),
        claim_signer: address(&claimed),
        app_key: app.as_ref().map(|(key, _)| key.address()),
        issuer: app.as_ref().and_then(|(_, signer)| address(signer)),
        root,
    }
}

impl ClaimProof {
    /// Writes what [`ClaimProof::parse`] reads: that of a [`Proof`](super::Proof) where it is one; else hex texts, with
    /// the algorithm and the claim by their names.
    pub fn to_json(&self) -> serde_json::Value {
        if let Some(proof) = self.for_registry() {
            return proof.to_json();
        }
        let (name, claim) = match &self.claim {
            Claim::V0 { purpose } => ("purpose", to_hex(purpose)),
            Claim::V1 { domain } => ("domain", to_hex(domain)),
        };
        serde_json::json!({
            "app_id": to_hex(&self.app_id),
            "algorithm": self.algorithm.name(),
            name: claim,
            "app_key": to_hex(&self.app_key),
            "derived_key": to_hex(&self.derived_key),
            "claim_signature": to_hex(&self.claim_signature),
            "issued_signature": to_hex(&self.issued_signature),
        })
    }
}
