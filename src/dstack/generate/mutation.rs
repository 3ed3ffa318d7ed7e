//! The mutations: what is wrong with a generated chain. Most are what an attacker would hand in: all that
//! can be right beside the mutation is right, so that a verifier which does not look accepts.

use arbitrary::{Result, Unstructured};
use ark_ff::Field as _;
use ruint::aliases::U256;

use super::{Draft, Signed, bytes, evaluate, fields, key_of};
use crate::dstack::chain::{Fault, Link, claim_digest};
use crate::dstack::explain::ISSUED;
use crate::dstack::mistake::{self, Choice};
use crate::generate::construct::{
    exponent, from_nonce, lift_x, next_point, next_point_by_y, number, public_key, reduce, times_g,
};
use crate::input::bytes::Word;
use crate::input::key::{Address, PublicKey};
use crate::reference::SECP256K1;

/// Something that is wrong with a chain.
pub struct Mutation {
    /// Its name.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// Spoils a sound chain; gives the fault, or none where that follows from who signed what.
    pub(super) apply: fn(&mut Draft, &mut Unstructured<'_>) -> Result<Option<Fault>>,
}

/// Every mutation, the first of which is none.
pub static MUTATIONS: &[Mutation] = &[
    Mutation { name: "none", about: "a sound chain", apply: |_, _| Ok(None) },
    Mutation {
        name: "zero-root",
        about: "the zero address is expected, with and without a garbage signature",
        apply: zero_root,
    },
    Mutation {
        name: "other-root",
        about: "another KMS issued the app key, or another address is expected",
        apply: other_root,
    },
    Mutation {
        name: "app-id-length",
        about: "app_id cut, padded, empty, in hex; signed as it is",
        apply: app_id_length,
    },
    Mutation { name: "app-id-other", about: "the app key was issued for another app", apply: app_id_other },
    Mutation {
        name: "purpose-expected",
        about: "the verifier expects another purpose",
        apply: purpose_expected,
    },
    Mutation {
        name: "purpose-claimed",
        about: "the claim was made for another purpose",
        apply: purpose_claimed,
    },
    Mutation {
        name: "app-key-length",
        about: "the app key as an address, in SEC 1's forms, cut",
        apply: app_key_length,
    },
    Mutation {
        name: "app-key-unbound",
        about: "the claim is by another key than the app key that was issued",
        apply: app_key_unbound,
    },
    Mutation { name: "app-key-negated", about: "the other point of the app key's x", apply: app_key_negated },
    Mutation {
        name: "derived-key-length",
        about: "the derived key as an address, in SEC 1's forms, cut",
        apply: derived_key_length,
    },
    Mutation {
        name: "derived-key-off-curve",
        about: "coordinates off the curve or not below p, with a sound claim for them",
        apply: derived_key_off_curve,
    },
    Mutation {
        name: "derived-key-other",
        about: "the claim was made for another derived key",
        apply: derived_key_other,
    },
    Mutation {
        name: "claim-length",
        about: "the claim's signature cut, longer, empty, in hex",
        apply: |draft, u| length(draft, u, Link::Claim),
    },
    Mutation {
        name: "claim-v",
        about: "the claim's v 27 or 28, 2 or 3, anything else",
        apply: |draft, u| v(draft, u, Link::Claim),
    },
    Mutation {
        name: "claim-high-s",
        about: "the claim's twin",
        apply: |draft, _| high_s(draft, Link::Claim),
    },
    Mutation {
        name: "claim-rejected",
        about: "a claim that recovers no key",
        apply: |draft, u| rejected(draft, u, Link::Claim),
    },
    Mutation {
        name: "claim-parity",
        about: "the claim's other recovery id",
        apply: |draft, _| parity(draft, Link::Claim),
    },
    Mutation {
        name: "claim-mistake",
        about: "the claim over a message of the catalogue",
        apply: claim_mistake,
    },
    Mutation {
        name: "issued-length",
        about: "the root's signature cut, longer, empty, in hex",
        apply: |draft, u| length(draft, u, Link::Issued),
    },
    Mutation {
        name: "issued-v",
        about: "the root's v 27 or 28, 2 or 3, anything else",
        apply: |draft, u| v(draft, u, Link::Issued),
    },
    Mutation {
        name: "issued-high-s",
        about: "the twin of the root's signature",
        apply: |draft, _| high_s(draft, Link::Issued),
    },
    Mutation {
        name: "issued-rejected",
        about: "a root's signature that recovers no key",
        apply: |draft, u| rejected(draft, u, Link::Issued),
    },
    Mutation {
        name: "issued-parity",
        about: "the root's other recovery id",
        apply: |draft, _| parity(draft, Link::Issued),
    },
    Mutation {
        name: "issued-mistake",
        about: "the root signs a message of the catalogue",
        apply: issued_mistake,
    },
    Mutation {
        name: "issued-by-claim",
        about: "the root signs an app key that is recovered from the claim over a message of the catalogue",
        apply: issued_by_claim,
    },
    Mutation { name: "links-swapped", about: "each signature in the other's place", apply: links_swapped },
];

fn zero_root(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    draft.root = Address([0; 20]);
    if u.arbitrary()? {
        // ecrecover gives nothing for this, which reads as the zero address.
        draft.proof.issued_signature = [[0xff; 64].as_slice(), &[u.int_in_range(0..=1)?]].concat();
    }
    Ok(Some(Fault::ZeroRoot))
}

fn other_root(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    match u.int_in_range(0..=3)? {
        0 => {
            draft.root_key = exponent(u)?;
            let digest = draft.issued.input().digest;
            draft.sign(u, Link::Issued, digest)?;
        }
        1 => draft.root = Address(u.arbitrary::<[u8; 20]>()?.map(|byte| byte | 1)),
        // What has been taken for the root's address.
        _ => {
            let (text, mistakes) = *u.choose(mistake::ADDRESS)?;
            let text = text.replace("{root}", &format!("recover({ISSUED}, issued_signature)"));
            let address = evaluate(&text, &fields(&draft.proof)).and_then(|bytes| bytes.try_into().ok());
            draft.root = Address(address.unwrap_or_else(|| unreachable!("the catalogue can be evaluated")));
            draft.mistakes.extend(mistakes);
        }
    }
    Ok((draft.root == Address([0; 20])).then_some(Fault::ZeroRoot))
}

fn app_id_length(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    let id = draft.proof.app_id.clone();
    draft.proof.app_id = match u.int_in_range(0..=5)? {
        0 => id[1..].to_vec(),
        1 => Vec::new(),
        2 => [id.as_slice(), &[0; 12]].concat(),
        3 => [[0; 12].as_slice(), &id].concat(),
        4 => const_hex::encode(&id).into_bytes(),
        // Bytes that go over from the app key.
        _ => [id, bytes(u, 1..=33)?].concat(),
    };
    if let Some(digest) = draft.digest(ISSUED) {
        draft.sign(u, Link::Issued, digest)?;
    }
    Ok(Some(Fault::AppIdLength { length: draft.proof.app_id.len() }))
}

fn app_id_other(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    draft.proof.app_id[u.choose_index(20)?] ^= 1 << u.int_in_range(0..=7)?;
    Ok(None)
}

fn purpose_expected(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    match draft.purpose.last_mut() {
        Some(last) if u.arbitrary()? => *last ^= 1 << u.int_in_range(0..=7)?,
        Some(_) if u.arbitrary()? => draft.purpose.clear(),
        _ => draft.purpose.push(u.arbitrary()?),
    }
    Ok(Some(Fault::PurposeMismatch { found: draft.proof.purpose.clone(), expected: draft.purpose.clone() }))
}

fn purpose_claimed(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    // Proof and verifier agree, and the app signed for something else.
    draft.proof.purpose.push(u.arbitrary()?);
    draft.purpose.clone_from(&draft.proof.purpose);
    Ok(None)
}

/// A key in forms of other lengths than 64 bytes.
fn other_form(u: &mut Unstructured<'_>, xy: &[u8]) -> Result<Vec<u8>> {
    let Some(key) = key_of(xy) else { return Ok(Vec::new()) };
    Ok(match u.int_in_range(0..=5)? {
        0 => key.compressed().into(),
        1 => key.uncompressed().into(),
        2 => key.address().0.into(),
        3 => Vec::new(),
        4 => xy[..63].to_vec(),
        _ => [xy, &bytes(u, 1..=32)?].concat(),
    })
}

fn app_key_length(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    draft.proof.app_key = other_form(u, &draft.proof.app_key)?;
    Ok(Some(Fault::AppKeyLength { length: draft.proof.app_key.len() }))
}

fn app_key_unbound(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    let other = exponent(u)?;
    if u.arbitrary()? {
        // Somebody's own claim beside an app key that was issued to others.
        let claim = Signed::make(u, draft.claim.input().digest, other)?;
        draft.put(Link::Claim, claim);
    } else {
        // An app key that was issued, beside another app's claim.
        draft.proof.app_key = public_key(&times_g(other)).xy().into();
        if let Some(digest) = draft.digest(ISSUED) {
            draft.sign(u, Link::Issued, digest)?;
        }
    }
    Ok(None)
}

fn app_key_negated(draft: &mut Draft, _: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    let (x, y) = draft.proof.app_key.split_at(32);
    let y = SECP256K1.p - U256::from_be_slice(y);
    draft.proof.app_key = [x, &y.to_be_bytes::<32>()].concat();
    Ok(None)
}

fn derived_key_length(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    draft.proof.derived_key = other_form(u, &draft.proof.derived_key)?;
    Ok(Some(Fault::DerivedKeyLength { length: draft.proof.derived_key.len() }))
}

fn derived_key_off_curve(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    let (x, y) = draft.proof.derived_key.split_at(32);
    let (mut x, mut y) = (U256::from_be_slice(x), U256::from_be_slice(y));
    match u.int_in_range(0..=4)? {
        // Another y of the same parity: the claim for the key on the curve is its claim too.
        0 => y ^= U256::from(2) << u.int_in_range(0..=200usize)?,
        1 => (x, y) = (U256::ZERO, U256::ZERO),
        2 => (x, y) = (number(u)?, U256::from(7)),
        // On the curve modulo p, and not below it: y + p fits for a small y, x + p for a small x.
        3 => {
            let (small, point) = next_point_by_y(u.int_in_range(0..=900u32)?);
            x = U256::from_be_bytes(public_key(&point).x);
            y = small + SECP256K1.p;
        }
        _ => {
            let (small, point) = next_point(U256::from(u.int_in_range(0..=900u32)?), u.arbitrary()?);
            y = U256::from_be_bytes(public_key(&point).y);
            x = small + SECP256K1.p;
        }
    }
    let key = PublicKey { x: x.to_be_bytes(), y: y.to_be_bytes() };
    draft.proof.derived_key = key.xy().into();
    draft.sign(u, Link::Claim, claim_digest(&draft.proof.purpose, &key))?;
    Ok(Some(Fault::DerivedKeyOffCurve))
}

fn derived_key_other(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    draft.proof.derived_key = public_key(&times_g(exponent(u)?)).xy().into();
    Ok(None)
}

fn length(draft: &mut Draft, u: &mut Unstructured<'_>, link: Link) -> Result<Option<Fault>> {
    let signature = draft.signature(link);
    match u.int_in_range(0..=4)? {
        0 => signature.truncate(64),
        1 => signature.clear(),
        2 => *signature = const_hex::encode(&*signature).into_bytes(),
        3 => signature.insert(0, 0),
        _ => signature.extend(bytes(u, 1..=40)?),
    }
    Ok(Some(Fault::SignatureLength { link, length: signature.len() }))
}

fn v(draft: &mut Draft, u: &mut Unstructured<'_>, link: Link) -> Result<Option<Fault>> {
    let recovery_id = draft.signed(link).input().recovery_id;
    let v = match u.int_in_range(0..=3)? {
        0 | 1 => recovery_id + 27,
        2 => recovery_id + 2,
        _ => u.int_in_range(2..=255)?,
    };
    draft.signature(link)[64] = v;
    Ok(Some(Fault::SignatureV { link, v }))
}

fn high_s(draft: &mut Draft, link: Link) -> Result<Option<Fault>> {
    let mut signed = draft.signed(link);
    signed.built = signed.built.twin();
    draft.put(link, signed);
    Ok(Some(Fault::SignatureHighS { link }))
}

fn rejected(draft: &mut Draft, u: &mut Unstructured<'_>, link: Link) -> Result<Option<Fault>> {
    let mut signed = draft.signed(link);
    let digest = signed.input().digest;
    let input = &mut signed.built.input;
    match u.int_in_range(0..=4)? {
        0 => input.r = Word([0; 32]),
        1 => input.s = Word([0; 32]),
        2 => input.r = Word::from(SECP256K1.n),
        3 => {
            let mut r = number(u)? >> 1;
            while lift_x(r, false).is_some() {
                r += U256::ONE;
            }
            input.r = Word::from(r.max(U256::from(5))); // 5 is the x of no point
        }
        // The point at infinity: sR = zG.
        _ => {
            let k = exponent(u)?;
            let r = reduce(U256::from_be_bytes(public_key(&times_g(k)).x));
            let u1 = -reduce(digest.number()) * r.inverse().unwrap_or_default();
            let u2 = -u1 * k.inverse().unwrap_or_default();
            signed.built = from_nonce(k, u1, u2).low_s();
        }
    }
    *draft.signature(link) = signed.bytes();
    Ok(Some(Fault::SignatureRejected { link }))
}

fn parity(draft: &mut Draft, link: Link) -> Result<Option<Fault>> {
    if let Some(signed) = draft.signed(link).other_parity() {
        draft.put(link, signed);
    }
    Ok(None)
}

fn links_swapped(draft: &mut Draft, _: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    let (claim, issued) = (draft.claim, draft.issued);
    draft.put(Link::Claim, issued);
    draft.put(Link::Issued, claim);
    Ok(None)
}

fn claim_mistake(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    let text = mistaken(draft, u, &[mistake::PURPOSE, mistake::DERIVED_KEY], None)?;
    sign_over(draft, u, Link::Claim, &text)
}

fn issued_mistake(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    let text = mistaken(draft, u, &[mistake::PREFIX, mistake::APP_ID, mistake::APP_KEY], None)?;
    sign_over(draft, u, Link::Issued, &text)
}

fn issued_by_claim(draft: &mut Draft, u: &mut Unstructured<'_>) -> Result<Option<Fault>> {
    let claim = mistaken(draft, u, &[mistake::PURPOSE, mistake::DERIVED_KEY], None)?;
    let (text, mistakes) = *u.choose(mistake::APP_KEY_BY_CLAIM)?;
    draft.mistakes.extend(mistakes);
    let key = text.replace("{}", &claim);
    let text = mistaken(draft, u, &[mistake::PREFIX, mistake::APP_ID], Some(key))?;
    sign_over(draft, u, Link::Issued, &text)
}

fn sign_over(draft: &mut Draft, u: &mut Unstructured<'_>, link: Link, text: &str) -> Result<Option<Fault>> {
    let digest = draft.digest(text);
    let digest = digest.unwrap_or_else(|| unreachable!("the catalogue can be evaluated: {text}"));
    draft.sign(u, link, digest)?;
    Ok(None)
}

/// A digest's expression with mistakes: one part is wrong, each other one is or is not. `last` comes after the
/// message's parts.
fn mistaken(
    draft: &mut Draft,
    u: &mut Unstructured<'_>,
    tables: &[&'static [Choice]],
    last: Option<String>,
) -> Result<String> {
    let wrong = u.choose_index(tables.len() + 1)?;
    let mut pick = |is_wrong: bool, table: &'static [Choice]| -> Result<String> {
        let others = table.len() - 1;
        let at = match is_wrong {
            true => u.int_in_range(1..=others)?,
            false if u.ratio(1, 4)? => u.int_in_range(0..=others)?,
            false => 0,
        };
        let (text, mistakes) = table[at];
        draft.mistakes.extend(mistakes);
        Ok(text.to_owned())
    };
    let mut parts = Vec::new();
    for (at, table) in tables.iter().enumerate() {
        parts.push(pick(at == wrong, table)?);
    }
    parts.extend(last);
    let hash = pick(wrong == tables.len(), mistake::HASH)?;
    parts.retain(|part| !part.is_empty());
    let message = if parts.is_empty() { "\"\"".to_owned() } else { parts.join(" + ") };
    Ok(hash.replace("{}", &message))
}
