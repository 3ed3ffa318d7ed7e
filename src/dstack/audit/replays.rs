//! Signatures that are right, in a place that they were not made for.

use super::AuditCase;
use super::chain::{Rules, SoundChain, refused};
use crate::dstack::chain::Proof;
use crate::dstack::defect::swap_links;

pub(super) fn cases(rules: &Rules<'_>) -> Vec<AuditCase> {
    let chain = rules.chain("replay");
    let proof = chain.proof();
    let other = SoundChain { purpose: b"another purpose".to_vec(), ..rules.chain("replay") }.proof();
    // The same root and app key, another app id: what a KMS never issues together, and a proof may claim.
    let mut app_id = proof.app_id.clone();
    app_id[19] ^= 1;
    let same_app = SoundChain::under(rules.root_of("replay"), chain.app_id, "another path", &rules.purpose);
    let mut swapped = proof.clone();
    swap_links(&mut swapped);
    let one = |label: &str, proof: Proof| vec![rules.attempt(label, &chain, proof)];
    vec![
        refused(
            "purpose::another",
            "A chain that holds, for another purpose than the contract's.",
            "a key that an app derives for one thing must not stand for another",
            &["PurposeMismatch", "AppKeyMismatch"],
            one("the proof says so", other.clone()),
        ),
        refused(
            "replay::another-purpose",
            "A claim for another purpose, in a proof that names the contract's.",
            "the purpose must be part of what the claim is checked against",
            &["AppKeyMismatch"],
            one("the claim", Proof { purpose: proof.purpose.clone(), ..other }),
        )
        .following("binding::app-key"),
        refused(
            "replay::another-key",
            "The same app's claim for another derived key.",
            "the claim must be checked against the key that is registered",
            &["AppKeyMismatch"],
            one("the claim", Proof { claim_signature: same_app.proof().claim_signature, ..proof.clone() }),
        )
        .following("binding::app-key"),
        refused(
            "replay::another-app",
            "The KMS signature of the same app key for another app id.",
            "the app id must be part of what the KMS signature is checked against",
            &["WrongRoot"],
            one("what is issued", Proof { app_id, ..proof.clone() }),
        )
        .following("root::another"),
        refused(
            "replay::swapped",
            "The two signatures in each other's place.",
            "each link has its own message: a signature of one must not do for the other",
            &["AppKeyMismatch"],
            one("swapped", swapped),
        )
        .following("binding::app-key"),
    ]
}
