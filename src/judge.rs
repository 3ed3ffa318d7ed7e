//! The judge: holds each subject's outcome to the expectation and the reference, under the documented
//! divergences.
//!
//! A divergence is exact. Where its facts hold, its outcome *must* be seen: an implementation that stops
//! diverging is as much news as one that starts. So a documented difference can neither hide a new one nor
//! outlive its cause.

pub mod digest;
mod divergence;
pub mod fact;
pub mod finding;
pub mod law;
pub mod matrix;
pub mod memory;

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

pub use divergence::{AnswerKind, DigestDivergence, Divergence, Scope};

use crate::input::hash::keccak256;
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};
use crate::judge::fact::{Fact, classify};
use crate::reference::answer::{Answer, Expectation, Recovery, Refusal};
use crate::subject::{Identity, Outcome, OutcomeKind, Subject};
use finding::{Culprit, Fault, Finding};
use law::Laws;

/// The judge's word on one outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// It did what is right.
    Agreed,
    /// It did what a divergence documents.
    Documented {
        /// The divergence.
        divergence: String,
    },
    /// It cannot be asked that: neither right nor wrong, and counted apart.
    Unsupported,
    /// It did something else, or no longer diverges.
    Finding {
        /// How it is wrong.
        #[serde(rename = "finding", serialize_with = "in_words")]
        fault: Box<Fault>,
    },
}

fn in_words<S: serde::Serializer>(fault: &Fault, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(fault)
}

/// What inputs are examined with.
#[derive(Clone, Copy)]
pub struct Harness<'a> {
    /// The implementations.
    pub subjects: &'a [Box<dyn Subject + 'a>],
    /// The documented differences.
    pub divergences: &'a [Divergence],
    /// What holds an outcome to the right answer: [`verdict`], or a broken one in the test of the selftest.
    pub compare: Comparison,
    /// What answers first: the reference's twin, or one that is wrong on purpose. The reference decides where a subject
    /// is found wrong, where none agrees, where a construction says otherwise, and on a sample.
    pub twin: Recovery,
    /// Of how many inputs one is answered by the reference too, whatever the subjects say. Which ones depends on the
    /// hash of their bytes alone.
    pub sample: u8,
}

/// See [`Harness::sample`].
const SAMPLE: u8 = 64;

/// See [`verdict`].
pub type Comparison = fn(&Identity, &Outcome, &BTreeSet<Fact>, &Expectation, &[Divergence]) -> Verdict;

impl<'a> Harness<'a> {
    /// These implementations, under these divergences.
    pub fn new(subjects: &'a [Box<dyn Subject + 'a>], divergences: &'a [Divergence]) -> Self {
        Self { subjects, divergences, compare: verdict, twin: ScalarInput::recover_by_twin, sample: SAMPLE }
    }

    /// The same, with the reference on every input: for few inputs, whose answers are shown or kept.
    pub fn by_reference(self) -> Self {
        Self { sample: 1, ..self }
    }
}

/// An input that was judged: what it is, what is right, and what each subject did.
#[derive(Debug, Clone)]
pub struct Judged {
    /// What the input is.
    pub facts: BTreeSet<Fact>,
    /// The right answer: the reference's, or its twin's where nothing speaks against it.
    pub reference: Expectation,
    /// The twin's answer, where the reference has another.
    pub twin: Option<Expectation>,
    /// Name, outcome and verdict of every subject, in their order.
    pub subjects: Vec<(&'static str, Outcome, Verdict)>,
}

impl Judged {
    /// What the twin and the subjects did wrong with the input.
    pub fn findings(&self, input: &Input) -> impl Iterator<Item = Finding> {
        let twin = self.twin.map(|answer| Finding {
            culprit: Culprit::Twin,
            fault: Fault::Twin { answer, right: self.reference },
            input: Some(input.clone()),
        });
        let subjects = self.subjects.iter().filter_map(|(name, _, verdict)| match verdict {
            Verdict::Finding { fault } => Some(Finding {
                culprit: Culprit::Subject((*name).to_owned()),
                fault: fault.as_ref().clone(),
                input: Some(input.clone()),
            }),
            _ => None,
        });
        twin.into_iter().chain(subjects)
    }
}

/// What came of examining an input.
#[derive(Debug, Clone)]
pub struct Examined {
    /// The input, judged.
    pub judged: Judged,
    /// Everything that is wrong: of the subjects, of the reference, and of what the laws relate to the input.
    pub findings: Vec<Finding>,
}

/// An input to examine.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The input.
    pub input: &'a Input,
    /// The right answer, where it is known by construction.
    pub constructed: Option<&'a Expectation>,
    /// Which laws are tried.
    pub laws: Laws,
}

/// Examines an input: every subject and the reference on it, the reference against the answer that is known
/// by construction, and the laws.
pub fn examine(
    input: &Input,
    constructed: Option<&Expectation>,
    laws: Laws,
    harness: Harness<'_>,
) -> Examined {
    let mut examined = examine_all(&[Question { input, constructed, laws }], harness);
    examined.pop().unwrap_or_else(|| unreachable!("one question has one answer"))
}

/// As [`examine`], for several inputs in their order: a subject outside this process has them in flight together.
///
/// All findings of this crate on inputs come from here.
pub fn examine_all(questions: &[Question<'_>], harness: Harness<'_>) -> Vec<Examined> {
    let inputs: Vec<_> = questions.iter().map(|question| question.input).collect();
    let examined = questions.iter().zip(judge_all(&inputs, harness)).map(|(question, mut judged)| {
        let Question { input, constructed, .. } = *question;
        if constructed.is_some_and(|constructed| *constructed != judged.reference) {
            judged.settle(input, harness);
        }
        let answer = judged.reference;
        let wrong_reference =
            constructed.filter(|constructed| **constructed != answer).map(|constructed| Finding {
                culprit: Culprit::Reference,
                fault: Fault::Construction { answer, constructed: *constructed },
                input: Some(input.clone()),
            });
        let findings = wrong_reference.into_iter().chain(judged.findings(input)).collect();
        Examined { judged, findings }
    });
    let mut examined: Vec<_> = examined.collect();
    for (question, examined) in questions.iter().zip(&mut examined) {
        let answer = examined.judged.reference;
        examined.findings.extend(law::check(question.input, &answer, question.laws, harness));
    }
    examined
}

/// Runs an input through the twin, the reference where it must decide, and every subject, and judges.
pub fn judge(input: &Input, harness: Harness<'_>) -> Judged {
    let mut judged = judge_all(&[input], harness);
    judged.pop().unwrap_or_else(|| unreachable!("one input is judged once"))
}

/// As [`judge`], for several inputs.
pub fn judge_all(inputs: &[&Input], harness: Harness<'_>) -> Vec<Judged> {
    let answers: Vec<_> = inputs.iter().map(|input| Answer::by(harness.twin, input)).collect();
    let mut judged = judge_all_against(&answers, inputs, harness);
    for ((judged, of_twin), input) in judged.iter_mut().zip(&answers).zip(inputs) {
        if !(judged.is_doubtful() || is_sampled(input, harness.sample)) {
            continue;
        }
        let right = Answer::to(input);
        if right != *of_twin {
            judged.twin = Some(of_twin.expectation);
            judged.again(&right, input, harness);
        }
    }
    judged
}

/// As [`judge`], with the right answer at hand.
pub fn judge_against(answer: &Answer, input: &Input, harness: Harness<'_>) -> Judged {
    let mut judged = judge_all_against(std::slice::from_ref(answer), &[input], harness);
    judged.pop().unwrap_or_else(|| unreachable!("one input is judged once"))
}

/// As [`judge_all`], with the right answers at hand.
pub fn judge_all_against(answers: &[Answer], inputs: &[&Input], harness: Harness<'_>) -> Vec<Judged> {
    let Harness { subjects, divergences, compare, .. } = harness;
    let judged = answers.iter().zip(inputs).map(|(answer, input)| Judged {
        facts: classify(input, answer),
        reference: answer.expectation,
        twin: None,
        subjects: Vec::with_capacity(subjects.len()),
    });
    let mut judged: Vec<_> = judged.collect();
    for subject in subjects {
        let identity = subject.identity();
        let outcomes = subject.answer_all(inputs);
        assert_eq!(outcomes.len(), inputs.len(), "{} answers every input", identity.name);
        for (judged, outcome) in judged.iter_mut().zip(outcomes) {
            let verdict = compare(identity, &outcome, &judged.facts, &judged.reference, divergences);
            judged.subjects.push((identity.name, outcome, verdict));
        }
    }
    judged
}

/// Whether the reference answers an input whatever the subjects say.
fn is_sampled(input: &Input, sample: u8) -> bool {
    let bytes = match input {
        Input::Scalar(ScalarInput { digest, r, s, recovery_id }) => {
            [&digest.0[..], &r.0, &s.0, &[*recovery_id]].concat()
        }
        Input::Prehash(PrehashInput { prehash, r, s, recovery_id }) => {
            [&prehash.0[..], &r.0, &s.0, &[*recovery_id]].concat()
        }
        Input::Call(CallInput { calldata, gas }) => [&calldata.0[..], &gas.to_be_bytes()].concat(),
    };
    keccak256(&bytes)[0].is_multiple_of(sample)
}

impl Judged {
    /// Whether a subject is found wrong, or none agrees with the answer: then it may be the answer that is wrong.
    fn is_doubtful(&self) -> bool {
        let verdicts = || self.subjects.iter().map(|(_, _, verdict)| verdict);
        verdicts().any(|verdict| matches!(verdict, Verdict::Finding { .. }))
            || !verdicts().any(|verdict| *verdict == Verdict::Agreed)
    }

    /// Has the reference decide, where the twin did.
    fn settle(&mut self, input: &Input, harness: Harness<'_>) {
        let right = Answer::to(input);
        if right.expectation != self.reference {
            self.twin = Some(self.reference);
            self.again(&right, input, harness);
        }
    }

    /// Judges the same outcomes by another answer.
    fn again(&mut self, right: &Answer, input: &Input, harness: Harness<'_>) {
        (self.facts, self.reference) = (classify(input, right), right.expectation);
        for (subject, (_, outcome, verdict)) in harness.subjects.iter().zip(&mut self.subjects) {
            *verdict = (harness.compare)(
                subject.identity(),
                outcome,
                &self.facts,
                &self.reference,
                harness.divergences,
            );
        }
    }
}

/// Judges one outcome.
pub fn verdict(
    subject: &Identity,
    outcome: &Outcome,
    facts: &BTreeSet<Fact>,
    right: &Expectation,
    divergences: &[Divergence],
) -> Verdict {
    let agrees = agrees(outcome, right);
    let documented = divergences.iter().find(|entry| entry.names(subject) && entry.covers(facts, right));
    let fault = match documented {
        Some(divergence) if outcome.kind_beside(right) == divergence.outcome && !agrees => {
            return Verdict::Documented { divergence: divergence.id.clone() };
        }
        _ if outcome.kind() == OutcomeKind::Unsupported => return Verdict::Unsupported,
        Some(divergence) => Fault::Divergence {
            id: divergence.id.clone(),
            documented: divergence.outcome,
            outcome: outcome.clone(),
            right: *right,
        },
        None if agrees => return Verdict::Agreed,
        None => Fault::Outcome { outcome: outcome.clone(), right: *right },
    };
    Verdict::Finding { fault: Box::new(fault) }
}

/// Whether an outcome is what is right: the same address, the same key where one is given, or no key.
pub fn agrees(outcome: &Outcome, right: &Expectation) -> bool {
    match (outcome, right) {
        (outcome, Expectation::Recovered { public_key, .. }) => outcome.gave(public_key),
        (Outcome::CallFailed { .. }, Expectation::Rejected(refusal)) => *refusal == Refusal::OutOfGas,
        (Outcome::Rejected { .. }, Expectation::Rejected(refusal)) => *refusal != Refusal::OutOfGas,
        _ => false,
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agreed => f.write_str("agreed"),
            Self::Documented { divergence } => write!(f, "documented: {divergence}"),
            Self::Unsupported => f.write_str("unsupported"),
            Self::Finding { fault } => write!(f, "FINDING: {fault}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::key::PublicKey;
    use crate::reference::Reason;
    use crate::reference::answer::Refusal;

    const KEY: &str = "0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810";
    const OTHER: &str = "0x02cad3a8bb11c5c0858fb3e402048b5137457039d577986daade678ed4b4ab1b9b";

    fn key(text: &str) -> PublicKey {
        text.parse().unwrap()
    }

    fn recovers() -> Expectation {
        Expectation::Recovered { address: key(KEY).address(), public_key: key(KEY) }
    }

    fn judged(outcome: Outcome, right: Expectation, divergences: &[Divergence]) -> &'static str {
        let facts = BTreeSet::from([Fact::HighS]);
        match verdict(&Identity::new("mine", "1.2.3", "mine"), &outcome, &facts, &right, divergences) {
            Verdict::Agreed => "agreed",
            Verdict::Documented { .. } => "documented",
            Verdict::Unsupported => "unsupported",
            Verdict::Finding { .. } => "finding",
        }
    }

    fn every_outcome() -> [Outcome; 9] {
        let address = |key: PublicKey| Outcome::Recovered { address: key.address(), public_key: None };
        [
            Outcome::key(key(KEY)),
            address(key(KEY)),
            Outcome::Recovered { address: key(KEY).address(), public_key: Some(key(OTHER)) },
            address(key(OTHER)),
            Outcome::rejected("no"),
            Outcome::CallFailed { how: "out of gas".into() },
            Outcome::Malformed { how: "20 bytes".into() },
            Outcome::unsupported("that"),
            Outcome::Panicked { message: "oh".into() },
        ]
    }

    #[test]
    fn only_the_right_key_agrees_with_a_key() {
        let verdicts = every_outcome().map(|outcome| judged(outcome, recovers(), &[]));
        let [right_key, right_address, wrong_key, wrong_address, rest @ ..] = verdicts;
        assert_eq!((right_key, right_address), ("agreed", "agreed"));
        assert_eq!((wrong_key, wrong_address), ("finding", "finding"));
        assert_eq!(rest, ["finding", "finding", "finding", "unsupported", "finding"]);
    }

    #[test]
    fn only_a_rejection_agrees_with_a_rejection_and_only_a_failed_call_with_a_lack_of_gas() {
        let rejected = Expectation::Rejected(Refusal::Recovery(Reason::RZero));
        let verdicts = every_outcome().map(|outcome| judged(outcome, rejected, &[]));
        assert_eq!(verdicts[4..], ["agreed", "finding", "finding", "unsupported", "finding"]);
        assert_eq!(verdicts[..4], ["finding"; 4]);

        let out_of_gas = Expectation::Rejected(Refusal::OutOfGas);
        let verdicts = every_outcome().map(|outcome| judged(outcome, out_of_gas, &[]));
        assert_eq!(verdicts[4..], ["finding", "agreed", "finding", "unsupported", "finding"]);
        assert_eq!(verdicts[..4], ["finding"; 4]);
    }

    #[test]
    fn a_divergence_documents_its_outcome_and_nothing_else() {
        let divergence = Divergence {
            id: "mine-rejects-high-s".into(),
            subjects: vec!["mine".into()],
            versions: ">=1, <2".parse().unwrap(),
            facts: BTreeSet::from([Fact::HighS]),
            absent: BTreeSet::from([Fact::RZero]),
            scope: AnswerKind::Recovered,
            outcome: OutcomeKind::Rejected,
            why: String::new(),
            link: String::new(),
        };
        let documented = |divergence: &Divergence| {
            let divergences = [divergence.clone()];
            every_outcome().map(|outcome| judged(outcome, recovers(), &divergences))
        };
        let verdicts = documented(&divergence);
        assert_eq!(verdicts[..4], ["finding"; 4], "it no longer happens");
        assert_eq!(verdicts[4..], ["documented", "finding", "finding", "unsupported", "finding"]);

        let other = |change: fn(&mut Divergence)| {
            let mut divergence = divergence.clone();
            change(&mut divergence);
            documented(&divergence)[4]
        };
        assert_eq!(other(|entry| entry.subjects = vec!["yours".into()]), "finding");
        assert_eq!(other(|entry| entry.versions = ">=2".parse().unwrap()), "finding");
        assert_eq!(other(|entry| entry.facts = BTreeSet::from([Fact::RZero])), "finding");
        assert_eq!(other(|entry| entry.absent = BTreeSet::from([Fact::HighS])), "finding");
        assert_eq!(other(|entry| entry.scope = AnswerKind::Rejected), "finding");
    }
}
