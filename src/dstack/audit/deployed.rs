//! The audit of a contract that is deployed on a node. It has one root and one purpose, and is read only.
//!
//! Where the root's key is known, chains under it are issued. Under a foreign root only what must be refused can be
//! asked, and a refusal says something where it names another fault than the root.

use super::chain::Rules;
use super::{Answer, Attempt, AuditCase, AuditReport, Requirement, cases_of, report};
use crate::dstack::PrivateKey;
use crate::dstack::registry::{Deployed, Said};
use crate::input::bytes::to_hex;
use crate::input::key::Address;
use crate::outsider::OutsiderError;

/// Runs every case that the contract can be asked. `root` is the key of the root that it trusts, if it is known.
///
/// # Errors
/// The node does not answer, or with an error of its own.
pub fn run_deployed(
    contract: &Deployed<'_>,
    root: Option<&PrivateKey>,
) -> Result<AuditReport, OutsiderError> {
    let root = root.filter(|root| root.public_key().address() == contract.root);
    let rules = Rules {
        root,
        trusted: Some(contract.root),
        purpose: contract.purpose.clone(),
        ..Rules::of(&contract.interface.policy)
    };
    let cases = cases_of(&rules);
    let askable = |case: &AuditCase, attempt: &Attempt| why_not(contract, case, attempt).is_none();
    let proofs: Vec<_> = cases
        .iter()
        .flat_map(|case| case.attempts.iter().filter(move |attempt| askable(case, attempt)))
        .map(|attempt| &attempt.proof)
        .collect();
    let mut said = contract.ask(&proofs)?.into_iter();
    let mut answer = |case: &AuditCase, attempt: &Attempt| Answer {
        said: match why_not(contract, case, attempt) {
            Some(why) => Said::NotAsked(why),
            None => said.next().unwrap_or_else(|| unreachable!("each proof has an answer")),
        },
        of_another_root: attempt.root != contract.root,
    };
    let answers = cases
        .iter()
        .map(|case| case.attempts.iter().map(|attempt| answer(case, attempt)).collect())
        .collect();
    let report = report(contract.interface, cases, answers);
    Ok(AuditReport { foreign_root: root.is_none(), ..report })
}

/// Why this contract cannot be asked an attempt, if that is so.
fn why_not(contract: &Deployed<'_>, case: &AuditCase, attempt: &Attempt) -> Option<String> {
    if attempt.purpose != contract.purpose {
        let purpose = attempt.purpose.iter().take(20).copied().collect::<Vec<_>>();
        let purpose = String::from_utf8(purpose).unwrap_or_else(|error| to_hex(error.as_bytes()));
        return Some(format!("it needs a contract for another purpose, {purpose:?}"));
    }
    // A contract that has a root is not one that was deployed without.
    let bound = case.expect == Requirement::Accept || attempt.root == Address([0; 20]);
    (bound && attempt.root != contract.root)
        .then(|| format!("it needs a contract under another root, {}", attempt.root))
}
