//! v, the last byte of a signature: one form, and nothing else.

use ruint::aliases::U256;

use super::chain::{Rules, refused, signature, signed_by_anybody};
use super::{Attempt, Case, Expect};
use crate::dstack::chain::Link;
use crate::dstack::registry::VForm;

/// What refuses a v that is out of the form: the check of v, or ecrecover that knows none but 27 and 28.
const FAULTS: &[&str] = &["SignatureV", "SignatureRejected"];

pub(super) fn cases(rules: &Rules) -> Vec<Case> {
    let other_form = refused(
        "v::other-form",
        "v in the form that the contract does not take: 27 and 28 for 0 and 1, or the other way round.",
        "two forms of one signature: what counts signatures by their bytes counts two",
        FAULTS,
        written(rules, &[from(27 - rules.v_base())]),
    );
    vec![
        match rules.v {
            VForm::Either => Case {
                expect: Expect::Accept,
                about: "v as 27 and 28, where the contract takes 0 and 1 too.",
                ..other_form
            },
            VForm::RecoveryId | VForm::Ethereum => other_form,
        },
        refused(
            "v::recovery-id-2-3",
            "Recovery ids 2 and 3: on signatures that they are right for, and on others.",
            "no ecrecover takes them, and one that drops their higher bit accepts a second form",
            FAULTS,
            [written(rules, &[from(rules.v_base() + 2)]), reduced(rules)].concat(),
        ),
        refused(
            "v::eip155",
            "v as in a transaction of chain 0, 1 and 109: 35 + 2·chain id + recovery id.",
            "a claim is no transaction, and each chain id would be another form",
            FAULTS,
            written(rules, &[35, 37, 253].map(from)),
        ),
        refused(
            "v::out-of-range",
            "v that no form has: 4 to 26, 29 and above but for EIP-155's, up to 255.",
            "a v that is masked, or whose top bit is dropped, makes more forms of one signature",
            FAULTS,
            out_of_range(rules),
        ),
    ]
}

/// The v for recovery ids 0 and 1.
type Form = [u8; 2];

/// v = base + recovery id.
const fn from(base: u8) -> Form {
    [base, base + 1]
}

fn out_of_range(rules: &Rules) -> Vec<Attempt> {
    let mut forms = [4, 6, 25, 31, 33, 64, 128].map(from).to_vec();
    forms.push([255, 255]);
    if rules.v != VForm::Ethereum {
        // There these are recovery ids 2 and 3.
        forms.push(from(29));
    }
    written(rules, &forms)
}

/// Each signature with its recovery id written in each form.
fn written(rules: &Rules, forms: &[Form]) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for (label, chain) in rules.chains_of_both_recovery_ids() {
        let right = rules.attempt("", &chain, chain.proof());
        for form in forms {
            for link in [Link::Claim, Link::Issued] {
                let mut attempt = right.clone();
                let signature = match link {
                    Link::Claim => &mut attempt.proof.claim_signature,
                    Link::Issued => &mut attempt.proof.issued_signature,
                };
                let Some(v) = signature.get_mut(64) else { continue };
                *v = form[usize::from(*v - rules.v_base()) & 1];
                attempt.label = format!("{label}: {link}, v = {v}");
                attempts.push(attempt);
            }
        }
    }
    attempts
}

/// Signatures whose x was reduced: r = 4, as 4 + n is the x of a point.
fn reduced(rules: &Rules) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for link in [Link::Claim, Link::Issued] {
        for recovery_id in [2, 3] {
            let chain = rules.chain("reduced");
            let signature = signature(U256::from(4), U256::from(1), recovery_id);
            let (mut proof, root) = signed_by_anybody(&chain, link, signature);
            let signature = match link {
                Link::Claim => &mut proof.claim_signature,
                Link::Issued => &mut proof.issued_signature,
            };
            if let Some(v) = signature.get_mut(64) {
                *v += rules.v_base();
            }
            let label = format!("{link}, recovery id {recovery_id}, x = r + n");
            attempts.push(Attempt { root, ..rules.attempt(label, &chain, proof) });
        }
    }
    attempts
}
