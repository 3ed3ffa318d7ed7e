//! Who issued the app key, and to whom: the two comparisons that the chain hangs on, and the root that is none.

use ruint::aliases::U256;

use super::chain::{Rules, SoundChain, refused, test_key};
use super::{Attempt, AuditCase};
use crate::dstack::chain::{Proof, claim_digest, issued_digest};
use crate::dstack::defect::no_key;
use crate::generate::construct::Scalar;
use crate::input::key::Address;

pub(super) fn cases(rules: &Rules<'_>) -> Vec<AuditCase> {
    vec![
        refused(
            "root::zero-garbage",
            "The root is the zero address, and the app key's signature is of no key.",
            "ecrecover gives the zero address where there is no key, which then is the root: anybody registers",
            &["ZeroRoot", "SignatureRejected"],
            zero_garbage(rules),
        ),
        refused(
            "root::zero",
            "The root is the zero address, under a chain that holds for another.",
            "a contract that was deployed without its root must trust nobody, not everybody",
            &["ZeroRoot", "WrongRoot"],
            vec![{
                let chain = rules.chain("zero root");
                Attempt {
                    root: Address([0; 20]),
                    ..rules.attempt("sound but for the root", &chain, chain.proof())
                }
            }],
        ),
        refused(
            "root::another",
            "A whole chain under a KMS root of the attacker's own, and an app key that issues itself.",
            "the recovered root must be compared with the expected one",
            &["WrongRoot"],
            another_root(rules),
        ),
        refused(
            "binding::app-key",
            "A claim by the attacker's key, with the app key and the KMS signature of somebody else.",
            "the key that made the claim must be the one that the KMS issued: else any app's public signature \
             vouches for any key",
            &["AppKeyMismatch"],
            unbound(rules),
        ),
    ]
}

fn zero_garbage(rules: &Rules<'_>) -> Vec<Attempt> {
    let chain = rules.chain("zero root");
    let digest = issued_digest(&chain.app_id, &chain.app.public_key());
    let attempt = |(label, issued_signature)| {
        let proof = Proof { issued_signature, ..chain.proof() };
        Attempt { root: Address([0; 20]), ..rules.attempt(label, &chain, proof) }
    };
    no_key(digest, Scalar::from(1), U256::from(5)).map(attempt).into()
}

fn another_root(rules: &Rules<'_>) -> Vec<Attempt> {
    let chain = rules.chain("root");
    let attackers = SoundChain::new("attacker's root", &rules.purpose);
    let self_issued = chain.app.sign(issued_digest(&chain.app_id, &chain.app.public_key()));
    let attempts = [
        ("the attacker's root", attackers.proof()),
        ("the app key issues itself", Proof { issued_signature: self_issued, ..chain.proof() }),
    ];
    let attempt = |(label, proof)| {
        let attempt = rules.attempt(label, &chain, proof);
        // Whatever root the contract trusts, it is neither of these.
        Attempt { root: rules.trusted.unwrap_or(attempt.root), ..attempt }
    };
    attempts.map(attempt).into()
}

fn unbound(rules: &Rules<'_>) -> Vec<Attempt> {
    let chain = rules.chain("app key");
    let attacker = test_key("attacker's app key");
    let key = attacker.public_key();
    let own = Proof {
        derived_key: key.xy().to_vec(),
        claim_signature: attacker.sign(claim_digest(&chain.purpose, &key)),
        ..chain.proof()
    };
    let of_the_same = Proof {
        claim_signature: attacker.sign(claim_digest(&chain.purpose, &chain.derived)),
        ..chain.proof()
    };
    let other = rules.chain("another app");
    let of_another_app = Proof {
        derived_key: other.derived.xy().to_vec(),
        claim_signature: other.proof().claim_signature,
        ..chain.proof()
    };
    vec![
        rules.attempt("the attacker's key claims itself", &chain, own),
        rules.attempt("the attacker's key claims the app's derived key", &chain, of_the_same),
        rules.attempt("another app's claim for its own key", &chain, of_another_app),
    ]
}
