//! The audit of a verifier contract: proofs that it must take and proofs that it must refuse, each made at run
//! time with test keys, and what it said to each.
//!
//! A case is one idea, such as "a high s is refused", tried in several attempts. Its refusals must be for the
//! right reason where the mapping says how the contract names it: a proof that is refused for another has not
//! met the check that it is there for.

mod chain;
#[cfg(feature = "outsiders")]
mod deployed;
mod keys;
mod messages;
mod replays;
mod roots;
mod signatures;
mod sound;
mod v;

use std::borrow::Cow;
use std::fmt;

use self::chain::Rules;
pub use self::chain::USUAL_PURPOSE;
#[cfg(feature = "outsiders")]
pub use self::deployed::run_deployed;
use crate::dstack::chain::Proof;
use crate::dstack::registry::{Adapter, Interface, Policy, RevertReason, Said};
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
    /// How many attempts were refused for their root, which is another than the contract's, so that nothing is known
    /// of the check that they are for.
    pub hidden: usize,
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
    /// No attempt was asked: neither passed nor failed, and counted apart.
    NotAsked,
    /// Every attempt that was asked was refused for its root, which is another than the contract's.
    Hidden,
}

impl fmt::Display for AuditVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Failed => f.write_str("FAILED"),
            Self::Follows(id) => write!(f, "follows from {id}"),
            Self::NotAsked => f.write_str("not asked"),
            Self::Hidden => f.write_str("hidden by the root"),
        }
    }
}

/// What came of an audit.
#[derive(Debug, Clone)]
pub struct AuditReport {
    /// Every case, in its order.
    pub tried: Vec<AuditedCase>,
    /// Whether the contract's root is one whose key is not known: then no chain was made that it must accept.
    pub foreign_root: bool,
}

impl AuditReport {
    /// Whether nothing is wrong, and something was accepted and something refused as it must; under a foreign root
    /// something was refused.
    pub fn passes(&self) -> bool {
        let passed = |accept: bool| {
            self.tried.iter().any(|tried| {
                tried.verdict == AuditVerdict::Passed && (tried.case.expect == Requirement::Accept) == accept
            })
        };
        let wrong =
            |tried: &AuditedCase| matches!(tried.verdict, AuditVerdict::Failed | AuditVerdict::Follows(_));
        (passed(true) || self.foreign_root) && passed(false) && !self.tried.iter().any(wrong)
    }

    /// How many attempts the contract was asked, and how many it was not.
    pub fn attempts(&self) -> (usize, usize) {
        let said = || self.tried.iter().flat_map(|tried| &tried.said);
        let not_asked = said().filter(|said| matches!(said, Said::NotAsked(_))).count();
        (said().count() - not_asked, not_asked)
    }

    /// How many attempts tell nothing, because they were refused for their root alone.
    pub fn hidden(&self) -> usize {
        self.tried.iter().map(|tried| tried.hidden).sum()
    }

    /// How many cases have a verdict like this.
    pub fn count(&self, like: impl Fn(&AuditVerdict) -> bool) -> usize {
        self.tried.iter().filter(|tried| like(&tried.verdict)).count()
    }
}

/// Every case, as a contract with these rules must answer.
pub fn cases(policy: &Policy) -> Vec<AuditCase> {
    cases_of(&Rules::of(policy))
}

fn cases_of(rules: &Rules<'_>) -> Vec<AuditCase> {
    let groups = [
        sound::cases,
        roots::cases,
        keys::cases,
        signatures::cases,
        v::cases,
        messages::cases,
        replays::cases,
    ];
    groups.iter().flat_map(|group| group(rules)).collect()
}

/// Runs every case in revm, each attempt on a fresh contract.
pub fn run(adapter: &Adapter) -> AuditReport {
    let said = |case: &AuditCase| {
        let ask = |attempt: &Attempt| adapter.ask(&attempt.proof, attempt.root, &attempt.purpose);
        case.attempts.iter().map(ask).map(Answer::of_its_root).collect()
    };
    let cases = cases(&adapter.interface.policy);
    let answers: Vec<_> = cases.iter().map(said).collect();
    report(&adapter.interface, cases, answers)
}

fn report(interface: &Interface, cases: Vec<AuditCase>, answers: Vec<Vec<Answer>>) -> AuditReport {
    let judged = cases.into_iter().zip(answers);
    let mut tried: Vec<AuditedCase> = judged.map(|(case, answers)| judge(interface, case, answers)).collect();
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
    AuditReport { tried, foreign_root: false }
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
        let refused = |said: &Said| matches!(said, Said::Refused(_) | Said::NotAsked(_));
        self.case.expect != Requirement::Accept && self.said.iter().all(refused)
    }
}

/// What a contract said to an attempt.
struct Answer {
    said: Said,
    /// Whether the contract trusts another root than the attempt's: then it may refuse for that alone.
    of_another_root: bool,
}

impl Answer {
    fn of_its_root(said: Said) -> Self {
        Self { said, of_another_root: false }
    }
}

/// What is to be said of an attempt.
enum Judged {
    Right,
    /// Refused for its root, which is not the contract's: the check that it is for was perhaps not met.
    Hidden,
    Wrong(String),
}

fn judge(interface: &Interface, case: AuditCase, answers: Vec<Answer>) -> AuditedCase {
    let (mut findings, mut hidden) = (Vec::new(), 0);
    for (attempt, answer) in case.attempts.iter().zip(&answers) {
        match judge_answer(interface, case.expect, answer) {
            Judged::Right => {}
            Judged::Hidden => hidden += 1,
            Judged::Wrong(wrong) => findings.push(format!("{}: {wrong}", attempt.label)),
        }
    }
    let said: Vec<Said> = answers.into_iter().map(|answer| answer.said).collect();
    let asked = said.iter().filter(|said| !matches!(said, Said::NotAsked(_))).count();
    let verdict = if !findings.is_empty() {
        AuditVerdict::Failed
    } else if asked == 0 {
        AuditVerdict::NotAsked
    } else if asked == hidden {
        AuditVerdict::Hidden
    } else {
        AuditVerdict::Passed
    };
    AuditedCase { case, said, hidden, verdict, findings }
}

fn judge_answer(interface: &Interface, expect: Requirement, answer: &Answer) -> Judged {
    let said = &answer.said;
    match (expect, said) {
        (_, Said::NotAsked(_)) | (Requirement::Accept, Said::Accepted { .. }) => Judged::Right,
        (Requirement::Accept, said) => Judged::Wrong(format!("{said}, must be accepted")),
        (Requirement::Refuse(faults), Said::Refused(refusal)) => {
            let of_the_root = interface.words(ROOT_FAULT);
            let names = |words: &[String]| words.iter().any(|word| is_named(word, &refusal.words));
            if answer.of_another_root && of_the_root.is_none_or(names) {
                // Where the contract has no words for it, any words may mean it, but for those of another fault.
                let others = faults.iter().filter(|fault| **fault != ROOT_FAULT);
                let of_another = others.filter_map(|fault| interface.words(fault)).any(names);
                return if of_another { Judged::Right } else { Judged::Hidden };
            }
            let words: Option<Vec<&[String]>> = faults.iter().map(|fault| interface.words(fault)).collect();
            match words.map(|words| words.concat()) {
                Some(words) if !names(&words) => {
                    Judged::Wrong(format!("{said}, must be {}", words.join(" or ")))
                }
                // One of the faults may be refused in any words, and under this root any words may be the root's.
                None if answer.of_another_root => Judged::Hidden,
                _ => Judged::Right,
            }
        }
        (Requirement::Refuse(faults), said) => {
            Judged::Wrong(format!("{said}, must be refused for {}", faults.join(" or ")))
        }
    }
}

/// The fault of a chain under another root than the contract's.
const ROOT_FAULT: &str = "WrongRoot";

/// Whether a mapping's words are these.
fn is_named(word: &str, said: &RevertReason) -> bool {
    match (said, word.strip_prefix("text:")) {
        (RevertReason::Text(text), Some(reason)) => text == reason,
        (RevertReason::Error { name, .. }, None) => name == word,
        _ => false,
    }
}
