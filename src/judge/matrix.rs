//! The matrix: how often each verdict was given, by fact and by subject.

use std::collections::BTreeMap;
use std::iter::Sum;
use std::ops::AddAssign;

use serde::Serialize;

use crate::judge::fact::Fact;
use crate::judge::{Judged, Verdict};
use crate::reference::answer::Expectation;

/// How often each verdict was given, for each fact and each subject.
#[derive(Debug, Clone, Default)]
pub struct Matrix {
    rows: BTreeMap<Fact, Row>,
    totals: BTreeMap<&'static str, Tally>,
}

/// A fact's cases and its verdicts by subject.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// How many cases have the fact.
    pub cases: usize,
    /// How many of them recover, says the reference.
    pub recovered: usize,
    /// By subject.
    pub tallies: BTreeMap<&'static str, Tally>,
}

/// How often each verdict was given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// See [`Verdict::Agreed`].
    pub agreed: usize,
    /// See [`Verdict::Documented`].
    pub documented: usize,
    /// See [`Verdict::Unsupported`].
    pub unsupported: usize,
    /// See [`Verdict::Finding`].
    pub findings: usize,
}

impl Tally {
    /// Counts a verdict.
    pub fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Agreed => self.agreed += 1,
            Verdict::Documented { .. } => self.documented += 1,
            Verdict::Unsupported => self.unsupported += 1,
            Verdict::Finding { .. } => self.findings += 1,
        }
    }

    /// How many cases could be expressed, and so were asked.
    pub fn asked(&self) -> usize {
        self.agreed + self.documented + self.findings
    }

    /// How many cases there were.
    pub fn cases(&self) -> usize {
        self.asked() + self.unsupported
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.agreed += other.agreed;
        self.documented += other.documented;
        self.unsupported += other.unsupported;
        self.findings += other.findings;
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |mut sum, tally| {
            sum += tally;
            sum
        })
    }
}

impl Matrix {
    /// Counts a case.
    pub fn count(&mut self, judged: &Judged) {
        for (subject, _, verdict) in &judged.subjects {
            self.totals.entry(subject).or_default().count(verdict);
        }
        for fact in &judged.facts {
            let row = self.rows.entry(*fact).or_default();
            row.cases += 1;
            row.recovered += usize::from(matches!(judged.reference, Expectation::Recovered { .. }));
            for (subject, _, verdict) in &judged.subjects {
                row.tallies.entry(subject).or_default().count(verdict);
            }
        }
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: Self) {
        for (subject, tally) in other.totals {
            *self.totals.entry(subject).or_default() += tally;
        }
        for (fact, theirs) in other.rows {
            let row = self.rows.entry(fact).or_default();
            row.cases += theirs.cases;
            row.recovered += theirs.recovered;
            for (subject, tally) in theirs.tallies {
                *row.tallies.entry(subject).or_default() += tally;
            }
        }
    }

    /// The facts that some case had, with their rows.
    pub fn rows(&self) -> impl Iterator<Item = (Fact, &Row)> {
        self.rows.iter().map(|(fact, row)| (*fact, row))
    }

    /// Of every subject, over all cases: a case counts once, however many facts it has.
    pub fn totals(&self) -> &BTreeMap<&'static str, Tally> {
        &self.totals
    }

    /// Of all subjects.
    pub fn total(&self) -> Tally {
        self.totals.values().copied().sum()
    }

    /// How many cases with this fact recover, and how many are rejected.
    pub fn answers(&self, fact: Fact) -> (usize, usize) {
        self.rows.get(&fact).map_or((0, 0), |row| (row.recovered, row.cases - row.recovered))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::input::key::PublicKey;
    use crate::judge::finding::Fault;
    use crate::subject::Outcome;

    #[test]
    fn the_matrix_counts_each_verdict_once() {
        let verdicts = [
            Verdict::Agreed,
            Verdict::Documented { divergence: "some".into() },
            Verdict::Unsupported,
            Verdict::Finding { fault: Box::new(Fault::Property("wrong".into())) },
        ];
        let key: PublicKey =
            "0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810".parse().unwrap();
        let reference = Expectation::Recovered { address: key.address(), public_key: key };
        let outcome = Outcome::key(key);
        let subjects = verdicts.into_iter().map(|verdict| ("mine", outcome.clone(), verdict)).collect();
        let facts = BTreeSet::from([Fact::HighS, Fact::SBoundary]);
        let judged = Judged { facts, reference, twin: None, subjects };
        let mut matrix = Matrix::default();
        matrix.count(&judged);
        let mut twice = matrix.clone();
        twice.merge(matrix.clone());
        for (matrix, times) in [(matrix, 1), (twice, 2)] {
            let tally = Tally { agreed: times, documented: times, unsupported: times, findings: times };
            assert_eq!(
                matrix.rows().map(|(fact, _)| fact).collect::<Vec<_>>(),
                [Fact::HighS, Fact::SBoundary]
            );
            for (_, row) in matrix.rows() {
                assert_eq!((row.cases, row.recovered, row.tallies["mine"]), (times, times, tally));
            }
            assert_eq!(*matrix.totals(), BTreeMap::from([("mine", tally)]), "however many facts");
            assert_eq!((tally.asked(), tally.cases()), (3 * times, 4 * times));
        }
    }
}
