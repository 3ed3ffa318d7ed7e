//! The app id and the keys, as bytes: lengths, padding, points that are none.

use super::chain::{Rules, SoundChain, refused};
use super::{Attempt, AuditCase};
use crate::dstack::chain::{Proof, issued_digest};
use crate::dstack::defect::{APP_IDS, Form, KEYS, PADDED, off_curve};

pub(super) fn cases(rules: &Rules<'_>) -> Vec<AuditCase> {
    vec![
        refused(
            "app-id::length",
            "An app id of 0, 19, 21, 32 and 40 bytes, issued as it is.",
            "an app id has 20 bytes: with any length, formats that begin alike can be taken for one another",
            &["AppIdLength", "WrongRoot"],
            app_ids(rules),
        ),
        refused(
            "app-id::padded",
            "An app id of 32 bytes, padded with zeros, where the 20 bytes were issued.",
            "an id that is cut to size has many spellings, each registered apart",
            &["AppIdLength", "WrongRoot"],
            padded(rules),
        ),
        refused(
            "app-key::length",
            "An app key of other lengths than 64 bytes.",
            "a key is x and y: its bytes are hashed for its address, and two of its words for what is issued",
            &["AppKeyLength", "AppKeyMismatch"],
            app_keys(rules),
        ),
        refused(
            "derived-key::length",
            "A derived key of other lengths than 64 bytes; some begin with the 64 that are claimed.",
            "with bytes after y the key has an address that nobody claimed",
            &["DerivedKeyLength"],
            derived_keys(rules),
        ),
        refused(
            "derived-key::off-curve",
            "A derived key with the x and the parity of the claimed one, and another y.",
            "the claim names x and the parity of y: any such y has an address that nobody claimed",
            &["DerivedKeyOffCurve"],
            no_points(rules, "derived-key::off-curve"),
        ),
        refused(
            "derived-key::not-reduced",
            "A derived key with x + p in place of x, or y + p in place of y.",
            "one point, two spellings, two addresses: coordinates are below p",
            &["DerivedKeyOffCurve"],
            no_points(rules, "derived-key::not-reduced"),
        ),
    ]
}

fn app_ids(rules: &Rules<'_>) -> Vec<Attempt> {
    let chain = rules.chain("app id");
    let attempt = |(label, change): &Form| {
        let app_id = change(&chain.app_id);
        let issued_signature = chain.root.sign(issued_digest(&app_id, &chain.app.public_key()));
        rules.attempt(*label, &chain, Proof { app_id, issued_signature, ..chain.proof() })
    };
    APP_IDS.iter().map(attempt).collect()
}

fn padded(rules: &Rules<'_>) -> Vec<Attempt> {
    let chain = rules.chain("app id");
    let padded = APP_IDS.iter().filter(|(label, _)| PADDED.contains(label));
    let attempt = |(label, change): &Form| {
        rules.attempt(*label, &chain, Proof { app_id: change(&chain.app_id), ..chain.proof() })
    };
    padded.map(attempt).collect()
}

fn app_keys(rules: &Rules<'_>) -> Vec<Attempt> {
    let chain = rules.chain("app key");
    let proof = |app_key| Proof { app_key, ..chain.proof() };
    let xy = chain.app.public_key().xy();
    KEYS.iter().map(|(label, change)| rules.attempt(*label, &chain, proof(change(&xy)))).collect()
}

fn derived_keys(rules: &Rules<'_>) -> Vec<Attempt> {
    let chain = rules.chain("derived key");
    let proof = |derived_key| Proof { derived_key, ..chain.proof() };
    let xy = chain.derived.xy();
    KEYS.iter().map(|(label, change)| rules.attempt(*label, &chain, proof(change(&xy)))).collect()
}

/// Proofs whose claim is for these coordinates, whatever they are.
fn no_points(rules: &Rules<'_>, case: &str) -> Vec<Attempt> {
    let chain = rules.chain("derived key");
    let attempt = |(_, (label, derived))| {
        let chain = SoundChain { derived, ..rules.chain("derived key") };
        rules.attempt(label, &chain, chain.proof())
    };
    off_curve(&chain.derived, 254, 1).into_iter().filter(|(of, _)| *of == case).map(attempt).collect()
}
