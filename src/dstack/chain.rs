//! A proof that a key belongs to an app of a KMS, and what is wrong with one: link by link, and the first
//! fault in an order that our contract keeps too. The reference recovers.

use std::fmt;

use crate::format::Fields;
use crate::input::ScalarInput;
use crate::input::bytes::{Word, to_hex};
use crate::input::hash::keccak256;
use crate::input::key::{Address, PublicKey};
use crate::input::signature::{Signature, Wire};
use crate::reference::SECP256K1;
use crate::reference::answer::Recovery;

/// What a registry is handed: two signatures, and what they speak of. Nothing in it is validated.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Proof {
    /// The app, 20 bytes.
    pub app_id: Vec<u8>,
    /// What the derived key is for: any bytes.
    pub purpose: Vec<u8>,
    /// The app's public key as the caller claims it: x, then y, 64 bytes.
    pub app_key: Vec<u8>,
    /// The public key that the app derived: x, then y, 64 bytes, a point of the curve.
    pub derived_key: Vec<u8>,
    /// The app key's signature over [`claim_digest`]: r, s, recovery id, 65 bytes.
    pub claim_signature: Vec<u8>,
    /// The KMS root's signature over [`issued_digest`]: r, s, recovery id, 65 bytes.
    pub issued_signature: Vec<u8>,
}

impl Proof {
    /// Its parts, by their names.
    pub fn parts(&self) -> [(&'static str, &[u8]); 6] {
        [
            ("app_id", &self.app_id),
            ("purpose", &self.purpose),
            ("app_key", &self.app_key),
            ("derived_key", &self.derived_key),
            ("claim_signature", &self.claim_signature),
            ("issued_signature", &self.issued_signature),
        ]
    }

    /// The fields that format expressions have: its parts, with the keys in SEC 1's form.
    pub fn fields(&self) -> Fields {
        let field = |(name, value): (&'static str, &[u8])| {
            let tag: &[u8] = if name.ends_with("_key") { &[4] } else { &[] };
            (name, [tag, value].concat())
        };
        self.parts().map(field).into_iter().collect()
    }

    /// The signature of a link.
    pub fn signature_mut(&mut self, link: Link) -> &mut Vec<u8> {
        match link {
            Link::Claim => &mut self.claim_signature,
            Link::Issued => &mut self.issued_signature,
        }
    }
}

/// A link of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Link {
    /// The app key signs a derived key: link 0.
    Claim = 0,
    /// The KMS root signs the app key: link 1.
    Issued = 1,
}

impl Link {
    /// Both, from the derived key up.
    pub const BOTH: [Self; 2] = [Self::Claim, Self::Issued];
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Claim => "claim",
            Self::Issued => "kms-issued",
        })
    }
}

/// What is wrong with a proof, in the order in which a verifier looks.
///
/// The contract has a custom error of the same [name](Self::name) for each.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ProofFault {
    /// The expected root is the zero address, which a failed recovery gives too.
    #[error(
        "the expected KMS root is the zero address: every signature that recovers nothing would match it"
    )]
    ZeroRoot,
    /// app_id has another length than 20 bytes: with any, bytes could move between app_id and the key.
    #[error("app_id has {length} bytes, not 20")]
    AppIdLength {
        /// Its length in bytes.
        length: usize,
    },
    /// The proof is for another purpose than the verifier's.
    #[error("the proof is for the purpose {}, not for {}", purpose_in_words(.found), purpose_in_words(.expected))]
    PurposeMismatch {
        /// The proof's purpose.
        found: Vec<u8>,
        /// The purpose that the verifier expects.
        expected: Vec<u8>,
    },
    /// The app key is not x and y.
    #[error("the app key has {length} bytes, not the 64 of x and y")]
    AppKeyLength {
        /// Its length in bytes.
        length: usize,
    },
    /// The derived key is not x and y.
    #[error("the derived key has {length} bytes, not the 64 of x and y")]
    DerivedKeyLength {
        /// Its length in bytes.
        length: usize,
    },
    /// The claim names x and the parity of y: off the curve, many keys would have the same claim.
    #[error("the derived key is not a point of secp256k1")]
    DerivedKeyOffCurve,
    /// A signature of another length than r, s, v.
    #[error("the {link} signature has {length} bytes, not 65")]
    SignatureLength {
        /// Whose.
        link: Link,
        /// Its length in bytes.
        length: usize,
    },
    /// v is on the wire what KMS and apps write there: 0 or 1. 27 and 28 are another format's.
    #[error("the {link} signature has v {v}, not 0 or 1")]
    SignatureV {
        /// Whose.
        link: Link,
        /// Its last byte.
        v: u8,
    },
    /// s > n/2: the twin of a signature, which anybody can make of it.
    #[error("the {link} signature has a high s")]
    SignatureHighS {
        /// Whose.
        link: Link,
    },
    /// No key is recovered.
    #[error("the {link} signature recovers no key")]
    SignatureRejected {
        /// Whose.
        link: Link,
    },
    /// Another key than the app key that the caller claims made the claim.
    #[error("the claim is signed by {recovered}, not by the app key {claimed}")]
    AppKeyMismatch {
        /// Who signed.
        recovered: Address,
        /// The address of the app key as the proof has it.
        claimed: Address,
    },
    /// Another key than the expected root issued the app key.
    #[error("the app key is issued by {recovered}, not by the KMS root {expected}")]
    WrongRoot {
        /// Who signed.
        recovered: Address,
        /// The root that the verifier expects.
        expected: Address,
    },
}

impl ProofFault {
    /// The names of all faults, in the order in which a verifier looks; those of signatures come once for
    /// each link, the claim's before `AppKeyMismatch` and the other's after it.
    pub const NAMES: [&str; 12] = [
        "ZeroRoot",
        "AppIdLength",
        "PurposeMismatch",
        "AppKeyLength",
        "DerivedKeyLength",
        "DerivedKeyOffCurve",
        "SignatureLength",
        "SignatureV",
        "SignatureHighS",
        "SignatureRejected",
        "AppKeyMismatch",
        "WrongRoot",
    ];

    /// The name of the contract's custom error.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ZeroRoot => "ZeroRoot",
            Self::AppIdLength { .. } => "AppIdLength",
            Self::PurposeMismatch { .. } => "PurposeMismatch",
            Self::AppKeyLength { .. } => "AppKeyLength",
            Self::DerivedKeyLength { .. } => "DerivedKeyLength",
            Self::DerivedKeyOffCurve => "DerivedKeyOffCurve",
            Self::SignatureLength { .. } => "SignatureLength",
            Self::SignatureV { .. } => "SignatureV",
            Self::SignatureHighS { .. } => "SignatureHighS",
            Self::SignatureRejected { .. } => "SignatureRejected",
            Self::AppKeyMismatch { .. } => "AppKeyMismatch",
            Self::WrongRoot { .. } => "WrongRoot",
        }
    }

    /// The link whose signature is at fault.
    pub fn link(&self) -> Option<Link> {
        match self {
            Self::SignatureLength { link, .. }
            | Self::SignatureV { link, .. }
            | Self::SignatureHighS { link }
            | Self::SignatureRejected { link } => Some(*link),
            Self::AppKeyMismatch { .. } => Some(Link::Claim),
            Self::WrongRoot { .. } => Some(Link::Issued),
            _ => None,
        }
    }
}

/// A purpose for people: quoted text, or hex where it is none.
pub fn purpose_in_words(purpose: &[u8]) -> String {
    str::from_utf8(purpose).map_or_else(|_| to_hex(purpose), |text| format!("{text:?}"))
}

/// What a verifier says of a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofVerdict {
    /// The address of the derived key, which may be registered; or the first fault.
    pub outcome: Result<Address, ProofFault>,
    /// Who signed the claim, where its signature recovers a key.
    pub claim_signer: Option<Address>,
    /// The address of the app key as the proof has it, where it has 64 bytes.
    pub app_key: Option<Address>,
    /// Who issued that app key, where the signature recovers a key.
    pub issuer: Option<Address>,
    /// The root that was expected.
    pub root: Address,
}

/// Verifies a proof against the KMS root and the purpose that the verifier expects.
///
/// The outcome is the first fault. The addresses beside it are given past that too, where the bytes allow.
pub fn verify(proof: &Proof, root: Address, purpose: &[u8]) -> ProofVerdict {
    verify_by(ScalarInput::recover_by_reference, proof, root, purpose)
}

/// As [`verify`], with another recovery than the reference: its twin, where the verdict is held to others.
pub fn verify_by(recovery: Recovery, proof: &Proof, root: Address, purpose: &[u8]) -> ProofVerdict {
    let app = coordinates(&proof.app_key).map(|key| {
        let digest = issued_digest(&proof.app_id, &key);
        (key, Signer::of(Link::Issued, digest, &proof.issued_signature, recovery))
    });
    let derived = coordinates(&proof.derived_key).map(|key| {
        let digest = claim_digest(&proof.purpose, &key);
        (key, Signer::of(Link::Claim, digest, &proof.claim_signature, recovery))
    });
    let outcome = || -> Result<Address, ProofFault> {
        if root == Address([0; 20]) {
            return Err(ProofFault::ZeroRoot);
        }
        if proof.app_id.len() != 20 {
            return Err(ProofFault::AppIdLength { length: proof.app_id.len() });
        }
        if proof.purpose != purpose {
            return Err(ProofFault::PurposeMismatch {
                found: proof.purpose.clone(),
                expected: purpose.to_vec(),
            });
        }
        let (app_key, issued) =
            app.as_ref().ok_or(ProofFault::AppKeyLength { length: proof.app_key.len() })?;
        let (derived_key, claim) =
            derived.as_ref().ok_or(ProofFault::DerivedKeyLength { length: proof.derived_key.len() })?;
        if PublicKey::from_sec1(&derived_key.uncompressed()).is_err() {
            return Err(ProofFault::DerivedKeyOffCurve);
        }
        let (recovered, claimed) = (claim.accepted.clone()?.address(), app_key.address());
        if recovered != claimed {
            return Err(ProofFault::AppKeyMismatch { recovered, claimed });
        }
        let recovered = issued.accepted.clone()?.address();
        if recovered != root {
            return Err(ProofFault::WrongRoot { recovered, expected: root });
        }
        Ok(derived_key.address())
    };
    let address = |signer: &Signer| signer.key.map(|key| key.address());
    ProofVerdict {
        outcome: outcome(),
        claim_signer: derived.as_ref().and_then(|(_, signer)| address(signer)),
        app_key: app.as_ref().map(|(key, _)| key.address()),
        issuer: app.as_ref().and_then(|(_, signer)| address(signer)),
        root,
    }
}

/// Who signed the claim for a derived key: the app key, where nobody says which that is.
///
/// # Errors
/// The signature's fault.
pub fn claim_signer(
    purpose: &[u8],
    derived_key: &PublicKey,
    signature: &[u8],
) -> Result<PublicKey, ProofFault> {
    let digest = claim_digest(purpose, derived_key);
    Signer::of(Link::Claim, digest, signature, ScalarInput::recover_by_reference).accepted
}

/// What an app key signs for a key that it derived.
pub fn claim_digest(purpose: &[u8], derived_key: &PublicKey) -> Word {
    let hex = const_hex::encode(derived_key.compressed());
    Word(keccak256(&[purpose, b":", hex.as_bytes()].concat()))
}

/// What a KMS root signs for an app key.
pub fn issued_digest(app_id: &[u8], app_key: &PublicKey) -> Word {
    Word(keccak256(&[b"dstack-kms-issued:", app_id, &app_key.compressed()].concat()))
}

/// x and y, on the curve or not.
pub(super) fn coordinates(bytes: &[u8]) -> Option<PublicKey> {
    let (x, y) = bytes.split_first_chunk()?;
    Some(PublicKey { x: *x, y: y.try_into().ok()? })
}

/// A link's signature.
pub(super) struct Signer {
    /// Whose it is, be it refused or not.
    pub(super) key: Option<PublicKey>,
    /// Whether a verifier takes it.
    pub(super) accepted: Result<PublicKey, ProofFault>,
}

impl Signer {
    pub(super) fn of(link: Link, digest: Word, signature: &[u8], recovery: Recovery) -> Self {
        let refused = |fault| Self { key: None, accepted: Err(fault) };
        let Ok(Signature { r, s, recovery_id }) = Wire::RsRecoveryId.decode(signature, None) else {
            return refused(ProofFault::SignatureLength { link, length: signature.len() });
        };
        if recovery_id > 1 {
            return refused(ProofFault::SignatureV { link, v: recovery_id });
        }
        let recovered = recovery(&ScalarInput { digest, r, s, recovery_id });
        let key = recovered.ok().and_then(|recovered| PublicKey::from_point(recovered.q));
        let accepted = if s.number() > SECP256K1.n >> 1 {
            Err(ProofFault::SignatureHighS { link })
        } else {
            key.ok_or(ProofFault::SignatureRejected { link })
        };
        Self { key, accepted }
    }
}
