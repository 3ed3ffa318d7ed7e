//! Suggested divergences: the entries that would document what a subject does, learned from judged inputs.
//!
//! An entry is exact, so it is learned from the inputs that it must not cover as much as from those that it
//! must. Facts are all that it can say: what two inputs with the same facts do differently is no entry.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use semver::{Comparator, Op, VersionReq};

use crate::generate::{STRATEGIES, generate};
use crate::input::Input;
use crate::judge::fact::Fact;
use crate::judge::finding::Fault;
use crate::judge::{AnswerKind, Divergence, Harness, Judged, Verdict, agrees, judge_all};
use crate::reference::answer::Expectation;
use crate::run::check::CheckReport;
use crate::run::fuzz::bytes;
use crate::subject::{Identity, Outcome, OutcomeKind, Subject};

/// How many generated cases are learned from, beside those of a check.
pub const GENERATED: u64 = 4_000;
/// The seed of these.
pub const SEED: u64 = 0;
/// How many facts an entry asks for at most, those that it excludes apart.
pub const MAX_FACTS: u32 = 3;
/// On how many inputs an outcome that facts do not always tell must be seen with an entry's, so that these tell.
const ENOUGH: usize = 8;
/// How many cases a subject has in flight together.
const AT_A_TIME: u64 = 32;

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
    let checked = report.cases.iter().filter_map(|checked| {
        let input = checked.case.input.as_ref().ok()?;
        Some((checked.case.id.clone(), input.clone(), checked.judged.clone()?))
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
        let judged = judge_all(&inputs.iter().collect::<Vec<_>>(), harness);
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

/// A set of facts, a bit each, in the order of [`Fact::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Facts(u64);

const _: () = assert!(Fact::ALL.len() <= u64::BITS as usize, "a fact is a bit");

impl Facts {
    const NONE: Self = Self(0);

    fn of(facts: &BTreeSet<Fact>) -> Self {
        facts.iter().fold(Self::NONE, |set, fact| set.or(Self(1 << *fact as u32)))
    }

    fn named(self) -> BTreeSet<Fact> {
        Fact::ALL.iter().copied().filter(|fact| self.has(Self(1 << *fact as u32))).collect()
    }

    /// Its facts, each alone.
    fn each(self) -> impl DoubleEndedIterator<Item = Self> {
        (0..u64::BITS).map(|bit| Self(1 << bit)).filter(move |fact| self.has(*fact))
    }

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    fn has(self, all: Self) -> bool {
        self.and(all) == all
    }

    fn meets(self, any: Self) -> bool {
        self.and(any) != Self::NONE
    }

    fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Its subsets of 1 to [`MAX_FACTS`] facts.
    fn choices(self) -> BTreeSet<Self> {
        let mut choices = BTreeSet::from([Self::NONE]);
        for _ in 0..MAX_FACTS {
            let longer: Vec<_> =
                choices.iter().flat_map(|choice| self.each().map(|fact| choice.or(fact))).collect();
            choices.extend(longer);
        }
        choices.remove(&Self::NONE);
        choices
    }
}

/// What an entry asks of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rule {
    facts: Facts,
    absent: Facts,
}

/// The rules that cover what shows an outcome, and nothing that shows another: in each turn the one that covers
/// most of what is left, then the one that says the least, then the one of fewer facts, then of earlier facts. What is left at the
/// end, no rule covers.
fn rules(shown: &BTreeSet<Facts>, otherwise: &BTreeSet<Facts>) -> Vec<Rule> {
    let candidates: BTreeSet<_> = shown.iter().flat_map(|facts| facts.choices()).collect();
    let mut left = shown.clone();
    let mut rules: Vec<Rule> = Vec::new();
    loop {
        let covering = candidates.iter().filter_map(|facts| {
            let rule = Rule::with(*facts, &left, otherwise)?;
            let covered = left.iter().filter(|facts| rule.covers(**facts)).count();
            (covered > 0).then_some((covered, rule))
        });
        let best = covering.max_by_key(|(covered, Rule { facts, absent })| {
            (*covered, Reverse(facts.len() + absent.len()), Reverse(facts.len()), facts.0.reverse_bits())
        });
        let Some((_, rule)) = best else { break };
        left.retain(|facts| !rule.covers(*facts));
        rules.push(rule);
    }
    // A later rule may cover all that an earlier one was for.
    for at in (0..rules.len()).rev() {
        let by_others = |facts: &&Facts| {
            rules.iter().enumerate().any(|(other, rule)| other != at && rule.covers(**facts))
        };
        let needed = shown.iter().filter(|facts| rules[at].covers(**facts)).any(|facts| !by_others(&facts));
        if !needed {
            rules.remove(at);
        }
    }
    rules
}

impl Rule {
    fn covers(self, facts: Facts) -> bool {
        facts.has(self.facts) && !facts.meets(self.absent)
    }

    /// The rule that asks for these facts, and excludes what it must to cover nothing of `otherwise`: at each
    /// turn the fact that costs nothing of what is to be covered, or least for what it excludes.
    fn with(facts: Facts, shown: &BTreeSet<Facts>, otherwise: &BTreeSet<Facts>) -> Option<Self> {
        let excluded: Vec<_> = otherwise.iter().copied().filter(|other| other.has(facts)).collect();
        let mut rule = Self { facts, absent: Facts::NONE };
        loop {
            let still: Vec<_> = excluded.iter().copied().filter(|other| rule.covers(*other)).collect();
            if still.is_empty() {
                break;
            }
            let there = still.iter().fold(Facts::NONE, |all, other| all.or(*other)).without(facts);
            let best = there.each().max_by_key(|fact| {
                let excludes = still.iter().filter(|other| other.meets(*fact)).count();
                let costs = shown.iter().filter(|shown| rule.covers(**shown) && shown.meets(*fact)).count();
                // Sets are few: a thousand times the ratio orders them.
                let worth = (1_000 * excludes).checked_div(costs).unwrap_or(usize::MAX);
                (worth, excludes, Reverse(*fact))
            })?;
            rule.absent = rule.absent.or(best);
        }
        for fact in rule.absent.each().rev() {
            let without = Self { absent: rule.absent.without(fact), ..rule };
            if !excluded.iter().any(|other| without.covers(*other)) {
                rule = without;
            }
        }
        Some(rule)
    }

    /// The entry, with an id that none of `ids` has.
    fn entry(
        self,
        subject: &Identity,
        reference: AnswerKind,
        outcome: OutcomeKind,
        ids: &mut BTreeSet<String>,
    ) -> Divergence {
        let facts = self.facts.named();
        let words: Vec<_> = facts.iter().map(|fact| fact.name()).collect();
        let id = format!("{}-{outcome}-{}", subject.name, words.join("-"));
        let numbered = (2..).map(|number| format!("{id}-{number}"));
        let id = std::iter::once(id.clone()).chain(numbered).find(|id| !ids.contains(id)).unwrap_or(id);
        ids.insert(id.clone());
        let version = &subject.version;
        let exactly = Comparator {
            op: Op::Exact,
            major: version.major,
            minor: Some(version.minor),
            patch: Some(version.patch),
            pre: version.pre.clone(),
        };
        Divergence {
            id,
            subjects: vec![subject.name.to_owned()],
            versions: VersionReq { comparators: vec![exactly] },
            facts,
            absent: self.absent.named(),
            reference,
            outcome,
            why: String::new(),
            link: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::ScalarInput;
    use crate::input::bytes::Word;
    use crate::reference::Reason;
    use crate::reference::answer::Refusal;

    fn sets(sets: &[&[Fact]]) -> BTreeSet<Facts> {
        sets.iter().map(|facts| Facts::of(&facts.iter().copied().collect())).collect()
    }

    const A: Fact = Fact::RZero;
    const B: Fact = Fact::SZero;
    const C: Fact = Fact::XReduced;
    const D: Fact = Fact::HighS;

    fn said(rules: &[Rule]) -> Vec<(Vec<Fact>, Vec<Fact>)> {
        let facts = |facts: Facts| facts.named().into_iter().collect();
        rules.iter().map(|rule| (facts(rule.facts), facts(rule.absent))).collect()
    }

    fn learned(shown: &[&[Fact]], otherwise: &[&[Fact]]) -> Vec<(Vec<Fact>, Vec<Fact>)> {
        said(&rules(&sets(shown), &sets(otherwise)))
    }

    #[test]
    fn rules_are_few_and_say_little() {
        assert_eq!(learned(&[&[A], &[A, B]], &[&[B], &[C]]), [(vec![A], vec![])]);
        assert_eq!(learned(&[&[A], &[A, C]], &[&[A, B], &[A, B, C]]), [(vec![A], vec![B])]);
        assert_eq!(learned(&[&[A, B]], &[&[A], &[B]]), [(vec![A, B], vec![])]);
        assert_eq!(learned(&[&[A, B, C]], &[&[A, B], &[A, C], &[B, C]]), [(vec![A, B, C], vec![])]);
        // Where either would do, the earlier fact.
        assert_eq!(learned(&[&[A, B]], &[&[C]]), [(vec![A], vec![])]);
        // Two causes of one outcome.
        assert_eq!(learned(&[&[A], &[B, D]], &[&[B], &[D], &[C]]), [(vec![A], vec![]), (vec![B, D], vec![])]);
    }

    #[test]
    fn four_facts_are_too_many_and_nothing_is_told_from_itself() {
        let all_but_one: [&[Fact]; 4] = [&[A, B, C], &[A, B, D], &[A, C, D], &[B, C, D]];
        assert_eq!(learned(&[&[A, B, C, D]], &all_but_one), []);
        assert_eq!(learned(&[&[A]], &[&[A]]), []);
    }

    /// Of the 15 sets of four facts, each is shown, is seen otherwise, or is not seen: one way in some thousands.
    #[test]
    fn rules_cover_what_can_be_and_nothing_else() {
        let bits = [A, B, C, D].map(|fact| Facts::of(&BTreeSet::from([fact])));
        let set = |number: u32| {
            (0..4).filter(|at| number >> at & 1 == 1).fold(Facts::NONE, |set, at| set.or(bits[at as usize]))
        };
        let mut rules_seen = 0;
        for way in (0..3_u32.pow(15)).step_by(61 * 101) {
            let seen =
                |what| (1..16).filter(move |at| way / 3_u32.pow(at - 1) % 3 == what).map(set).collect();
            let (shown, otherwise): (BTreeSet<_>, BTreeSet<_>) = (seen(1), seen(2));
            let rules = rules(&shown, &otherwise);
            for rule in &rules {
                assert!(!otherwise.iter().any(|facts| rule.covers(*facts)), "{way}: {rule:?}");
            }
            for facts in &shown {
                let covered = rules.iter().any(|rule| rule.covers(*facts));
                // At most three facts of a set are asked for; all else can be excluded.
                let sayable = facts
                    .choices()
                    .iter()
                    .any(|asked| !otherwise.iter().any(|other| other.has(*asked) && facts.has(*other)));
                assert_eq!(covered, sayable, "{way}: {facts:?} by {rules:?}");
            }
            rules_seen += rules.len();
        }
        assert!(rules_seen > 1_000);
    }

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
