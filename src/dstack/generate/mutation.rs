//! The mutations: what is wrong with a generated chain. Most are what an attacker would hand in: all that
//! can be right beside the mutation is right, so that a verifier which does not look accepts.

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::{Draft, Signed, bytes, evaluate, fields, key_of};
use crate::dstack::chain::{Link, ProofFault, claim_digest};
use crate::dstack::defect;
use crate::dstack::mistake::{self, Choice};
use crate::generate::construct::{number, public_key, scalar, times_g};
use crate::input::key::Address;
use crate::reference::SECP256K1;

/// Something that is wrong with a chain.
pub struct Mutation {
    /// Its name.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// Spoils a sound chain; gives the fault, or none where that follows from who signed what.
    pub(super) apply: Apply,
}

type Apply = fn(&mut Draft, &mut Unstructured<'_>) -> Result<Option<ProofFault>>;

const fn of(name: &'static str, about: &'static str, apply: Apply) -> Mutation {
    Mutation { name, about, apply }
}

/// Every mutation, the first of which is none.
pub static MUTATIONS: &[Mutation] = &[
    of("none", "a sound chain", |_, _| Ok(None)),
    of("zero-root", "the zero address is expected, with and without a garbage signature", zero_root),
    of("other-root", "another KMS issued the app key, or another address is expected", other_root),
    of("app-id-length", "app_id of another length, signed as it is", app_id_length),
    of("app-id-other", "the app key was issued for another app", app_id_other),
    of("purpose-expected", "the verifier expects another purpose", purpose_expected),
    of("purpose-claimed", "the claim was made for another purpose", purpose_claimed),
    of("app-key-length", "the app key in another form than x and y", |draft, u| {
        let length = other_form(u, &mut draft.proof.app_key)?;
        Ok(Some(ProofFault::AppKeyLength { length }))
    }),
    of("app-key-unbound", "the claim is by another key than the app key that was issued", app_key_unbound),
    of("app-key-negated", "the other point of the app key's x", app_key_negated),
    of("derived-key-length", "the derived key in another form than x and y", |draft, u| {
        let length = other_form(u, &mut draft.proof.derived_key)?;
        Ok(Some(ProofFault::DerivedKeyLength { length }))
    }),
    of("derived-key-off-curve", "coordinates of no point, with a sound claim for them", off_curve),
    of("derived-key-other", "the claim was made for another derived key", derived_key_other),
    of("claim-length", "the claim's signature of another length", |draft, u| length(draft, u, Link::Claim)),
    of("claim-v", "the claim's v of another form", |draft, u| v(draft, u, Link::Claim)),
    of("claim-high-s", "the claim's twin", |draft, _| high_s(draft, Link::Claim)),
    of("claim-rejected", "a claim that recovers no key", |draft, u| rejected(draft, u, Link::Claim)),
    of("claim-parity", "the claim's other recovery id", |draft, _| parity(draft, Link::Claim)),
    of("claim-mistake", "the claim over a message of the catalogue", |draft, u| {
        mistake(draft, u, Link::Claim)
    }),
    of("issued-length", "the root's signature of another length", |draft, u| length(draft, u, Link::Issued)),
    of("issued-v", "the root's v of another form", |draft, u| v(draft, u, Link::Issued)),
    of("issued-high-s", "the twin of the root's signature", |draft, _| high_s(draft, Link::Issued)),
    of("issued-rejected", "a root's signature that recovers no key", |draft, u| {
        rejected(draft, u, Link::Issued)
    }),
    of("issued-parity", "the root's other recovery id", |draft, _| parity(draft, Link::Issued)),
    of("issued-mistake", "the root signs a message of the catalogue", |draft, u| {
        mistake(draft, u, Link::Issued)
    }),
    of(
        "issued-by-claim",
        "the root signs an app key that is recovered from the claim over a message of the catalogue",
        issued_by_claim,
    ),
    of("links-swapped", "each signature in the other's place", links_swapped),
];

fn zero_root(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<ProofFault>> {
    draft.root = Address([0; 20]);
    if u.arbitrary()? {
        // ecrecover gives nothing for this, which reads as the zero address.
        draft.proof.issued_signature = no_key(draft, u, Link::Issued)?;
    }
    Ok(Some(ProofFault::ZeroRoot))
}

fn other_root(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<ProofFault>> {
    match u.int_in_range(0..=3)? {
        0 => {
            draft.root_key = scalar(u)?;
            let digest = draft.issued.input().digest;
            draft.sign(u, Link::Issued, digest)?;
        }
        1 => draft.root = Address(u.arbitrary::<[u8; 20]>()?.map(|byte| byte | 1)),
        // What has been taken for the root's address.
        _ => {
            let choice = *u.choose(mistake::ADDRESS)?;
            let root = format!("recover({}, issued_signature)", Link::Issued.expression());
            let text = choice.expression.replace("{root}", &root);
            let address = evaluate(&text, &fields(&draft.proof)).and_then(|bytes| bytes.try_into().ok());
            draft.root = Address(address.unwrap_or_else(|| unreachable!("the catalogue can be evaluated")));
            draft.mistakes.push(choice);
        }
    }
    Ok((draft.root == Address([0; 20])).then_some(ProofFault::ZeroRoot))
}

fn app_id_length(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<ProofFault>> {
    let id = &mut draft.proof.app_id;
    match u.ratio(1, 4)? {
        // Bytes that go over from the app key.
        true => id.extend(bytes(u, 1..=33)?),
        false => *id = u.choose(defect::APP_IDS)?.1(id),
    }
    if let Some(digest) = draft.digest(Link::Issued) {
        draft.sign(u, Link::Issued, digest)?;
    }
    Ok(Some(ProofFault::AppIdLength { length: draft.proof.app_id.len() }))
}

fn app_id_other(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<ProofFault>> {
    draft.proof.app_id[u.choose_index(20)?] ^= 1 << u.int_in_range(0..=7)?;
    Ok(None)
}

fn purpose_expected(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<ProofFault>> {
    match draft.purpose.last_mut() {
        Some(last) if u.arbitrary()? => *last ^= 1 << u.int_in_range(0..=7)?,
        Some(_) if u.arbitrary()? => draft.purpose.clear(),
        _ => draft.purpose.push(u.arbitrary()?),
    }
    let (found, expected) = (draft.proof.purpose.clone(), draft.purpose.clone());
    Ok(Some(ProofFault::PurposeMismatch { found, expected }))
}

fn purpose_claimed(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<ProofFault>> {
    // Proof and verifier agree, and the app signed for something else.
    draft.proof.purpose.push(u.arbitrary()?);
    draft.purpose.clone_from(&draft.proof.purpose);
    Ok(None)
}

/// Writes a key in another form than x and y; gives its length.
fn other_form(u: &mut Unstructured<'_>, xy: &mut Vec<u8>) -> Result<usize> {
    match u.ratio(1, 4)? {
        true => xy.extend(bytes(u, 1..=32)?),
        false => *xy = u.choose(defect::KEYS)?.1(xy),
    }
    Ok(xy.len())
}

fn app_key_unbound(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<ProofFault>> {
    let other = scalar(u)?;
    if u.arbitrary()? {
        // Somebody's own claim beside an app key that was issued to others.
        let claim = Signed::make(u, draft.claim.input().digest, other)?;
        draft.put(Link::Claim, claim);
    } else {
        // An app key that was issued, beside another app's claim.
        draft.proof.app_key = public_key(&times_g(other)).xy().into();
        if let Some(digest) = draft.digest(Link::Issued) {
            draft.sign(u, Link::Issued, digest)?;
        }
    }
    Ok(None)
}

fn app_key_negated(draft: &mut Draft, _: &mut Unstructured<'_>) -> Result<Option<ProofFault>> {
    let (x, y) = draft.proof.app_key.split_at(32);
    let y = SECP256K1.p - U256::from_be_slice(y);
    draft.proof.app_key = [x, &y.to_be_bytes::<32>()].concat();
    Ok(None)
}

fn off_curve(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<ProofFault>> {
    let Some(key) = key_of(&draft.proof.derived_key) else { return Ok(None) };
    let points = defect::off_curve(&key, u.int_in_range(1..=200)?, u.int_in_range(0..=900)?);
    let (_, (_, key)) = *u.choose(&points)?;
    draft.proof.derived_key = key.xy().into();
    draft.sign(u, Link::Claim, claim_digest(&draft.proof.purpose, &key))?;
    Ok(Some(ProofFault::DerivedKeyOffCurve))
}

fn derived_key_other(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<ProofFault>> {
    draft.proof.derived_key = public_key(&times_g(scalar(u)?)).xy().into();
    Ok(None)
}

fn length(draft: &mut Draft, u: &mut Unstructured<'_>, link: Link) -> Result<Option<ProofFault>> {
    let signature = draft.proof.signature_mut(link);
    match u.ratio(1, 8)? {
        true => signature.extend(bytes(u, 1..=40)?),
        false => *signature = (u.choose(defect::SIGNATURES)?.1.1)(signature),
    }
    Ok(Some(ProofFault::SignatureLength { link, length: signature.len() }))
}

fn v(draft: &mut Draft, u: &mut Unstructured<'_>, link: Link) -> Result<Option<ProofFault>> {
    let recovery_id = draft.signed(link).input().recovery_id;
    let v = match u.ratio(1, 4)? {
        true => u.int_in_range(2..=255)?,
        false => u.choose(&defect::forms_of_v(0))?.1[usize::from(recovery_id)],
    };
    draft.proof.signature_mut(link)[64] = v;
    Ok(Some(ProofFault::SignatureV { link, v }))
}

fn high_s(draft: &mut Draft, link: Link) -> Result<Option<ProofFault>> {
    let signature = draft.proof.signature_mut(link);
    *signature = defect::twin(signature);
    Ok(Some(ProofFault::SignatureHighS { link }))
}

/// A signature that recovers no key.
fn no_key(draft: &Draft, u: &mut Unstructured<'_>, link: Link) -> Result<Vec<u8>> {
    let signatures = defect::no_key(draft.signed(link).input().digest, scalar(u)?, number(u)?);
    Ok(u.choose(&signatures)?.1.clone())
}

fn rejected(draft: &mut Draft, u: &mut Unstructured<'_>, link: Link) -> Result<Option<ProofFault>> {
    *draft.proof.signature_mut(link) = no_key(draft, u, link)?;
    Ok(Some(ProofFault::SignatureRejected { link }))
}

fn parity(draft: &mut Draft, link: Link) -> Result<Option<ProofFault>> {
    if let Some(signed) = draft.signed(link).other_parity() {
        draft.put(link, signed);
    }
    Ok(None)
}

fn links_swapped(draft: &mut Draft, _: &mut Unstructured<'_>) -> Result<Option<ProofFault>> {
    defect::swap_links(&mut draft.proof);
    std::mem::swap(&mut draft.claim, &mut draft.issued);
    Ok(None)
}

fn mistake(draft: &mut Draft, u: &mut Unstructured<'_>, link: Link) -> Result<Option<ProofFault>> {
    let text = mistaken(draft, u, link.parts(), None)?;
    sign_over(draft, u, link, &text)
}

fn issued_by_claim(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<ProofFault>> {
    let claim = mistaken(draft, u, Link::Claim.parts(), None)?;
    let choice = *u.choose(mistake::APP_KEY_BY_CLAIM)?;
    draft.mistakes.push(choice);
    let key = choice.expression.replace("{}", &claim);
    let text = mistaken(draft, u, &[mistake::PREFIX, mistake::APP_ID], Some(&key))?;
    sign_over(draft, u, Link::Issued, &text)
}

fn sign_over(
    draft: &mut Draft,
    u: &mut Unstructured<'_>,
    link: Link,
    text: &str,
) -> Result<Option<ProofFault>> {
    let digest = super::digest(text, &draft.proof);
    let digest = digest.unwrap_or_else(|| unreachable!("the catalogue can be evaluated: {text}"));
    draft.sign(u, link, digest)?;
    Ok(None)
}

/// A digest's expression with mistakes: one part or the hash is wrong, each other one is or is not. `last` comes
/// after the message's parts.
fn mistaken(
    draft: &mut Draft,
    u: &mut Unstructured<'_>,
    parts: &[&[Choice]],
    last: Option<&str>,
) -> Result<String> {
    let wrong = u.choose_index(parts.len() + 1)?;
    let mut picked = Vec::new();
    for (at, choices) in parts.iter().chain([&mistake::HASH]).enumerate() {
        let others = choices.len() - 1;
        let choice = match at == wrong {
            true => u.int_in_range(1..=others)?,
            false if u.ratio(1, 4)? => u.int_in_range(0..=others)?,
            false => 0,
        };
        if choice > 0 {
            draft.mistakes.push(choices[choice]);
        }
        picked.push(choices[choice].expression);
    }
    let hash = picked.pop().unwrap_or_default();
    picked.extend(last);
    Ok(mistake::digest(&picked, hash))
}
