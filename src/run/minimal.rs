//! Minimal sets: the fewest vectors that still find every planted bug that all of them find, and that show every
//! documented divergence that all of them show.
//!
//! A vector finds a bug if an implementation that has it gives another answer than is expected; the laws of
//! `judge::law` are not asked. The set is chosen greedily: each time the vector that adds the most, of several the
//! first; then what the others made superfluous is taken out. A bug that remembers what it was asked is found by
//! vectors in their order: where the set does not find it, the first two that do are added.

use std::collections::{BTreeMap, BTreeSet};

use super::planted::{self, Planted};
use crate::corpus::vector::Vector;
use crate::input::Input;
use crate::judge::{Verdict, verdict};
use crate::reference::answer::Expectation;
use crate::subject::{Outcome, Subject as _, ask};

/// A minimal set, and what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinimalSet {
    /// Which of the vectors, in their order.
    pub chosen: Vec<usize>,
    /// The planted bugs that they find, each vector for itself.
    pub bugs: BTreeSet<&'static str>,
    /// The planted bugs that they find if they are asked in their order: those that remember.
    pub in_order: BTreeSet<&'static str>,
    /// The planted bugs that none of all vectors finds.
    pub not_found: BTreeSet<&'static str>,
    /// The planted bugs that no answer to a vector can show, by what it is that they get wrong.
    pub beyond: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// The divergences that they show, by id.
    pub divergences: BTreeSet<String>,
}

/// Something that a set must show.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Shows<'a> {
    Bug(&'static str),
    Divergence(&'a str),
}

/// Chooses a minimal set. `asked` says what is asked in a vector's place, in the format that will hold it; what it
/// gives nothing for is left out.
pub fn minimal_set(vectors: &[Vector], asked: impl Fn(&Vector) -> Option<Input>) -> MinimalSet {
    let questions: Vec<_> = vectors.iter().map(asked).collect();
    let stateful: BTreeSet<_> = planted::with_state().map(|bug| bug.identity().name).collect();
    let (with_state, stateless): (Vec<_>, Vec<_>) =
        planted::subjects().into_iter().partition(|bug| stateful.contains(bug.identity().name));
    let (signing, stateless): (Vec<_>, Vec<_>) = stateless.into_iter().partition(Planted::signs_wrongly);
    let shown: Vec<BTreeSet<Shows<'_>>> = vectors
        .iter()
        .zip(&questions)
        .map(|(vector, input)| {
            let Some(input) = input else { return BTreeSet::new() };
            let right = Expectation::from(vector.expect);
            let bugs = stateless.iter().filter(|bug| is_wrong(bug, input, vector, &right));
            let bugs = bugs.map(|bug| Shows::Bug(bug.identity().name));
            let deviations =
                vector.deviations.iter().map(|deviation| Shows::Divergence(&deviation.divergence));
            bugs.chain(deviations).collect()
        })
        .collect();
    let order = Order { vectors, questions: &questions };
    let chosen = order.with_pairs(&stateful, greedy(&shown));
    let in_order: BTreeSet<_> = stateful.iter().copied().filter(|name| order.finds(name, &chosen)).collect();
    let of_chosen: BTreeSet<_> = chosen.iter().flat_map(|at| &shown[*at]).collect();
    let bugs: BTreeSet<_> = of_chosen
        .iter()
        .filter_map(|shows| match shows {
            Shows::Bug(name) => Some(*name),
            Shows::Divergence(_) => None,
        })
        .collect();
    let names = |bugs: &[Planted]| bugs.iter().map(|bug| bug.identity().name).collect::<BTreeSet<_>>();
    MinimalSet {
        not_found: names(&stateless).difference(&bugs).copied().collect(),
        bugs,
        beyond: [
            ("memory", names(&with_state).difference(&in_order).copied().collect()),
            ("signing", names(&signing)),
            ("wire layouts", planted::decoders().iter().map(|bug| bug.name).collect()),
            ("the reference's twin", planted::twins().iter().map(|bug| bug.name).collect()),
        ]
        .into(),
        in_order,
        divergences: of_chosen
            .iter()
            .filter_map(|shows| match shows {
                Shows::Bug(_) => None,
                Shows::Divergence(id) => Some((*id).to_owned()),
            })
            .collect(),
        chosen,
    }
}

/// Vectors that are asked one after the other.
struct Order<'a> {
    vectors: &'a [Vector],
    questions: &'a [Option<Input>],
}

impl Order<'_> {
    /// Whether the bug of this name, which was asked nothing before, answers one of these wrongly.
    fn finds(&self, name: &str, asked: &[usize]) -> bool {
        self.first_wrong(name, asked.iter().copied()).is_some()
    }

    fn first_wrong(&self, name: &str, asked: impl IntoIterator<Item = usize>) -> Option<usize> {
        let bug = planted::with_state().find(|bug| bug.identity().name == name)?;
        asked.into_iter().find(|at| {
            let (vector, input) = (&self.vectors[*at], &self.questions[*at]);
            input.as_ref().is_some_and(|input| is_wrong(&bug, input, vector, &vector.expect.into()))
        })
    }

    /// These, and for each of the bugs that they do not find two that do, without what others made superfluous.
    fn with_pairs(&self, names: &BTreeSet<&'static str>, mut chosen: Vec<usize>) -> Vec<usize> {
        let found = |asked: &[usize]| names.iter().filter(|name| self.finds(name, asked)).count();
        let mut added: BTreeSet<usize> = BTreeSet::new();
        for name in names {
            if !self.finds(name, &chosen) {
                let new = self.pair(name).into_iter().flatten().filter(|at| !chosen.contains(at));
                let new: Vec<_> = new.collect();
                added.extend(&new);
                chosen.extend(new);
                chosen.sort_unstable();
            }
        }
        let all = found(&chosen);
        for one in added {
            let without: Vec<_> = chosen.iter().copied().filter(|at| *at != one).collect();
            if found(&without) == all {
                chosen = without;
            }
        }
        chosen
    }

    /// The first two that find the bug, and nothing between them.
    fn pair(&self, name: &str) -> Option<[usize; 2]> {
        let second = self.first_wrong(name, 0..self.vectors.len())?;
        let first = (0..second).rev().find(|first| self.finds(name, &[*first, second]))?;
        Some([first, second])
    }
}

/// Whether a planted bug answers wrongly.
fn is_wrong(bug: &Planted, input: &Input, vector: &Vector, right: &Expectation) -> bool {
    let outcome: Outcome = ask(bug, input);
    matches!(verdict(bug.identity(), &outcome, &vector.facts, right, &[]), Verdict::Finding { .. })
}

/// The sets, by their places, that have all elements that all have: each time the one that adds the most, the first
/// of several; then without those that the others made superfluous.
fn greedy<T: Ord>(sets: &[BTreeSet<T>]) -> Vec<usize> {
    let mut left: BTreeSet<&T> = sets.iter().flatten().collect();
    let mut chosen = Vec::new();
    while !left.is_empty() {
        let adds = |at: usize| sets[at].iter().filter(|element| left.contains(element)).count();
        let Some(best) = (0..sets.len()).rev().max_by_key(|at| adds(*at)) else { break };
        left.retain(|element| !sets[best].contains(*element));
        chosen.push(best);
    }
    let mut at = 0;
    while at < chosen.len() {
        let others =
            || chosen.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, set)| &sets[*set]);
        if sets[chosen[at]].iter().all(|element| others().any(|set| set.contains(element))) {
            chosen.remove(at);
        } else {
            at += 1;
        }
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greedy_cover_has_every_element_and_nothing_superfluous() {
        let sets = [&[1, 2][..], &[3, 4], &[1, 2, 3], &[], &[4, 5], &[2]].map(BTreeSet::from_iter);
        assert_eq!(greedy(&sets), [2, 4]);
        // {2, 3, 4} is taken first, and taken out again when the others are there.
        let sets = [&[1, 2][..], &[2, 3, 4], &[3, 5], &[4, 6]].map(BTreeSet::from_iter);
        assert_eq!(greedy(&sets), [0, 2, 3]);
        let same = [&[1][..], &[1], &[1]].map(BTreeSet::from_iter);
        assert_eq!(greedy(&same), [0]);
        assert_eq!(greedy::<u8>(&[]), [0; 0]);
    }
}
