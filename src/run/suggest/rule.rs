//! Rules: what an entry asks of an input's facts, learned from sets of facts that it must and must not cover.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::MAX_FACTS;
use crate::judge::fact::Fact;
use crate::judge::{AnswerKind, Divergence};
use crate::subject::{Identity, OutcomeKind};

/// A set of facts, a bit each, in the order of [`Fact::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Facts(u64);

const _: () = assert!(Fact::ALL.len() <= u64::BITS as usize, "a fact is a bit");

impl Facts {
    const NONE: Self = Self(0);

    pub(super) fn of(facts: &BTreeSet<Fact>) -> Self {
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

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    fn has(self, all: Self) -> bool {
        self.and(all) == all
    }

    fn meets(self, any: Self) -> bool {
        self.and(any) != Self::NONE
    }

    pub(super) fn len(self) -> u32 {
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
pub(super) struct Rule {
    facts: Facts,
    absent: Facts,
}

/// The rules that cover what shows an outcome, and nothing that shows another: in each turn the one that covers
/// most of what is left, then the one that says the least, then the one of fewer facts, then of earlier facts.
/// What is left at the end, no rule covers.
pub(super) fn rules(shown: &BTreeSet<Facts>, otherwise: &BTreeSet<Facts>) -> Vec<Rule> {
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
    pub(super) fn covers(self, facts: Facts) -> bool {
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
    pub(super) fn entry(
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
        Divergence {
            id,
            subjects: vec![subject.name.to_owned()],
            versions: subject.exactly(),
            facts,
            absent: self.absent.named(),
            scope: reference,
            outcome,
            why: String::new(),
            link: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
