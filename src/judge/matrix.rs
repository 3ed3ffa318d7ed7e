//! The matrix: how often each verdict was given, by fact and by subject.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::judge::fact::Fact;
use crate::judge::{Judged, Verdict};
use crate::reference::answer::Expectation;

/// How often each verdict was given, for each fact and each subject.
#[derive(Debug, Clone, Default)]
pub struct Matrix(BTreeMap<Fact, Row>);

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
}

impl Matrix {
    /// Counts a case.
    pub fn count(&mut self, judged: &Judged) {
        for fact in &judged.facts {
            let row = self.0.entry(*fact).or_default();
            row.cases += 1;
            row.recovered += usize::from(matches!(judged.reference, Expectation::Recovered { .. }));
            for (subject, _, verdict) in &judged.subjects {
                row.tallies.entry(subject).or_default().count(verdict);
            }
        }
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: Self) {
        for (fact, theirs) in other.0 {
            let row = self.0.entry(fact).or_default();
            row.cases += theirs.cases;
            row.recovered += theirs.recovered;
            for (subject, tally) in theirs.tallies {
                let mine = row.tallies.entry(subject).or_default();
                mine.agreed += tally.agreed;
                mine.documented += tally.documented;
                mine.unsupported += tally.unsupported;
                mine.findings += tally.findings;
            }
        }
    }

    /// The facts that some case had, with their rows.
    pub fn rows(&self) -> impl Iterator<Item = (Fact, &Row)> {
        self.0.iter().map(|(fact, row)| (*fact, row))
    }

    /// How many cases with this fact recover, and how many are rejected.
    pub fn answers(&self, fact: Fact) -> (usize, usize) {
        self.0.get(&fact).map_or((0, 0), |row| (row.recovered, row.cases - row.recovered))
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
        let judged = Judged { facts: BTreeSet::from([Fact::HighS]), reference, subjects };
        let mut matrix = Matrix::default();
        matrix.count(&judged);
        let mut twice = matrix.clone();
        twice.merge(matrix.clone());
        for (matrix, times) in [(matrix, 1), (twice, 2)] {
            let (fact, row) = matrix.rows().next().unwrap();
            let tally = Tally { agreed: times, documented: times, unsupported: times, findings: times };
            assert_eq!(
                (fact, row.cases, row.recovered, row.tallies["mine"]),
                (Fact::HighS, times, times, tally)
            );
        }
    }
}
