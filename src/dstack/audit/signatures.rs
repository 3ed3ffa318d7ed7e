//! A signature's bytes: how many, which s, and what is no signature at all. v is in a file of its own.

use ruint::aliases::U256;

use super::chain::{Rules, refused, signature, signed_by_anybody, twin};
use super::{Attempt, Case, Expect};
use crate::dstack::chain::{Link, Proof, claim_digest, issued_digest};
use crate::dstack::registry::HighS;
use crate::input::signature::{Signature, Wire};
use crate::reference::{Point, SECP256K1};

pub(super) fn cases(rules: &Rules) -> Vec<Case> {
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
            HighS::Accepted => Case { expect: Expect::Accept, ..high_s },
        },
        refused(
            "signature::truncated",
            "Signatures of 0, 1, 32 and 63 bytes.",
            "what is missing is read from elsewhere, or as zeros",
            &["SignatureLength"],
            of_lengths(rules, &[0, 1, 32, 63]),
        ),
        refused(
            "signature::compact",
            "Signatures of 64 bytes: without v, and EIP-2098's compact form.",
            "two forms of one signature: what counts signatures by their bytes counts two",
            &["SignatureLength", "SignatureHighS"],
            compact(rules),
        ),
        refused(
            "signature::trailing",
            "Signatures of 66, 96 and 130 bytes, whose first 65 are right.",
            "bytes that are not read make many signatures of one",
            &["SignatureLength"],
            of_lengths(rules, &[66, 96, 130]),
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

fn high_s(rules: &Rules) -> Vec<Attempt> {
    let chain = rules.chain("high s");
    let mut attempts: Vec<Attempt> = chain
        .with_each_signature(twin)
        .into_iter()
        .map(|(link, proof)| rules.attempt(format!("{link}, the twin"), &chain, proof))
        .collect();
    let Point::Affine { x: r, .. } = SECP256K1.g else { return attempts };
    for (link, name) in [(Link::Claim, "claim"), (Link::Issued, "issued")] {
        let s = (SECP256K1.n >> 1) + U256::ONE;
        let (proof, root) = signed_by_anybody(&chain, link, signature(r, s, 0));
        attempts.push(Attempt { root, ..rules.attempt(format!("{name}, s = (n + 1) / 2"), &chain, proof) });
    }
    attempts
}

fn of_lengths(rules: &Rules, lengths: &[usize]) -> Vec<Attempt> {
    let chain = rules.chain("length");
    let mut attempts = Vec::new();
    for length in lengths {
        let cut = |signature: &[u8]| signature.iter().copied().cycle().take(*length).collect();
        for (link, proof) in chain.with_each_signature(cut) {
            attempts.push(rules.attempt(format!("{link}, {length} bytes"), &chain, proof));
        }
    }
    attempts
}

fn compact(rules: &Rules) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for (label, chain) in rules.chains_of_both_recovery_ids() {
        for (link, proof) in chain.with_each_signature(|signature| signature[..64].to_vec()) {
            attempts.push(rules.attempt(format!("{label}: {link}, without v"), &chain, proof));
        }
        let compact = |bytes: &[u8]| {
            let signature = Wire::RsRecoveryId.decode(bytes, None).ok();
            signature.and_then(|signature: Signature| Wire::Eip2098.encode(&signature, 0)).unwrap_or_default()
        };
        for (link, proof) in chain.with_each_signature(compact) {
            attempts.push(rules.attempt(format!("{label}: {link}, EIP-2098"), &chain, proof));
        }
    }
    attempts
}

fn garbage(rules: &Rules) -> Vec<Attempt> {
    let chain = rules.chain("garbage");
    let proof = chain.proof();
    let (zero, one) = (U256::ZERO, U256::ONE);
    let digests =
        [claim_digest(&chain.purpose, &chain.derived), issued_digest(&chain.app_id, &chain.app.public_key())];
    let [claim, issued] = digests.map(|digest| {
        vec![
            ("r and s zero", signature(zero, zero, 0)),
            ("r zero", signature(zero, one, 0)),
            ("s zero", signature(one, zero, 1)),
            ("r = n", signature(SECP256K1.n, one, 0)),
            ("r of 0xff", signature(U256::MAX, one, 1)),
            ("r off the curve", signature(U256::from(5), one, 0)), // no point has x = 5
            ("a key at infinity", at_infinity(digest.number())),
        ]
    });
    let claims = claim.into_iter().map(|(what, claim_signature)| {
        rules.attempt(format!("claim, {what}"), &chain, Proof { claim_signature, ..proof.clone() })
    });
    let issued = issued.into_iter().map(|(what, issued_signature)| {
        rules.attempt(format!("issued, {what}"), &chain, Proof { issued_signature, ..proof.clone() })
    });
    claims.chain(issued).collect()
}

/// s·R = z·G for R = G and s = z: the key would be the point at infinity. s is made low.
fn at_infinity(digest: U256) -> Vec<u8> {
    let Point::Affine { x: r, y } = SECP256K1.g else { return Vec::new() };
    let s = digest.reduce_mod(SECP256K1.n);
    let high = s > SECP256K1.n >> 1;
    let parity = u8::from(y.bit(0));
    if high { signature(r, SECP256K1.n - s, parity ^ 1) } else { signature(r, s, parity) }
}
