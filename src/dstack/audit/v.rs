//! v, the last byte of a signature: one form, and nothing else.

use ruint::aliases::U256;

use super::chain::{Rules, refused, signed_by_anybody};
use super::{Attempt, AuditCase, Requirement};
use crate::dstack::chain::Link;
use crate::dstack::defect::{forms_of_v, rsv};
use crate::dstack::registry::VForm;

/// What refuses a v that is out of the form: the check of v, or ecrecover that knows none but 27 and 28.
const FAULTS: &[&str] = &["SignatureV", "SignatureRejected"];

pub(super) fn cases(rules: &Rules<'_>) -> Vec<AuditCase> {
    let other_form = refused(
        "v::other-form",
        "v in the form that the contract does not take: 27 and 28 for 0 and 1, or the other way round.",
        "two forms of one signature: what counts signatures by their bytes counts two",
        FAULTS,
        written(rules, "v::other-form"),
    );
    vec![
        match rules.v {
            VForm::Either => AuditCase {
                expect: Requirement::Accept,
                about: "v as 27 and 28, where the contract takes 0 and 1 too.".into(),
                ..other_form
            },
            VForm::RecoveryId | VForm::Ethereum => other_form,
        },
        refused(
            "v::recovery-id-2-3",
            "Recovery ids 2 and 3: on signatures that they are right for, and on others.",
            "no ecrecover takes them, and one that drops their higher bit accepts a second form",
            FAULTS,
            [written(rules, "v::recovery-id-2-3"), reduced(rules)].concat(),
        ),
        refused(
            "v::eip155",
            "v as in a transaction of chain 0, 1 and 109: 35 + 2·chain id + recovery id.",
            "a claim is no transaction, and each chain id would be another form",
            FAULTS,
            written(rules, "v::eip155"),
        ),
        refused(
            "v::out-of-range",
            "v that no form has: 4 to 26, 29 and above but for EIP-155's, up to 255.",
            "a v that is masked, or whose top bit is dropped, makes more forms of one signature",
            FAULTS,
            written(rules, "v::out-of-range"),
        ),
    ]
}

/// Each signature with its recovery id written in each form.
fn written(rules: &Rules<'_>, case: &str) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for (label, chain) in rules.chains_of_both_recovery_ids() {
        let right = rules.attempt("", &chain, chain.proof());
        for (_, form) in forms_of_v(rules.v_base()).into_iter().filter(|(of, _)| *of == case) {
            for link in Link::BOTH {
                let mut attempt = right.clone();
                let Some(v) = attempt.proof.signature_mut(link).last_mut() else { continue };
                *v = form[usize::from(*v - rules.v_base()) & 1];
                attempt.label = format!("{label}: {link}, v = {v}");
                attempts.push(attempt);
            }
        }
    }
    attempts
}

/// Signatures whose x was reduced: r = 4, as 4 + n is the x of a point.
fn reduced(rules: &Rules<'_>) -> Vec<Attempt> {
    let reduced = Link::BOTH.into_iter().flat_map(|link| [2, 3].map(|recovery_id| (link, recovery_id)));
    let attempt = |(link, recovery_id)| {
        let chain = rules.chain("reduced");
        let signature = rsv(U256::from(4), U256::ONE, recovery_id);
        let (mut proof, root) = signed_by_anybody(&chain, link, signature);
        proof.signature_mut(link)[64] += rules.v_base();
        let label = format!("{link}, recovery id {recovery_id}, x = r + n");
        Attempt { root, ..rules.attempt(label, &chain, proof) }
    };
    reduced.map(attempt).collect()
}
