//! A signature's bytes: how many, which s, and what is no signature at all. v is in a file of its own.

use ruint::aliases::U256;

use super::chain::{Rules, SoundChain, refused, signed_by_anybody};
use super::{Attempt, AuditCase, Requirement};
use crate::dstack::chain::{Link, claim_digest, issued_digest};
use crate::dstack::defect::{SIGNATURES, no_key, rsv, twin};
use crate::dstack::registry::HighS;
use crate::generate::construct::Scalar;
use crate::reference::{Point, SECP256K1};

pub(super) fn cases(rules: &Rules<'_>) -> Vec<AuditCase> {
    let high_s = refused(
        "signature::high-s",
        "The twin of each signature (n - s, the other v), and s = (n + 1) / 2.",
        "anybody makes the twin of a signature: what counts or forbids signatures by their bytes counts two",
        &["SignatureHighS"],
        high_s(rules),
    );
    vec![
        match rules.high_s {
            HighS::Refused => high_s,
            HighS::Accepted => AuditCase { expect: Requirement::Accept, ..high_s },
        },
        refused(
            "signature::truncated",
            "Signatures of 0, 1, 32 and 63 bytes.",
            "what is missing is read from elsewhere, or as zeros",
            &["SignatureLength"],
            of_lengths(rules, "signature::truncated"),
        ),
        refused(
            "signature::compact",
            "Signatures of 64 bytes: without v, and EIP-2098's compact form.",
            "two forms of one signature: what counts signatures by their bytes counts two",
            &["SignatureLength", "SignatureHighS"],
            of_lengths(rules, "signature::compact"),
        ),
        refused(
            "signature::trailing",
            "Signatures of 66, 96 and 130 bytes: what follows the right 65, a zero before r, hex.",
            "bytes that are not read make many signatures of one",
            &["SignatureLength"],
            of_lengths(rules, "signature::trailing"),
        ),
        refused(
            "signature::garbage",
            "Signatures that recover no key: r zero, above n or off the curve, s zero, a key at infinity.",
            "ecrecover says nothing, and what was in its output before is taken for the signer",
            &["SignatureRejected", "AppKeyMismatch", "WrongRoot"],
            garbage(rules),
        ),
    ]
}

fn high_s(rules: &Rules<'_>) -> Vec<Attempt> {
    let chain = rules.chain("high s");
    let twins = chain.with_each_signature(twin).into_iter();
    let twins = twins.map(|(link, proof)| rules.attempt(format!("{link}, the twin"), &chain, proof));
    let least = (SECP256K1.n >> 1) + U256::ONE;
    twins.chain(Link::BOTH.map(|link| of_s(rules, &chain, link, least, "s = (n + 1) / 2"))).collect()
}

/// A link with this s, for R = G.
pub(super) fn of_s(rules: &Rules<'_>, chain: &SoundChain, link: Link, s: U256, label: &str) -> Attempt {
    let (proof, root) = signed_by_anybody(chain, link, rsv(x_of_g(), s, 0));
    Attempt { root, ..rules.attempt(format!("{link}, {label}"), chain, proof) }
}

fn of_lengths(rules: &Rules<'_>, case: &str) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for (_, (what, change)) in SIGNATURES.iter().filter(|(of, _)| *of == case) {
        for (label, chain) in rules.chains_of_both_recovery_ids() {
            for (link, proof) in chain.with_each_signature(change) {
                attempts.push(rules.attempt(format!("{label}: {link}, {what}"), &chain, proof));
            }
        }
    }
    attempts
}

fn garbage(rules: &Rules<'_>) -> Vec<Attempt> {
    let chain = rules.chain("garbage");
    let of = |link| {
        let digest = match link {
            Link::Claim => claim_digest(&chain.purpose, &chain.derived),
            Link::Issued => issued_digest(&chain.app_id, &chain.app.public_key()),
        };
        no_key(digest, Scalar::from(1), U256::from(5)).map(|(what, signature)| {
            let mut proof = chain.proof();
            *proof.signature_mut(link) = signature;
            rules.attempt(format!("{link}, {what}"), &chain, proof)
        })
    };
    Link::BOTH.into_iter().flat_map(of).collect()
}

fn x_of_g() -> U256 {
    match SECP256K1.g {
        Point::Affine { x, .. } => x,
        Point::Infinity => unreachable!("G is a point"),
    }
}
