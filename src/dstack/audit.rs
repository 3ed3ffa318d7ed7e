//! The audit of a verifier contract: proofs that it must take and proofs that it must refuse, each made at run
//! time with test keys, and what it said to each.
//!
//! A case is one idea, such as "a high s is refused", tried in several attempts. Its refusals must be for the
//! right reason where the mapping says how the contract names it: a proof that is refused for another has not
//! met the check that it is there for.

mod chain;
mod keys;
mod messages;
mod replays;
mod roots;
mod signatures;
mod sound;
mod v;

use std::borrow::Cow;
use std::fmt;

use crate::dstack::chain::Proof;
use crate::dstack::registry::{Adapter, Policy, RevertReason, Said};
use crate::input::key::Address;

/// One idea, in several attempts.
#[derive(Debug, Clone)]
pub struct AuditCase {
    /// `group::name`, unique.
    pub id: Cow<'static, str>,
    /// What is tried, in a line.
    pub about: Cow<'static, str>,
    /// Why a verifier that gets it wrong is broken.
    pub why: &'static str,
    /// What it must do.
    pub expect: Requirement,
    /// The case without which this one says nothing: a verifier that takes any claim takes a wrong one too.
    pub follows: Option<&'static str>,
    /// What it is handed. Never empty.
    pub attempts: Vec<Attempt>,
}

/// What a verifier must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// Take the proof.
    Accept,
    /// Refuse it, for one of these faults: the one that the Rust verifier names, and others that are as good a
    /// reason.
    Refuse(&'static [&'static str]),
}

/// A proof, and the root and the purpose that the verifier is deployed with.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// What is special about it, in a few words.
    pub label: String,
    /// The root.
    pub root: Address,
    /// The purpose.
    pub purpose: Vec<u8>,
    /// The proof.
    pub proof: Proof,
}

/// What came of a case.
#[derive(Debug, Clone)]
pub struct AuditedCase {
    /// The case.
    pub case: AuditCase,
    /// What the contract said to each attempt, in their order.
    pub said: Vec<Said>,
    /// The verdict.
    pub verdict: AuditVerdict,
    /// What is wrong, attempt by attempt.
    pub findings: Vec<String>,
}

/// The word on a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Every attempt came out as it must.
    Passed,
    /// One did not.
    Failed,
    /// One did not, and that follows from another case that failed.
    Follows(&'static str),
    /// No attempt can be said in the contract's parameters: neither passed nor failed, and counted apart.
    NotAsked,
}

impl fmt::Display for AuditVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Failed => f.write_str("FAILED"),
            Self::Follows(id) => write!(f, "follows from {id}"),
            Self::NotAsked => f.write_str("not asked"),
        }
    }
}

/// What came of an audit.
#[derive(Debug, Clone)]
pub struct AuditReport {
    /// Every case, in its order.
    pub tried: Vec<AuditedCase>,
}

impl AuditReport {
    /// Whether nothing is wrong, and something was accepted and something refused as it must.
    pub fn passes(&self) -> bool {
        let passed = |accept: bool| {
            self.tried.iter().any(|tried| {
                tried.verdict == AuditVerdict::Passed && (tried.case.expect == Requirement::Accept) == accept
            })
        };
        let wrong =
            |tried: &AuditedCase| matches!(tried.verdict, AuditVerdict::Failed | AuditVerdict::Follows(_));
        passed(true) && passed(false) && !self.tried.iter().any(wrong)
    }

    /// How many attempts the contract was asked, and how many it was not: its parameters cannot say those.
    pub fn attempts(&self) -> (usize, usize) {
        let said = || self.tried.iter().flat_map(|tried| &tried.said);
        let not_asked = said().filter(|said| matches!(said, Said::Unsayable(_))).count();
        (said().count() - not_asked, not_asked)
    }

    /// How many cases have a verdict like this.
    pub fn count(&self, like: impl Fn(&AuditVerdict) -> bool) -> usize {
        self.tried.iter().filter(|tried| like(&tried.verdict)).count()
    }
}

/// Every case, as a contract with these rules must answer.
pub fn cases(policy: &Policy) -> Vec<AuditCase> {
    let groups = [
        sound::cases,
        roots::cases,
        keys::cases,
        signatures::cases,
        v::cases,
        messages::cases,
        replays::cases,
    ];
    let policy = &chain::Rules::of(policy);
    groups.iter().flat_map(|group| group(policy)).collect()
}

/// Runs every case.
pub fn run(adapter: &Adapter) -> AuditReport {
    let mut tried: Vec<AuditedCase> =
        cases(&adapter.policy).into_iter().map(|case| try_case(adapter, case)).collect();
    let failed = |like: fn(&AuditedCase) -> bool| -> Vec<Cow<'_, str>> {
        let failed = tried.iter().filter(|tried| tried.verdict == AuditVerdict::Failed && like(tried));
        failed.map(|tried| tried.case.id.clone()).collect()
    };
    let (any, accepted) = (failed(|_| true), failed(AuditedCase::was_accepted));
    for tried in tried.iter_mut().filter(|tried| tried.verdict == AuditVerdict::Failed) {
        // What is accepted follows only from what is accepted, never from a refusal in other words.
        let failed = if tried.was_accepted() { &accepted } else { &any };
        let causes = [tried.refused_in_other_words().then_some(sound::FIRST), tried.case.follows];
        let cause = causes
            .into_iter()
            .flatten()
            .find(|id| *id != tried.case.id && failed.iter().any(|failed| failed == id));
        if let Some(id) = cause {
            tried.verdict = AuditVerdict::Follows(id);
        }
    }
    AuditReport { tried }
}

impl AuditedCase {
    /// Whether an attempt was accepted that must be refused.
    fn was_accepted(&self) -> bool {
        let accepted = |said: &Said| matches!(said, Said::Accepted { .. });
        self.case.expect != Requirement::Accept && self.said.iter().any(accepted)
    }

    /// Whether it was refused as it must be, but not for the right reason: a contract that refuses chains that
    /// hold does that with all others.
    fn refused_in_other_words(&self) -> bool {
        let refused = |said: &Said| matches!(said, Said::Refused(_) | Said::Unsayable(_));
        self.case.expect != Requirement::Accept && self.said.iter().all(refused)
    }
}

fn try_case(adapter: &Adapter, case: AuditCase) -> AuditedCase {
    let ask = |attempt: &Attempt| adapter.ask(&attempt.proof, attempt.root, &attempt.purpose);
    let said: Vec<Said> = case.attempts.iter().map(ask).collect();
    let findings: Vec<String> = case
        .attempts
        .iter()
        .zip(&said)
        .filter_map(|(attempt, said)| {
            wrong(adapter, case.expect, said).map(|wrong| format!("{}: {wrong}", attempt.label))
        })
        .collect();
    let verdict = if !findings.is_empty() {
        AuditVerdict::Failed
    } else if said.iter().all(|said| matches!(said, Said::Unsayable(_))) {
        AuditVerdict::NotAsked
    } else {
        AuditVerdict::Passed
    };
    AuditedCase { case, said, verdict, findings }
}

/// What is wrong with what a contract said.
fn wrong(adapter: &Adapter, expect: Requirement, said: &Said) -> Option<String> {
    match (expect, said) {
        (_, Said::Unsayable(_)) | (Requirement::Accept, Said::Accepted { .. }) => None,
        (Requirement::Accept, said) => Some(format!("{said}, must be accepted")),
        (Requirement::Refuse(faults), Said::Refused(refusal)) => {
            let words: Option<Vec<&[String]>> = faults.iter().map(|fault| adapter.words(fault)).collect();
            // Where one of the faults may be refused in any words, any words may mean it.
            let words = words?.concat();
            let like = |word: &String| match (&refusal.words, word.strip_prefix("text:")) {
                (RevertReason::Text(text), Some(reason)) => text == reason,
                (RevertReason::Error { name, .. }, None) => name == word,
                _ => false,
            };
            (!words.iter().any(like)).then(|| format!("{said}, must be {}", words.join(" or ")))
        }
        (Requirement::Refuse(faults), said) => {
            Some(format!("{said}, must be refused for {}", faults.join(" or ")))
        }
    }
}
