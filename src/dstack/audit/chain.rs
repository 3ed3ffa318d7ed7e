//! What cases are made of: sound chains, with the keys to make unsound ones of them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{Attempt, AuditCase, Requirement};
use crate::dstack::chain::{Link, Proof, claim_digest, issued_digest};
use crate::dstack::registry::{HighS, Policy, VForm};
use crate::dstack::{PrivateKey, derivation, test_key};
use crate::format::Expr;
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::input::hash::keccak256;
use crate::input::key::{Address, PublicKey};
use crate::input::signature::{Signature, Wire};

/// The rules of the contract under audit.
pub(super) struct Rules<'a> {
    /// The key of the root that it trusts, where that is one: else each chain has a root of its own.
    pub(super) root: Option<&'a PrivateKey>,
    /// The root that it trusts, where that is one.
    pub(super) trusted: Option<Address>,
    /// The form of v that it takes.
    pub(super) v: VForm,
    /// Whether it takes a high s.
    pub(super) high_s: HighS,
    /// The purpose that is asked for, where a case is not about purposes.
    pub(super) purpose: Vec<u8>,
    /// Whether the contract can be told another.
    pub(super) any_purpose: bool,
}

/// The purpose that is asked for where nobody says another.
pub const USUAL_PURPOSE: &str = "ethereum";

impl Rules<'_> {
    pub(super) fn of(policy: &Policy) -> Self {
        let Policy { v, high_s, purpose } = policy;
        let text = purpose.as_deref().unwrap_or(USUAL_PURPOSE);
        let (v, high_s) = (*v, *high_s);
        Self { root: None, trusted: None, v, high_s, purpose: text.into(), any_purpose: purpose.is_none() }
    }

    /// What is added to a recovery id to make the v that the contract takes.
    pub(super) fn v_base(&self) -> u8 {
        if self.v == VForm::Ethereum { 27 } else { 0 }
    }

    /// A proof as the contract is handed it: whoever made it wrote v as 0 or 1, or meant it to be wrong.
    fn in_form(&self, mut proof: Proof) -> Proof {
        for signature in [&mut proof.claim_signature, &mut proof.issued_signature] {
            if let Some(v @ (0 | 1)) = signature.get_mut(64) {
                *v += self.v_base();
            }
        }
        proof
    }

    /// An attempt whose v are recovery ids, to be written in the contract's form.
    pub(super) fn attempt(&self, label: impl Into<String>, chain: &SoundChain, proof: Proof) -> Attempt {
        let (root, purpose) = (chain.root_address(), chain.purpose.clone());
        Attempt { label: label.into(), root, purpose, proof: self.in_form(proof) }
    }

    /// Sound chains that between them have both recovery ids in both links, each with its label.
    pub(super) fn chains_of_both_recovery_ids(&self) -> Vec<(String, SoundChain)> {
        let (mut chains, mut seen) = (Vec::new(), BTreeSet::new());
        for number in 1.. {
            let label = format!("chain {number}");
            let chain = self.chain(&label);
            let proof = chain.proof();
            let [claim, issued] =
                [&proof.claim_signature, &proof.issued_signature].map(|bytes| bytes.last().copied());
            let before = seen.len();
            seen.extend([(Link::Claim, claim), (Link::Issued, issued)]);
            if seen.len() > before {
                chains.push((label, chain));
            }
            if seen.len() == 4 {
                break;
            }
        }
        chains
    }

    /// A sound chain for the purpose that is asked for.
    pub(super) fn chain(&self, label: &str) -> SoundChain {
        self.chain_for(label, &self.purpose)
    }

    /// A sound chain for a purpose.
    pub(super) fn chain_for(&self, label: &str, purpose: &[u8]) -> SoundChain {
        SoundChain::under(self.root_of(label), app_id(label), label, purpose)
    }

    /// The root of a label's chain: the one that the contract trusts, where its key is known.
    pub(super) fn root_of(&self, label: &str) -> PrivateKey {
        self.root.cloned().unwrap_or_else(|| test_key(label))
    }
}

/// A case that must be refused.
pub(super) fn refused(
    id: impl Into<Cow<'static, str>>,
    about: impl Into<Cow<'static, str>>,
    why: &'static str,
    faults: &'static [&'static str],
    attempts: Vec<Attempt>,
) -> AuditCase {
    let (id, about) = (id.into(), about.into());
    AuditCase { id, about, why, expect: Requirement::Refuse(faults), follows: None, attempts }
}

impl AuditCase {
    /// The same case, which says nothing where another fails.
    pub(super) fn following(self, id: &'static str) -> Self {
        Self { follows: Some(id), ..self }
    }
}

/// A sound chain with its keys.
pub(super) struct SoundChain {
    pub(super) root: PrivateKey,
    pub(super) app_id: [u8; 20],
    pub(super) app: PrivateKey,
    pub(super) derived: PublicKey,
    pub(super) purpose: Vec<u8>,
}

impl SoundChain {
    /// The chain of a label under a root of its own: root, app id and path are hashes of it, its keys derived as a
    /// KMS does.
    pub(super) fn new(label: &str, purpose: &[u8]) -> Self {
        Self::under(test_key(label), app_id(label), label, purpose)
    }

    /// The chain of a root, an app id and a path.
    pub(super) fn under(root: PrivateKey, app_id: [u8; 20], path: &str, purpose: &[u8]) -> Self {
        let app = sure(derivation::app_key(&root, &app_id));
        let derived = sure(derivation::derived_key(&app, path)).public_key();
        Self { root, app_id, app, derived, purpose: purpose.to_vec() }
    }

    pub(super) fn root_address(&self) -> Address {
        self.root.public_key().address()
    }

    /// The proof that holds.
    pub(super) fn proof(&self) -> Proof {
        let app = self.app.public_key();
        Proof {
            app_id: self.app_id.to_vec(),
            purpose: self.purpose.clone(),
            app_key: app.xy().to_vec(),
            derived_key: self.derived.xy().to_vec(),
            claim_signature: self.app.sign(claim_digest(&self.purpose, &self.derived)),
            issued_signature: self.root.sign(issued_digest(&self.app_id, &app)),
        }
    }

    /// The proof with a link signed over the digest that an expression gives.
    pub(super) fn signing(&self, link: Link, digest: &Expr) -> Proof {
        let mut proof = self.proof();
        let digest = digest.digest(&proof.fields());
        let digest = digest.unwrap_or_else(|error| unreachable!("the catalogue can be evaluated: {error}"));
        let key = match link {
            Link::Claim => &self.app,
            Link::Issued => &self.root,
        };
        *proof.signature_mut(link) = key.sign(Word(digest.digest));
        proof
    }

    /// The two proofs with one signature changed, each with its link.
    pub(super) fn with_each_signature(&self, change: impl Fn(&[u8]) -> Vec<u8>) -> [(Link, Proof); 2] {
        Link::BOTH.map(|link| {
            let mut proof = self.proof();
            let signature = proof.signature_mut(link);
            *signature = change(signature);
            (link, proof)
        })
    }
}

fn app_id(label: &str) -> [u8; 20] {
    let mut app_id = [0; 20];
    app_id.copy_from_slice(&keccak256(label.as_bytes())[..20]);
    app_id
}

/// The test key of a label.
pub(super) fn test_key(label: &str) -> PrivateKey {
    sure(test_key::of_label(&format!("audit: {label}")))
}

fn sure(key: Result<PrivateKey, crate::dstack::SecretError>) -> PrivateKey {
    key.unwrap_or_else(|_| unreachable!("the labels are fixed, and their keys are in range"))
}

/// Whoever signs the claim, or the app key, is whoever this signature says: any r of the curve and any s are
/// somebody's signature of any digest. With the root that the proof is then sound under.
pub(super) fn signed_by_anybody(chain: &SoundChain, link: Link, signature: Vec<u8>) -> (Proof, Address) {
    let signer = |digest: Word| {
        let Signature { r, s, recovery_id } = Wire::RsRecoveryId.decode(&signature, None).ok()?;
        let recovered = ScalarInput { digest, r, s, recovery_id }.recover_by_reference().ok()?;
        PublicKey::from_point(recovered.q)
    };
    let signer = |digest| {
        signer(digest)
            .unwrap_or_else(|| unreachable!("the signatures of the cases are of points of the curve"))
    };
    let proof = chain.proof();
    match link {
        Link::Claim => {
            let app = signer(claim_digest(&chain.purpose, &chain.derived));
            let issued_signature = chain.root.sign(issued_digest(&chain.app_id, &app));
            let app_key = app.xy().to_vec();
            let proof = Proof { app_key, claim_signature: signature, issued_signature, ..proof };
            (proof, chain.root_address())
        }
        Link::Issued => {
            let root = signer(issued_digest(&chain.app_id, &chain.app.public_key()));
            (Proof { issued_signature: signature, ..proof }, root.address())
        }
    }
}
