//! Which mistake gave an address that should have been a KMS root: the catalogue tried out, every message
//! with every signature, the fewest mistakes first.

use std::collections::{BTreeMap, BTreeSet};

use super::chain::{Link, Proof};
use super::claim::ClaimProof;
use super::mistake::{self, Choice, ClaimForm};
use crate::corpus::Formats;
use crate::corpus::investigation::Evidence;
use crate::format::explain::Candidate;
use crate::format::{self, Fields};
use crate::input::ScalarInput;
use crate::input::bytes::{Word, to_hex};
use crate::input::key::{Address, PublicKey};
use crate::input::signature::Wire;
use crate::subject::{Outcome, Subject as _, libsecp256k1::Libsecp256k1};

/// What was around when an address was computed.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The fields of the chain, of whatever quality: see [`Proof::fields`] and [`ClaimProof::fields`].
    pub fields: Fields,
    /// What its claim is made of.
    pub claim: ClaimForm,
    /// Where its derived key comes from, for people: a path.
    pub path: Option<String>,
    /// An instance's id, where somebody has one.
    pub instance_id: Option<Vec<u8>>,
    /// The public key on secp256k1 that the number of another curve's key would have: see
    /// [`Pem::as_secp256k1`](super::secret::Pem::as_secp256k1).
    pub pem_key: Option<PublicKey>,
}

impl Scene {
    /// A chain alone.
    pub fn of(proof: &Proof) -> Self {
        Self::with(proof.fields(), ClaimForm::V0)
    }

    /// A chain with a key of either algorithm and a claim of either version.
    pub fn of_claim(proof: &ClaimProof) -> Self {
        Self::with(proof.fields(), proof.form())
    }

    fn with(fields: Fields, claim: ClaimForm) -> Self {
        Self { fields, claim, path: None, instance_id: None, pem_key: None }
    }
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
pub struct AddressExplanation {
    /// The digest that the KMS's signature was recovered over, or the expression that the address is.
    pub evidence: Evidence,
    /// How many parts of what belongs there are replaced: zero where the address is the KMS root indeed.
    pub replaced: usize,
    /// The known format that the digest differs from; none where no digest was recovered over, or it is one.
    pub nearest: Option<String>,
    /// The differences to that format, and what is known of how they come about.
    pub mistakes: Vec<String>,
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
/// Every explanation holds by the reference. Scenes are tried in their order: first for what their keys' addresses
/// are, which takes no search, then for what is recovered over a wrong message, as long as an address is missing.
pub fn explain(
    addresses: &BTreeSet<Address>,
    scenes: &[Scene],
    deployments: &Deployments,
) -> BTreeMap<Address, AddressExplanation> {
    let mut found = BTreeMap::new();
    let mut missing = addresses.clone();
    let searches: Vec<_> = scenes.iter().map(Search::new).collect();
    for search in [Search::addresses, Search::recovered] {
        for scene in &searches {
            for (address, explanation) in search(scene, &missing) {
                missing.remove(&address);
                found.insert(address, explanation);
            }
        }
    }
    found.extend(created(&missing, deployments));
    found
}

/// dstack's known formats whose fields are all there, those in use first.
pub(super) fn known_formats(fields: &Fields) -> Vec<Candidate<'static>> {
    let applies = |format: &&format::KnownFormat| {
        let own = fields.iter().filter(|(name, _)| format.fields.contains_key(*name));
        format.name.starts_with("dstack.") && format.check(&own.collect()).is_ok()
    };
    let mut known: Vec<_> = Formats::built_in().iter().filter(applies).collect();
    known.sort_by_key(|format| format.until.is_some());
    let candidate = |format: &'static format::KnownFormat| Candidate {
        name: &format.name,
        digest: format.digest.clone(),
        superseded: format.until.is_some(),
    };
    known.into_iter().map(candidate).collect()
}

/// A part of a message: its text, its bytes, and what is replaced in it.
#[derive(Debug, Clone, Default)]
struct Part {
    text: String,
    value: Vec<u8>,
    replaced: usize,
    causes: Vec<&'static str>,
}

impl Part {
    /// One after the other.
    fn then(&self, next: &Self) -> Self {
        let plus = if self.text.is_empty() || next.text.is_empty() { "" } else { " + " };
        let text = format!("{}{plus}{}", self.text, next.text);
        let value = [self.value.as_slice(), &next.value].concat();
        Self { text, value, ..self.clone() }.beside(next)
    }

    /// With what is replaced elsewhere counted too.
    fn beside(mut self, other: &Self) -> Self {
        self.replaced += other.replaced;
        self.causes.extend(&other.causes);
        self
    }
}

struct Search {
    fields: Fields,
    claim: ClaimForm,
    path: Option<String>,
}

impl Search {
    fn new(scene: &Scene) -> Self {
        let mut fields = scene.fields.clone();
        if let Some(id) = &scene.instance_id {
            fields.set("instance_id", id.clone());
        }
        if let Some(key) = scene.pem_key {
            fields.set("pem_key", key.compressed());
        }
        Self { fields, claim: scene.claim, path: scene.path.clone() }
    }

    /// The addresses that are recovered, from a message right or wrong.
    fn recovered(&self, wanted: &BTreeSet<Address>) -> BTreeMap<Address, AddressExplanation> {
        let (mut found, mut missing) = (BTreeMap::new(), wanted.clone());
        if missing.is_empty() {
            return found;
        }
        let mut tries = self.tries();
        tries.sort_by_key(|(_, digest)| digest.replaced);
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
            if let Some(explanation) = self.confirmed(address, &signature.text, &digest) {
                missing.remove(&address);
                found.insert(address, explanation);
            }
        }
        found
    }

    /// The explanation of a hit, where the reference confirms it.
    fn confirmed(&self, address: Address, signature: &str, digest: &Part) -> Option<AddressExplanation> {
        let message = format::parse(&digest.text).ok()?;
        let whole = format::parse(&format!("address(recover({}, {signature}))", digest.text)).ok()?;
        if whole.evaluate(&self.fields).ok()? != address.0 {
            return None;
        }
        let meaning = format::explain::explain(&message, &known_formats(&self.fields));
        let evidence = match signature {
            "issued_signature" => Evidence::RecoveredOver(message),
            _ => Evidence::AddressIs(whole),
        };
        let mut explanation = self.explanation(evidence, digest);
        match meaning.filter(|_| digest.replaced > 0) {
            None => {}
            Some(meaning) if meaning.differences.is_empty() => {
                explanation.mistakes.insert(0, meaning.sentence());
            }
            Some(meaning) => {
                explanation.mistakes.splice(0..0, meaning.differences);
                explanation.nearest = Some(meaning.format);
            }
        }
        Some(explanation)
    }

    /// With the causes as its mistakes. A path belongs to it where the derived key does.
    fn explanation(&self, evidence: Evidence, part: &Part) -> AddressExplanation {
        let (Evidence::RecoveredOver(expression) | Evidence::AddressIs(expression)) = &evidence;
        let of_derived_key = |field: &&str| matches!(*field, "derived_key" | "claim_signature");
        let path = self.path.clone().filter(|_| expression.fields().iter().any(of_derived_key));
        let mut mistakes: Vec<String> = Vec::new();
        for cause in &part.causes {
            if !mistakes.iter().any(|known| known == cause) {
                mistakes.push((*cause).to_owned());
            }
        }
        AddressExplanation { evidence, replaced: part.replaced, nearest: None, mistakes, path, created: None }
    }

    /// The addresses that are not recovered.
    fn addresses(&self, wanted: &BTreeSet<Address>) -> BTreeMap<Address, AddressExplanation> {
        let root = format!("recover({}, issued_signature)", Link::Issued.expression());
        let choices = mistake::ADDRESS.iter().filter_map(|choice| {
            let part = self.part(&choice.expression.replace("{root}", &root), 1, choice.cause)?;
            let address = Address(part.value.as_slice().try_into().ok()?);
            let evidence = Evidence::AddressIs(format::parse(&part.text).ok()?);
            wanted.contains(&address).then(|| (address, self.explanation(evidence, &part)))
        });
        choices.collect()
    }

    /// Digests, each with a signature to recover from; what is wrong with the signature is counted with the
    /// digest.
    fn tries(&self) -> Vec<(Part, Part)> {
        let claims = self.claims();
        let mut issued = self.messages(Link::Issued.parts());
        issued.extend(self.issued_by_claim(&claims));
        let mut tries = Vec::new();
        for (digests, right) in [(issued, Link::Issued), (claims, Link::Claim)] {
            for signature in self.signatures(right) {
                tries.extend(
                    digests.iter().map(|digest| (signature.clone(), digest.clone().beside(&signature))),
                );
            }
        }
        tries
    }

    /// The digests of a message, right and wrong.
    fn messages(&self, parts: &[&[Choice]]) -> Vec<Part> {
        digests(parts.iter().map(|choices| self.parts(choices)), mistake::HASH)
    }

    /// The digests of the claim, right and wrong; of another version's too, where the names can be taken for each
    /// other.
    fn claims(&self) -> Vec<Part> {
        let mut claims = self.messages(self.claim.parts());
        if let Some(other) = self.claim.taken_for() {
            claims.extend(self.messages(other).into_iter().map(|mut digest| {
                digest.replaced += 1;
                digest.causes.push(mistake::OTHER_VERSION);
                digest
            }));
        }
        claims
    }

    /// The digests for app keys that are recovered from a claim over a wrong message. Mistakes multiply: only
    /// claims with their purpose and their hash are tried, and no other hashes.
    fn issued_by_claim(&self, claims: &[Part]) -> Vec<Part> {
        let begins = format!("keccak256({}", self.claim.parts()[0][0].expression);
        let of_version_0 = |claim: &Part| claim.text.starts_with("keccak256(domain + \":\"");
        let wrong = claims
            .iter()
            .filter(|claim| claim.replaced > 0 && (claim.text.starts_with(&begins) || of_version_0(claim)));
        let keys = wrong.flat_map(|claim| {
            mistake::APP_KEY_BY_CLAIM.iter().filter_map(|choice| {
                let key = self.part(&choice.expression.replace("{}", &claim.text), 1, choice.cause)?;
                Some(key.beside(claim))
            })
        });
        let parts = [self.parts(mistake::PREFIX), self.parts(mistake::APP_ID), keys.collect()];
        digests(parts, &mistake::HASH[..1])
    }

    /// The signatures that a message can have been tried with; `right` is its own.
    fn signatures(&self, right: Link) -> Vec<Part> {
        let links = [(Link::Issued, "issued_signature"), (Link::Claim, "claim_signature")];
        let mut parts = Vec::new();
        for (link, field) in links {
            let other = (link != right).then_some(mistake::OTHER_SIGNATURE);
            let Some(own) = self.part(field, usize::from(link != right), other) else { continue };
            parts.push(own.clone());
            if let Some(recovery_id @ (0 | 1)) = own.value.last().copied() {
                let text = format!("take({field}, 64) + {}", to_hex([recovery_id ^ 1]));
                let parity = self.part(&text, 1, Some(mistake::OTHER_PARITY));
                parts.extend(parity.map(|parity| parity.beside(&own)));
            }
        }
        parts
    }

    /// The choices that can be evaluated here; the first is right.
    fn parts(&self, choices: &[Choice]) -> Vec<Part> {
        let choices = choices.iter().enumerate();
        choices
            .filter_map(|(at, choice)| self.part(choice.expression, usize::from(at > 0), choice.cause))
            .collect()
    }

    fn part(&self, text: &str, replaced: usize, cause: Option<&'static str>) -> Option<Part> {
        let value = match text {
            "" => Vec::new(),
            text => format::parse(text).ok()?.evaluate(&self.fields).ok()?,
        };
        Some(Part { text: text.to_owned(), value, replaced, causes: cause.into_iter().collect() })
    }
}

/// The digests of every message that these parts make.
fn digests(parts: impl IntoIterator<Item = Vec<Part>>, hashes: &[Choice]) -> Vec<Part> {
    let messages = parts.into_iter().fold(vec![Part::default()], |heads, parts| {
        heads.iter().flat_map(|head| parts.iter().map(move |part| head.then(part))).collect()
    });
    let messages = messages.iter().filter(|message| !message.text.is_empty());
    let hashed = messages.flat_map(|message| hashes.iter().enumerate().map(move |hash| (message, hash)));
    let digest = |(message, (at, hash)): (&Part, (usize, &Choice))| {
        let fields = Fields::from_iter([("message", message.value.as_slice())]);
        Some(Part {
            text: hash.expression.replace("{}", &message.text),
            value: format::parse(&hash.expression.replace("{}", "message")).ok()?.evaluate(&fields).ok()?,
            replaced: message.replaced + usize::from(at > 0),
            causes: message.causes.iter().copied().chain(hash.cause).collect(),
        })
    };
    hashed.filter_map(digest).collect()
}

fn scalar(digest: &[u8], signature: &[u8]) -> Option<ScalarInput> {
    let signature = Wire::RsRecoveryId.decode(signature, None).ok()?;
    let (r, s, recovery_id) = (signature.r, signature.s, signature.recovery_id);
    Some(ScalarInput { digest: Word(digest.try_into().ok()?), r, s, recovery_id })
}

/// The contracts of these accounts, and the first contracts of those contracts, as far as they are wanted.
fn created(wanted: &BTreeSet<Address>, deployments: &Deployments) -> BTreeMap<Address, AddressExplanation> {
    let mut found = BTreeMap::new();
    let mut look_at = |address: Address, text: &str, created: Created| {
        if let (true, Ok(expression)) = (wanted.contains(&address), format::parse(text)) {
            found.entry(address).or_insert(AddressExplanation {
                evidence: Evidence::AddressIs(expression),
                replaced: 1,
                nearest: None,
                mistakes: vec![mistake::CREATED.to_owned()],
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
    format::value(text).ok()?.try_into().ok().map(Address)
}
