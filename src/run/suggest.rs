//! Suggested divergences: the entries that would document what a subject does, learned from judged inputs.
//!
//! An entry is exact, so it is learned from the inputs that it must not cover as much as from those that it
//! must. Facts are all that it can say: what two inputs with the same facts do differently is no entry.

mod rule;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use self::rule::{Facts, Rule, rules};
use crate::generate::{STRATEGIES, generate};
use crate::input::Input;
use crate::judge::fact::Fact;
use crate::judge::finding::Fault;
use crate::judge::{AnswerKind, Divergence, Harness, Judged, Verdict, agrees, judge_all};
use crate::reference::answer::Expectation;
use crate::run::check::{CheckReport, Checked};
use crate::run::fuzz::{AT_A_TIME, bytes};
use crate::subject::{Identity, Outcome, OutcomeKind, Subject};

/// How many generated cases are learned from, beside those of a check.
pub const GENERATED: u64 = 7_000;
/// The seed of these.
pub const SEED: u64 = 0;
/// How many facts an entry asks for at most, those that it excludes apart.
pub const MAX_FACTS: u32 = 3;
/// On how many inputs an outcome that facts do not always tell must be seen with an entry's, so that these tell.
const ENOUGH: usize = 8;

/// An input, and what a subject did with it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The corpus's id of the case, or `generated case NUMBER`.
    pub case: String,
    /// The input.
    pub input: Input,
    /// What it is.
    pub facts: BTreeSet<Fact>,
    /// What is right.
    pub right: Expectation,
    /// What the subject did.
    pub outcome: Outcome,
    /// The judge's word on that, under the divergences that are documented.
    pub verdict: Verdict,
}

/// What would document a subject.
#[derive(Debug, Clone)]
pub struct Suggestions {
    /// The subject.
    pub subject: Identity,
    /// How many inputs were learned from: those that the subject can express.
    pub inputs: usize,
    /// The entries, the most general of an outcome first.
    pub entries: Vec<Suggestion>,
    /// What no entry can say.
    pub inconsistent: Vec<Inconsistency>,
}

/// An entry, and what it was learned from.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// The entry, without `why` and `link`.
    pub divergence: Divergence,
    /// On how many inputs it was seen.
    pub count: usize,
    /// The first of them.
    pub first: Seen,
}

/// What a subject did that no entry can say.
#[derive(Debug, Clone)]
pub struct Inconsistency {
    /// What the reference does.
    pub reference: AnswerKind,
    /// What the subject did.
    pub outcome: OutcomeKind,
    /// Why there is no entry.
    pub cause: Cause,
    /// On how many inputs it did.
    pub count: usize,
    /// One of them.
    pub one: Seen,
    /// How many inputs that cannot be told from these it treated otherwise, and one of them.
    pub others: Option<(usize, Seen)>,
}

/// Why no entry says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Inputs with the same facts were treated otherwise.
    SameFacts,
    /// Only more than [`MAX_FACTS`] facts would tell these inputs from others.
    TooManyFacts,
    /// The same outcome was seen of some inputs and not of others with the same facts, and with these facts of few:
    /// that may be chance.
    TooFewInputs,
    /// The reference rejects them too. They differ in whether the call failed, which an entry cannot say.
    RejectedToo,
}

/// What each of these subjects did: with the cases of a check that asked them, and with [`GENERATED`] more.
pub fn observe(
    report: &CheckReport<'_>,
    subjects: &[Box<dyn Subject + '_>],
    divergences: &[Divergence],
) -> Vec<Vec<Seen>> {
    let checked = report.cases.iter().flat_map(|Checked { case, judged }| {
        case.asked().zip(judged).map(|(input, judged)| (case.id.clone(), input.clone(), judged.clone()))
    });
    let judged: Vec<_> = checked.chain(generated(Harness::new(subjects, divergences))).collect();
    let of = |asked: &str| {
        let seen = judged.iter().filter_map(|(case, input, judged)| {
            let (_, outcome, verdict) = judged.subjects.iter().find(|(name, ..)| *name == asked)?;
            Some(Seen {
                case: case.clone(),
                input: input.clone(),
                facts: judged.facts.clone(),
                right: judged.reference,
                outcome: outcome.clone(),
                verdict: verdict.clone(),
            })
        });
        seen.collect()
    };
    subjects.iter().map(|subject| of(subject.identity().name)).collect()
}

fn generated(harness: Harness<'_>) -> Vec<(String, Input, Judged)> {
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    let numbers: Vec<_> = (0..GENERATED).collect();
    let judged = numbers.chunks(AT_A_TIME as usize).flat_map(|numbers| {
        let inputs: Vec<_> =
            numbers.iter().map(|number| generate(&bytes(SEED, *number), &strategies).input).collect();
        let judged = judge_all(&inputs.iter().collect::<Vec<_>>(), harness.by_reference());
        let cases = numbers.iter().map(|number| format!("generated case {number}"));
        cases.zip(inputs).zip(judged).map(|((case, input), judged)| (case, input, judged)).collect::<Vec<_>>()
    });
    judged.collect()
}

/// Learns the entries that document what a subject did, and is not documented yet.
///
/// `documented` are the divergences under which it was judged: no entry takes the id of one.
pub fn learn(subject: &Identity, seen: &[Seen], documented: &[Divergence]) -> Suggestions {
    let said: Vec<_> =
        seen.iter().filter(|seen| !matches!(seen.outcome, Outcome::Unsupported { .. })).collect();
    let mut suggestions = Suggestions {
        subject: subject.clone(),
        inputs: said.len(),
        entries: Vec::new(),
        inconsistent: Vec::new(),
    };
    let mut ids: BTreeSet<_> = documented.iter().map(|divergence| divergence.id.clone()).collect();
    for reference in [AnswerKind::Recovered, AnswerKind::Rejected] {
        let of_kind: Vec<_> =
            said.iter().copied().filter(|seen| AnswerKind::from(&seen.right) == reference).collect();
        let deviations: BTreeSet<_> =
            of_kind.iter().filter(|seen| seen.is_new()).filter_map(|seen| seen.deviation()).collect();
        for outcome in deviations {
            let classes = Classes::of(&of_kind, outcome);
            if (reference, outcome) == (AnswerKind::Rejected, OutcomeKind::Rejected) {
                suggestions
                    .inconsistent
                    .extend(classes.inconsistency(reference, Cause::RejectedToo, |_| true));
                continue;
            }
            let otherwise = classes.otherwise();
            let same = classes.inconsistency(reference, Cause::SameFacts, |facts| otherwise.contains(&facts));
            let enough = if same.is_some() { ENOUGH } else { 1 };
            let (rules, by_chance): (Vec<_>, Vec<_>) = rules(&classes.pure(), &otherwise)
                .into_iter()
                .partition(|rule| classes.covered(*rule).len() >= enough);
            for rule in &rules {
                let covered = classes.covered(*rule);
                suggestions.entries.push(Suggestion {
                    divergence: rule.entry(subject, reference, outcome, &mut ids),
                    count: covered.len(),
                    first: covered[0].clone(),
                });
            }
            let any = |rules: &[Rule], facts| rules.iter().any(|rule| rule.covers(facts));
            let left = |facts| !otherwise.contains(&facts) && !any(&rules, facts);
            let few = classes
                .inconsistency(reference, Cause::TooFewInputs, |facts| left(facts) && any(&by_chance, facts));
            let unsayable = classes.inconsistency(reference, Cause::TooManyFacts, |facts| {
                left(facts) && !any(&by_chance, facts)
            });
            suggestions.inconsistent.extend([same, few, unsayable].into_iter().flatten());
        }
    }
    suggestions
}

impl Seen {
    /// What the subject did, where that is not right.
    fn deviation(&self) -> Option<OutcomeKind> {
        (!agrees(&self.outcome, &self.right)).then(|| self.outcome.kind_beside(&self.right))
    }

    /// Whether no divergence speaks of it yet, and one would help.
    fn is_new(&self) -> bool {
        matches!(&self.verdict, Verdict::Finding { fault } if matches!(**fault, Fault::Outcome { .. }))
    }
}

/// The inputs for which the reference does one thing, by their facts: those that show an outcome for which an
/// entry is to be learned, and those that show anything else.
struct Classes<'a> {
    outcome: OutcomeKind,
    new: BTreeMap<Facts, Vec<(usize, &'a Seen)>>,
    others: BTreeMap<Facts, Vec<&'a Seen>>,
}

impl<'a> Classes<'a> {
    fn of(seen: &[&'a Seen], outcome: OutcomeKind) -> Self {
        let mut classes = Self { outcome, new: BTreeMap::new(), others: BTreeMap::new() };
        for (at, one) in seen.iter().enumerate() {
            let facts = Facts::of(&one.facts);
            if one.deviation() != Some(outcome) {
                classes.others.entry(facts).or_default().push(one);
            } else if one.is_new() {
                classes.new.entry(facts).or_default().push((at, one));
            }
        }
        classes
    }

    /// The inputs that show the outcome and that a rule covers, in their order.
    fn covered(&self, rule: Rule) -> Vec<&'a Seen> {
        let covered = self.new.iter().filter(|(facts, _)| rule.covers(**facts));
        let mut covered: Vec<_> = covered.flat_map(|(_, inputs)| inputs).copied().collect();
        covered.sort_by_key(|(at, _)| *at);
        covered.into_iter().map(|(_, seen)| seen).collect()
    }

    /// The facts with which nothing but the outcome was seen.
    fn pure(&self) -> BTreeSet<Facts> {
        self.new.keys().filter(|facts| !self.others.contains_key(facts)).copied().collect()
    }

    /// The facts with which something else was seen: no entry may cover them.
    fn otherwise(&self) -> BTreeSet<Facts> {
        self.others.keys().copied().collect()
    }

    /// What was seen with those of the facts that are asked for.
    fn inconsistency(
        &self,
        reference: AnswerKind,
        cause: Cause,
        asked: impl Fn(Facts) -> bool,
    ) -> Option<Inconsistency> {
        let new: Vec<_> = self.new.iter().filter(|(facts, _)| asked(**facts)).collect();
        let (facts, inputs) = new.iter().max_by_key(|(facts, inputs)| (inputs.len(), Reverse(**facts)))?;
        let others = match cause {
            Cause::SameFacts => {
                let count = new.iter().filter_map(|(facts, _)| self.others.get(facts)).map(Vec::len).sum();
                self.others.get(facts).map(|others| (count, others[0].clone()))
            }
            // Whoever has the most facts in common.
            Cause::TooManyFacts | Cause::TooFewInputs => {
                let near = |other: &Facts| (other.and(**facts).len(), Reverse(other.without(**facts).len()));
                let nearest = self.others.iter().max_by_key(|(other, _)| (near(other), Reverse(**other)));
                nearest.map(|(_, others)| (others.len(), others[0].clone()))
            }
            Cause::RejectedToo => None,
        };
        Some(Inconsistency {
            reference,
            outcome: self.outcome,
            cause,
            count: new.iter().map(|(_, inputs)| inputs.len()).sum(),
            one: inputs[0].1.clone(),
            others,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::ScalarInput;
    use crate::input::bytes::Word;
    use crate::reference::Reason;
    use crate::reference::answer::Refusal;

    const A: Fact = Fact::RZero;
    const B: Fact = Fact::SZero;
    const C: Fact = Fact::XReduced;
    const D: Fact = Fact::HighS;

    fn one(facts: &[Fact], outcome: Outcome) -> Seen {
        let right = Expectation::Rejected(Refusal::Recovery(Reason::RZero));
        let word = Word([0; 32]);
        let wrong = Fault::Outcome { outcome: outcome.clone(), right };
        Seen {
            case: "made::up".into(),
            input: ScalarInput { digest: word, r: word, s: word, recovery_id: 0 }.into(),
            facts: facts.iter().copied().collect(),
            right,
            verdict: match outcome {
                Outcome::Rejected { .. } => Verdict::Agreed,
                _ => Verdict::Finding { fault: Box::new(wrong) },
            },
            outcome,
        }
    }

    #[test]
    fn each_outcome_has_entries_that_leave_the_others_alone() {
        let panics = || Outcome::Panicked { message: "no".into() };
        let fails = || Outcome::CallFailed { how: "no".into() };
        let subject = Identity::new("mine", "1.0.0", "mine");
        let seen = [
            one(&[A], panics()),
            one(&[A, B], fails()),
            one(&[A, C], panics()),
            one(&[C], Outcome::rejected("no")),
            one(&[D], Outcome::unsupported("that")),
        ];
        let suggestions = learn(&subject, &seen, &[]);
        assert_eq!(suggestions.inputs, 4);
        assert!(suggestions.inconsistent.is_empty());
        let entries: Vec<_> = suggestions.entries.iter().map(|entry| &entry.divergence).collect();
        let ids: Vec<_> = entries.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(ids, ["mine-call-failed-s-zero", "mine-panicked-r-zero"]);
        for one in &seen[..4] {
            let covering: Vec<_> =
                entries.iter().filter(|entry| entry.covers(&one.facts, &one.right)).collect();
            let outcomes: Vec<_> = covering.iter().map(|entry| Some(entry.outcome)).collect();
            assert_eq!(outcomes, one.deviation().map(Some).into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_has_no_entry_is_counted_under_its_cause() {
        let panics = || Outcome::Panicked { message: "no".into() };
        let subject = Identity::new("mine", "1.0.0", "mine");
        let sound = || Outcome::rejected("no");
        let causes = |seen: &[Seen]| -> Vec<_> {
            let learned = learn(&subject, seen, &[]);
            assert!(learned.entries.is_empty());
            let others = |one: &Inconsistency| one.others.as_ref().map(|(count, _)| *count);
            learned.inconsistent.iter().map(|one| (one.cause, one.count, others(one))).collect()
        };
        let too_many = [
            one(&[A, B, C, D], panics()),
            one(&[A, B, C], sound()),
            one(&[A, B, D], sound()),
            one(&[A, C, D], sound()),
            one(&[B, C, D], sound()),
        ];
        assert_eq!(causes(&too_many), [(Cause::TooManyFacts, 1, Some(1))]);
        let mixed = [one(&[A], panics()), one(&[A], sound()), one(&[A], panics()), one(&[A, B], panics())];
        assert_eq!(causes(&mixed), [(Cause::SameFacts, 2, Some(1)), (Cause::TooFewInputs, 1, Some(1))]);
        // With enough inputs it is no chance.
        let mut enough = mixed.to_vec();
        enough.extend(std::iter::repeat_with(|| one(&[A, B], panics())).take(ENOUGH));
        assert_eq!(learn(&subject, &enough, &[]).entries.len(), 1);
    }
}
