//! What a verifier is handed of a derived key, and what is wrong with it.

use crate::dstack::chain::{Link, ProofFault, Signer, coordinates, issued_digest};
use crate::dstack::mistake::ClaimForm;
use crate::format::Fields;
use crate::input::ScalarInput;
use crate::input::bytes::to_hex;
use crate::input::key::{Address, PublicKey};

use super::{KeyAlgorithm, KeyClaim};

/// What of a [`ClaimedKey`](super::ClaimedKey) a verifier is handed. Nothing in it is secret, and nothing is validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimProof {
    /// The app, 20 bytes.
    pub app_id: Vec<u8>,
    /// The app key: x, then y, 64 bytes.
    pub app_key: Vec<u8>,
    /// The derived key's kind.
    pub algorithm: KeyAlgorithm,
    /// The derived public key: see [`KeyAlgorithm`].
    pub derived_key: Vec<u8>,
    /// What the app key says of it.
    pub claim: KeyClaim,
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
        algorithm: KeyAlgorithm,
        /// Its length in bytes.
        length: usize,
    },
    /// The derived key is no key of its kind.
    #[error("the derived key is no public key of {algorithm}")]
    NoKey {
        /// Its kind.
        algorithm: KeyAlgorithm,
    },
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

impl ClaimProof {
    /// The same as a registry is handed it: of a secp256k1 key with a claim of version 0.
    pub fn for_registry(&self) -> Option<crate::dstack::Proof> {
        let (KeyAlgorithm::Secp256k1, KeyClaim::V0 { purpose }) = (self.algorithm, &self.claim) else {
            return None;
        };
        Some(crate::dstack::Proof {
            app_id: self.app_id.clone(),
            purpose: purpose.clone(),
            app_key: self.app_key.clone(),
            derived_key: PublicKey::from_sec1(&self.derived_key).ok()?.xy().into(),
            claim_signature: self.claim_signature.clone(),
            issued_signature: self.issued_signature.clone(),
        })
    }

    /// The fields that format expressions have: those of a [`Proof`](crate::dstack::Proof) where it is one; else the derived key
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
            KeyClaim::V0 { purpose } => {
                fields.set("purpose", purpose.clone());
            }
            KeyClaim::V1 { domain } => {
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
        PublicKey::from_sec1(&self.derived_key).ok().filter(|_| self.algorithm == KeyAlgorithm::Secp256k1)
    }

    /// What its claim is made of.
    pub(in crate::dstack) fn form(&self) -> ClaimForm {
        match (&self.claim, self.algorithm) {
            (KeyClaim::V1 { .. }, _) => ClaimForm::V1,
            (KeyClaim::V0 { .. }, KeyAlgorithm::Secp256k1) => ClaimForm::V0,
            (KeyClaim::V0 { .. }, KeyAlgorithm::Ed25519) => ClaimForm::V0Ed25519,
        }
    }

    /// What it is of, for people.
    fn about(&self) -> String {
        about(self.algorithm, &self.claim)
    }
}

impl ClaimProof {
    /// Writes what [`ClaimProof::parse`] reads: that of a [`Proof`](crate::dstack::Proof) where it is one; else hex texts, with
    /// the algorithm and the claim by their names.
    pub fn to_json(&self) -> serde_json::Value {
        if let Some(proof) = self.for_registry() {
            return proof.to_json();
        }
        let (name, claim) = match &self.claim {
            KeyClaim::V0 { purpose } => ("purpose", to_hex(purpose)),
            KeyClaim::V1 { domain } => ("domain", to_hex(domain)),
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

fn about(algorithm: KeyAlgorithm, claim: &KeyClaim) -> String {
    format!("a key of {algorithm} and {claim}")
}

/// Verifies a proof against the KMS root, the kind of key and the claim that the verifier expects. The order of
/// faults is that of [`chain::verify`](crate::dstack::chain::verify).
pub fn verify_claim(
    proof: &ClaimProof,
    root: Address,
    algorithm: KeyAlgorithm,
    claim: &KeyClaim,
) -> ClaimVerdict {
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
