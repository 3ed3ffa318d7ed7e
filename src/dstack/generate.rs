//! Chains from bytes: a sound one, or one with a mutation, and the verdict that must come out by
//! construction.
//!
//! The generator has every private key, so it knows who a signature seems to be by over any other message:
//! with key d, digest z and nonce x-coordinate r, recovery over z' gives (d + (z - z')/r)·G. Its arithmetic is
//! arkworks', which no verifier uses, and its digests are evaluated format expressions.

mod mutation;

use arbitrary::{Arbitrary as _, Result, Unstructured};
use ark_ff::Field as _;

use super::chain::{Link, Proof, ProofFault, verify, verify_by};
use super::mistake::Choice;
use crate::format::{self, Fields};
use crate::generate::construct::{Built, Scalar, public_key, reduce, scalar, sign, times_g};
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::input::key::{Address, PublicKey};
use crate::reference::Point;

pub use mutation::{MUTATIONS, Mutation};

/// How many bytes a chain is made from at most.
pub const CHAIN_BYTES: usize = 768;

/// The instance id that mistakes confuse others with.
pub const INSTANCE_ID: [u8; 20] = [0x1d; 20];

/// A chain that was generated.
#[derive(Debug, Clone)]
pub struct GeneratedChain {
    /// What the verifier is handed.
    pub proof: Proof,
    /// The root that it expects.
    pub root: Address,
    /// The purpose that it expects.
    pub purpose: Vec<u8>,
    /// What must come out: the instance, or the first fault.
    pub expected: std::result::Result<Address, ProofFault>,
    /// The mutation's name.
    pub what: &'static str,
    /// The mistakes of the catalogue that the signed messages have.
    pub mistakes: Vec<Choice>,
}

/// Makes a chain. Bytes that end early read as zeros; no bytes are refused.
pub fn chain(bytes: &[u8]) -> GeneratedChain {
    make(&mut Unstructured::new(bytes)).unwrap_or_else(|_| {
        let sound = make(&mut Unstructured::new(&[]));
        sound.unwrap_or_else(|_| unreachable!("zeros make the first mutation, which asks for nothing else"))
    })
}

fn make(u: &mut Unstructured<'_>) -> Result<GeneratedChain> {
    let mutation = u.choose(MUTATIONS)?;
    let mut draft = Draft::sound(u)?;
    let fault = (mutation.apply)(&mut draft, u)?;
    let expected = fault.map_or_else(|| draft.by_construction(), Err);
    let Draft { proof, root, purpose, mistakes, .. } = draft;
    Ok(GeneratedChain { proof, root, purpose, expected, what: mutation.name, mistakes })
}

/// What the verifier says of a generated chain, where that is not what must come out.
pub fn examine(chain: &GeneratedChain) -> Option<String> {
    let recovery = ScalarInput::recover_by_twin;
    let outcome = verify_by(recovery, &chain.proof, chain.root, &chain.purpose).outcome;
    (outcome != chain.expected).then(|| {
        // The twin convicts nobody.
        let by_reference = verify(&chain.proof, chain.root, &chain.purpose).outcome;
        let who = if by_reference == outcome { "the verifier" } else { "the reference's twin" };
        format!("{}: {who} says {outcome:?}, but it is {:?} by construction", chain.what, chain.expected)
    })
}

/// A chain in the making, with its private keys. No value of this type leaves the module.
struct Draft {
    proof: Proof,
    root: Address,
    purpose: Vec<u8>,
    mistakes: Vec<Choice>,
    root_key: Scalar,
    app_key: Scalar,
    claim: Signed,
    issued: Signed,
}

/// A signature, whose it is, and over what.
#[derive(Clone, Copy)]
struct Signed {
    built: Built,
    key: Scalar,
}

impl Signed {
    /// A low-s signature.
    fn make(u: &mut Unstructured<'_>, digest: Word, key: Scalar) -> Result<Self> {
        Ok(Self { built: sign(digest, key, scalar(u)?).low_s(), key })
    }

    fn input(&self) -> ScalarInput {
        self.built.input
    }

    fn bytes(&self) -> Vec<u8> {
        let input = self.input();
        [input.rs().as_slice(), &[input.recovery_id]].concat()
    }

    /// Who it seems to be by over a digest.
    fn signer_over(&self, digest: Word) -> Option<Address> {
        let [signed, read, r] =
            [self.input().digest, digest, self.input().r].map(|word| reduce(word.number()));
        address(self.key + (signed - read) * r.inverse()?)
    }

    /// The same with the other recovery id, which stands for -R: the key is then -(d + 2z/r)·G.
    fn other_parity(mut self) -> Option<Self> {
        let [z, r] = [self.input().digest, self.input().r].map(|word| reduce(word.number()));
        self.key = -(self.key + (z + z) * r.inverse()?);
        self.built.input.recovery_id ^= 1;
        Some(self)
    }
}

/// The address of a key, if it has one.
fn address(key: Scalar) -> Option<Address> {
    let point = times_g(key);
    (point != Point::Infinity).then(|| public_key(&point).address())
}

impl Draft {
    fn sound(u: &mut Unstructured<'_>) -> Result<Self> {
        let (root_key, app_key) = (scalar(u)?, scalar(u)?);
        let purpose = match u.int_in_range(0..=3)? {
            0 => b"ethereum".to_vec(),
            1 => Vec::new(),
            2 => b"signing".to_vec(),
            _ => bytes(u, 0..=80)?,
        };
        let proof = Proof {
            app_id: <[u8; 20]>::arbitrary(u)?.into(),
            purpose: purpose.clone(),
            app_key: public_key(&times_g(app_key)).xy().into(),
            derived_key: public_key(&times_g(scalar(u)?)).xy().into(),
            claim_signature: Vec::new(),
            issued_signature: Vec::new(),
        };
        let digests = Link::BOTH.map(|link| digest(link.expression(), &proof));
        let [Some(claim), Some(issued)] = digests else {
            unreachable!("keys are on the curve, and a purpose is short")
        };
        let (claim, issued) = (Signed::make(u, claim, app_key)?, Signed::make(u, issued, root_key)?);
        let root = public_key(&times_g(root_key)).address();
        let mut draft = Self { proof, root, purpose, mistakes: Vec::new(), root_key, app_key, claim, issued };
        draft.put(Link::Claim, claim);
        draft.put(Link::Issued, issued);
        Ok(draft)
    }

    /// Puts a signature into the proof.
    fn put(&mut self, link: Link, signed: Signed) {
        *self.proof.signature_mut(link) = signed.bytes();
        match link {
            Link::Claim => self.claim = signed,
            Link::Issued => self.issued = signed,
        }
    }

    /// Signs a digest with the key whose it is to sign, and puts it into the proof.
    fn sign(&mut self, u: &mut Unstructured<'_>, link: Link, digest: Word) -> Result<()> {
        let key = match link {
            Link::Claim => self.app_key,
            Link::Issued => self.root_key,
        };
        let signed = Signed::make(u, digest, key)?;
        self.put(link, signed);
        Ok(())
    }

    fn signed(&self, link: Link) -> Signed {
        match link {
            Link::Claim => self.claim,
            Link::Issued => self.issued,
        }
    }

    /// The digest that a link is to sign.
    fn digest(&self, link: Link) -> Option<Word> {
        digest(link.expression(), &self.proof)
    }

    /// The verdict on two signatures that are well-formed, by who made them and over what.
    fn by_construction(&self) -> std::result::Result<Address, ProofFault> {
        let claimed = key_of(&self.proof.app_key).map(|key| key.address());
        let instance = key_of(&self.proof.derived_key).map(|key| key.address());
        let (Some(claimed), Some(instance)) = (claimed, instance) else {
            unreachable!("a mutation of a key's form names its fault")
        };
        let signer = |link| {
            let over = self.digest(link).and_then(|digest| self.signed(link).signer_over(digest));
            over.ok_or(ProofFault::SignatureRejected { link })
        };
        let recovered = signer(Link::Claim)?;
        if recovered != claimed {
            return Err(ProofFault::AppKeyMismatch { recovered, claimed });
        }
        let recovered = signer(Link::Issued)?;
        if recovered != self.root {
            return Err(ProofFault::WrongRoot { recovered, expected: self.root });
        }
        Ok(instance)
    }
}

fn key_of(xy: &[u8]) -> Option<PublicKey> {
    PublicKey::from_sec1(&[&[4], xy].concat()).ok()
}

/// The fields of format expressions.
fn fields(proof: &Proof) -> Fields {
    let mut fields = proof.fields();
    fields.set("instance_id", INSTANCE_ID);
    fields.set("pem_key", public_key(&times_g(Scalar::from(1))).compressed());
    fields
}

/// An expression's bytes, if it can be evaluated.
fn evaluate(text: &str, fields: &Fields) -> Option<Vec<u8>> {
    format::parse(text).ok()?.evaluate(fields).ok()
}

fn digest(text: &str, proof: &Proof) -> Option<Word> {
    evaluate(text, &fields(proof))?.try_into().ok().map(Word)
}

fn bytes(u: &mut Unstructured<'_>, length: std::ops::RangeInclusive<usize>) -> Result<Vec<u8>> {
    (0..u.int_in_range(length)?).map(|_| u.arbitrary()).collect()
}
