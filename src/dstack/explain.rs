//! Which mistake gave an address that should have been a KMS root: the catalogue tried out, every message
//! with every signature, the fewest mistakes first.

use std::collections::{BTreeMap, BTreeSet};

use super::chain::{Link, Proof};
use super::mistake::{self, Choice};
use crate::corpus::investigation::Evidence;
use crate::format::{self, Expr, Fields};
use crate::input::ScalarInput;
use crate::input::bytes::{Word, to_hex};
use crate::input::key::{Address, PublicKey};
use crate::input::signature::Wire;
use crate::subject::{Outcome, Subject as _, libsecp256k1::Libsecp256k1};

/// What was around when an address was computed.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The chain, of whatever quality.
    pub proof: Proof,
    /// Where its derived key comes from, for people: a path.
    pub path: Option<String>,
    /// An instance's id, where somebody has one.
    pub instance_id: Option<Vec<u8>>,
    /// The public key on secp256k1 that the number of another curve's key would have: see
    /// [`Pem::as_secp256k1`](super::secret::Pem::as_secp256k1).
    pub pem_key: Option<PublicKey>,
}

/// Who may have deployed contracts, and how often.
#[derive(Debug, Clone)]
pub struct Deployments {
    /// The accounts.
    pub accounts: Vec<Address>,
    /// The highest nonce that is tried.
    pub nonces: u64,
}

/// How an address came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The digest that the KMS's signature was recovered over, or the expression that the address is.
    pub evidence: Evidence,
    /// What is wrong with that; nothing where the address is the KMS root indeed.
    pub mistakes: Vec<&'static str>,
    /// The path of the derived key that was used, where one was.
    pub path: Option<String>,
    /// The deployment whose contract has the address, where the address is a contract's.
    pub created: Option<Created>,
}

/// A contract's deployment, by CREATE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Created {
    /// The account, or the contract, that deployed it.
    pub deployer: Address,
    /// The deployer's nonce.
    pub nonce: u64,
}

/// Explains addresses: for each the explanation with the fewest mistakes, where there is one.
///
/// Every explanation holds by the reference. Scenes are tried in their order.
pub fn explain(
    addresses: &BTreeSet<Address>,
    scenes: &[Scene],
    deployments: &Deployments,
) -> BTreeMap<Address, Explanation> {
    let mut found = BTreeMap::new();
    let mut missing = addresses.clone();
    for (at, scene) in scenes.iter().enumerate() {
        for (address, explanation) in Search::new(scene, at > 0).run(&missing) {
            missing.remove(&address);
            found.insert(address, explanation);
        }
    }
    found.extend(created(&missing, deployments));
    found
}

/// A part of a message: its text, its bytes, and the mistakes in it.
#[derive(Debug, Clone)]
struct Part {
    text: String,
    value: Vec<u8>,
    mistakes: Vec<&'static str>,
}

impl Part {
    /// One after the other.
    fn join(parts: &[&Self]) -> Self {
        let texts: Vec<_> =
            parts.iter().map(|part| part.text.as_str()).filter(|text| !text.is_empty()).collect();
        Self {
            text: texts.join(" + "),
            value: parts.iter().flat_map(|part| part.value.clone()).collect(),
            mistakes: parts.iter().flat_map(|part| part.mistakes.clone()).collect(),
        }
    }
}

struct Search {
    fields: Fields,
    path: Option<String>,
    /// Only what differs from the first scene: what has to do with the derived key.
    derived_only: bool,
}

impl Search {
    fn new(scene: &Scene, derived_only: bool) -> Self {
        let Proof { app_id, purpose, app_key, derived_key, claim_signature, issued_signature } = &scene.proof;
        let sec1 = |xy: &Vec<u8>| [&[4], xy.as_slice()].concat();
        let mut fields = Fields::from_iter([
            ("app_id", app_id.clone()),
            ("purpose", purpose.clone()),
            ("app_key", sec1(app_key)),
            ("derived_key", sec1(derived_key)),
            ("claim_signature", claim_signature.clone()),
            ("issued_signature", issued_signature.clone()),
        ]);
        if let Some(id) = &scene.instance_id {
            fields.set("instance_id", id.clone());
        }
        if let Some(key) = scene.pem_key {
            fields.set("pem_key", key.compressed());
        }
        Self { fields, path: scene.path.clone(), derived_only }
    }

    fn run(&self, wanted: &BTreeSet<Address>) -> BTreeMap<Address, Explanation> {
        let mut found = self.addresses(wanted);
        let mut missing: BTreeSet<_> =
            wanted.iter().filter(|address| !found.contains_key(address)).copied().collect();
        let mut tries = self.tries();
        tries.sort_by_key(|(_, digest)| digest.mistakes.len());
        let subject = Libsecp256k1::default();
        for (signature, digest) in tries {
            if missing.is_empty() {
                break;
            }
            let Some(input) = scalar(&digest.value, &signature.value) else { continue };
            // The reference takes a hundred times as long: it is asked where there is something to confirm.
            let Outcome::Recovered { address, .. } = subject.recover(&input) else { continue };
            if !missing.contains(&address) {
                continue;
            }
            let Some(evidence) = self.confirm(address, &signature.text, &digest.text) else { continue };
            missing.remove(&address);
            found.insert(address, self.explanation(evidence, &digest));
        }
        found
    }

    /// The explanation of a hit. A path belongs to it where the derived key does.
    fn explanation(&self, evidence: Evidence, part: &Part) -> Explanation {
        let (Evidence::RecoveredOver(expression) | Evidence::AddressIs(expression)) = &evidence;
        let path = self.path.clone().filter(|_| is_of_derived_key(expression));
        let mut mistakes = Vec::new();
        for mistake in &part.mistakes {
            if !mistakes.contains(mistake) {
                mistakes.push(*mistake);
            }
        }
        Explanation { evidence, mistakes, path, created: None }
    }

    /// What the whole expression gives by the reference, as evidence for an address.
    fn confirm(&self, address: Address, signature: &str, digest: &str) -> Option<Evidence> {
        let recovered = format::parse(&format!("address(recover({digest}, {signature}))")).ok()?;
        if recovered.evaluate(&self.fields).ok()? != address.0 {
            return None;
        }
        Some(match signature {
            "issued_signature" => Evidence::RecoveredOver(format::parse(digest).ok()?),
            _ => Evidence::AddressIs(recovered),
        })
    }

    /// The addresses that are not recovered.
    fn addresses(&self, wanted: &BTreeSet<Address>) -> BTreeMap<Address, Explanation> {
        let issued = format!("recover({ISSUED}, issued_signature)");
        let choices = mistake::ADDRESS.iter().filter_map(|(text, mistakes)| {
            let part = self.part(&text.replace("{root}", &issued), mistakes)?;
            let address = Address(part.value.as_slice().try_into().ok()?);
            let evidence = Evidence::AddressIs(format::parse(&part.text).ok()?);
            wanted.contains(&address).then(|| (address, self.explanation(evidence, &part)))
        });
        choices.collect()
    }

    /// Digests, each with a signature to recover from; the signature's mistakes are the digest's.
    fn tries(&self) -> Vec<(Part, Part)> {
        let claims = self.claims();
        let messages = self.issued(&claims);
        let mut tries = Vec::new();
        for (digests, right) in [(messages, Link::Issued), (claims, Link::Claim)] {
            for signature in self.signatures(right) {
                let digests = digests.iter().filter(|digest| {
                    !self.derived_only || [digest, &&signature].iter().any(|part| is_derived(&part.text))
                });
                tries.extend(digests.map(|digest| {
                    let mistakes = [digest.mistakes.as_slice(), &signature.mistakes].concat();
                    (signature.clone(), Part { mistakes, ..digest.clone() })
                }));
            }
        }
        tries
    }

    /// The digests of claims, right and wrong.
    fn claims(&self) -> Vec<Part> {
        let (purposes, keys) = (self.parts(mistake::PURPOSE), self.parts(mistake::DERIVED_KEY));
        let messages =
            purposes.iter().flat_map(|purpose| keys.iter().map(move |key| Part::join(&[purpose, key])));
        messages.flat_map(|message| digests(&message, mistake::HASH)).collect()
    }

    /// The digests of kms-issued messages, right and wrong.
    fn issued(&self, claims: &[Part]) -> Vec<Part> {
        let (prefixes, ids) = (self.parts(mistake::PREFIX), self.parts(mistake::APP_ID));
        let heads: Vec<_> =
            prefixes.iter().flat_map(|prefix| ids.iter().map(move |id| Part::join(&[prefix, id]))).collect();
        let with = |keys: Vec<Part>, hashes: &'static [Choice]| -> Vec<Part> {
            let messages = heads
                .iter()
                .flat_map(|head| keys.iter().map(move |key| Part::join(&[head, key])))
                .filter(|message| !message.text.is_empty());
            messages.flat_map(|message| digests(&message, hashes)).collect()
        };
        // Mistakes multiply: other hashes are tried with keys that are not recovered themselves.
        let recovered = claims
            .iter()
            .filter(|claim| !claim.mistakes.is_empty() && claim.text.starts_with("keccak256(purpose + \":\""))
            .flat_map(|claim| {
                mistake::APP_KEY_BY_CLAIM.iter().filter_map(|(text, mistakes)| {
                    self.part(
                        &text.replace("{}", &claim.text),
                        &[mistakes, claim.mistakes.as_slice()].concat(),
                    )
                })
            });
        let recovered = recovered.collect();
        [with(self.parts(mistake::APP_KEY), mistake::HASH), with(recovered, &mistake::HASH[..1])].concat()
    }

    /// The signatures that a message can have been tried with; `right` is its own.
    fn signatures(&self, right: Link) -> Vec<Part> {
        let links = [(Link::Issued, "issued_signature"), (Link::Claim, "claim_signature")];
        let mut parts = Vec::new();
        for (link, field) in links {
            let whose: &[&str] = if link == right { &[] } else { &[mistake::OTHER_SIGNATURE] };
            parts.extend(self.part(field, whose));
            let last = self.fields.value(field).and_then(<[u8]>::last).copied();
            if let Some(recovery_id @ (0 | 1)) = last {
                let text = format!("take({field}, 64) + {}", to_hex([recovery_id ^ 1]));
                parts.extend(self.part(&text, &[whose, &[mistake::OTHER_PARITY]].concat()));
            }
        }
        parts
    }

    /// The choices that can be evaluated here.
    fn parts(&self, choices: &[Choice]) -> Vec<Part> {
        choices.iter().filter_map(|(text, mistakes)| self.part(text, mistakes)).collect()
    }

    fn part(&self, text: &str, mistakes: &[&'static str]) -> Option<Part> {
        let value = if text.is_empty() {
            Vec::new()
        } else {
            format::parse(text).ok()?.evaluate(&self.fields).ok()?
        };
        Some(Part { text: text.to_owned(), value, mistakes: mistakes.into() })
    }
}

/// What the KMS root signs, as an expression: see [`issued_digest`](super::chain::issued_digest).
pub const ISSUED: &str = r#"keccak256("dstack-kms-issued:" + app_id + compressed(app_key))"#;
/// What an app key signs, as an expression: see [`claim_digest`](super::chain::claim_digest).
pub const CLAIM: &str = r#"keccak256(purpose + ":" + hex(compressed(derived_key)))"#;

/// The digests of a message.
fn digests(message: &Part, hashes: &[Choice]) -> Vec<Part> {
    let fields = Fields::from_iter([("message", message.value.as_slice())]);
    let digest = |(hash, mistakes): &Choice| {
        Some(Part {
            text: hash.replace("{}", &message.text),
            value: format::parse(&hash.replace("{}", "message")).ok()?.evaluate(&fields).ok()?,
            mistakes: [message.mistakes.as_slice(), mistakes].concat(),
        })
    };
    hashes.iter().filter_map(digest).collect()
}

fn scalar(digest: &[u8], signature: &[u8]) -> Option<ScalarInput> {
    let signature = Wire::RsRecoveryId.decode(signature, None).ok()?;
    let (r, s, recovery_id) = (signature.r, signature.s, signature.recovery_id);
    Some(ScalarInput { digest: Word(digest.try_into().ok()?), r, s, recovery_id })
}

fn is_of_derived_key(expression: &Expr) -> bool {
    expression.fields().iter().any(|field| matches!(*field, "derived_key" | "claim_signature"))
}

fn is_derived(text: &str) -> bool {
    text.contains("derived_key") || text.contains("claim_signature")
}

/// The contracts of these accounts, and the first contracts of those contracts, as far as they are wanted.
fn created(wanted: &BTreeSet<Address>, deployments: &Deployments) -> BTreeMap<Address, Explanation> {
    let mut found = BTreeMap::new();
    let mut look_at = |address: Address, text: &str, created: Created| {
        if let (true, Ok(expression)) = (wanted.contains(&address), format::parse(text)) {
            let evidence = Evidence::AddressIs(expression);
            found.entry(address).or_insert(Explanation {
                evidence,
                mistakes: vec![mistake::CREATED],
                path: None,
                created: Some(created),
            });
        }
    };
    let accounts = deployments.accounts.iter().filter(|_| !wanted.is_empty());
    for (account, nonce) in accounts.flat_map(|account| (0..=deployments.nonces).map(move |n| (account, n))) {
        let text = create(&to_hex(account.0), nonce);
        let Some(contract) = address_of(&text) else { continue };
        look_at(contract, &text, Created { deployer: *account, nonce });
        for nonce in 1..=FACTORY_NONCES {
            if let Some(address) = address_of(&create(&to_hex(contract.0), nonce)) {
                look_at(address, &create(&text, nonce), Created { deployer: contract, nonce });
            }
        }
    }
    found
}

/// How many contracts of each contract are looked at: a factory's first ones, a proxy's implementation.
const FACTORY_NONCES: u64 = 3;

/// The address of a deployer's contract, as an expression (CREATE).
fn create(deployer: &str, nonce: u64) -> String {
    format!("drop(keccak256(rlp_list({deployer}, uint({nonce}))), 12)")
}

fn address_of(text: &str) -> Option<Address> {
    format::parse(text).ok()?.evaluate(&Fields::default()).ok()?.try_into().ok().map(Address)
}
