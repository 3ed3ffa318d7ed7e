//! What came of a [`Check`](super::Check). `report::conformance` puts it into words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::input::{Input, Surface};
use crate::judge::fact::{Fact, classify};
use crate::judge::finding::{Finding, FindingClass};
use crate::judge::matrix::Tally;
use crate::judge::{Examined, Verdict};
use crate::reference::answer::{Answer, Refusal};
use crate::subject::{Identity, Outcome};

/// How many different reasons are kept for what a surface cannot express.
const MAX_REASONS: usize = 16;

/// What came of holding an implementation to the corpus and to generated cases.
#[derive(Debug, Clone)]
pub struct ConformanceReport {
    /// The implementation.
    pub subject: Identity,
    /// What the generated cases were drawn from.
    pub seed: u64,
    /// How many cases of the corpus were looked at, those that the subject cannot express included.
    pub corpus: u64,
    /// How many generated ones.
    pub generated: u64,
    /// Each surface that was chosen.
    pub surfaces: BTreeMap<Surface, SurfaceReport>,
    /// How many cases showed each divergence.
    pub documented: BTreeMap<String, u64>,
    /// The findings by outcome and facts, wrong keys first.
    pub findings: Vec<FindingGroup>,
    /// How the check ended.
    pub end: End,
    /// Whether the surfaces were chosen by name: then each must have been asked something.
    pub(super) surfaces_named: bool,
}

/// How a surface's cases were judged.
#[derive(Debug, Clone, Default)]
pub struct SurfaceReport {
    /// The verdicts, counted.
    pub tally: Tally,
    /// What the subject said that it cannot express, and how often; the first 16 reasons, and `other reasons`.
    pub not_expressible: BTreeMap<String, u64>,
}

/// Findings with one outcome, on inputs that have these facts in common.
#[derive(Debug, Clone)]
pub struct FindingGroup {
    /// What the inputs have in common; some have other facts too.
    pub facts: BTreeSet<Fact>,
    /// How many findings there were.
    pub count: u64,
    /// The first, of those with the fewest facts.
    pub first: Finding,
    /// The case that led to it.
    pub case: CaseName,
}

/// Which case it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseName {
    /// One of the corpus, by its id.
    Corpus(String),
    /// A generated one.
    Generated {
        /// Its number: cases count from 0, and depend on the seed and on the strategies chosen.
        number: u64,
        /// The strategy that made it.
        strategy: &'static str,
    },
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All cases were looked at.
    Complete,
    /// After as many findings as were asked for.
    StoppedAfter,
    /// The subject hung too often, and is not asked any more.
    GivenUp,
}

impl ConformanceReport {
    /// Whether the implementation did what is right, and did something.
    ///
    /// What it cannot express is not held against it, and is in the report's text: read that too. But no case at
    /// all is no success, and no case of a surface that was chosen by name.
    pub fn passes(&self) -> bool {
        let asked = |report: &SurfaceReport| report.tally.asked() > 0;
        self.findings.is_empty()
            && self.end == End::Complete
            && self.surfaces.values().any(asked)
            && (!self.surfaces_named || self.surfaces.values().all(asked))
    }

    /// The verdicts on all surfaces.
    pub fn tally(&self) -> Tally {
        self.surfaces.values().map(|surface| surface.tally).sum()
    }

    /// How many findings there were: a case may have several, as laws relate it to others.
    pub fn found(&self) -> u64 {
        self.findings.iter().map(|group| group.count).sum()
    }
}

impl fmt::Display for CaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corpus(id) => f.write_str(id),
            Self::Generated { number, strategy } => write!(f, "generated case {number} ({strategy})"),
        }
    }
}

impl SurfaceReport {
    pub(super) fn count(&mut self, outcome: &Outcome, verdict: &Verdict) {
        self.tally.count(verdict);
        if let (Verdict::Unsupported, Outcome::Unsupported { what }) = (verdict, outcome) {
            let full = self.not_expressible.len() >= MAX_REASONS && !self.not_expressible.contains_key(what);
            let reason = if full { "other reasons" } else { what.as_str() };
            *self.not_expressible.entry(reason.to_owned()).or_default() += 1;
        }
    }
}

/// Findings by class and facts: how many, and the first.
#[derive(Debug, Default)]
pub(super) struct Findings(BTreeMap<(FindingClass, BTreeSet<Fact>), (u64, Finding, CaseName)>);

impl Findings {
    /// Counts those of a case. Cases must come in their order.
    pub(super) fn count(&mut self, case: &CaseName, input: &Input, examined: Examined) {
        for finding in examined.findings {
            let facts = match &finding.input {
                Some(other) if other != input => classify(other, &Answer::to(other)),
                _ => examined.judged.facts.clone(),
            };
            let first = || (0, finding.clone(), case.clone());
            self.0.entry((finding.class(), facts)).or_insert_with(first).0 += 1;
        }
    }

    /// The groups, wrong keys first. A finding whose facts include another's of the same class is most likely
    /// one with that, and is counted there. So is one that takes what must be rejected, and has more in common with
    /// another than the reason: its group then has what they have in common.
    pub(super) fn groups(self) -> Vec<FindingGroup> {
        let mut found: Vec<_> = self.0.into_iter().collect();
        found.sort_by_key(|((class, facts), _)| (class.clone(), facts.len(), facts.clone()));
        let mut groups: Vec<FindingGroup> = Vec::new();
        for ((class, facts), (count, first, case)) in found {
            let of_reason = first.refusal().map(Refusal::name);
            let is_more = |fact: &Fact| of_reason.is_some_and(|reason| fact.name() != reason);
            let common = |group: &&mut FindingGroup| {
                group.first.class() == class
                    && (group.facts.is_subset(&facts) || group.facts.intersection(&facts).any(is_more))
            };
            match groups.iter_mut().find(common) {
                Some(group) => {
                    group.count += count;
                    group.facts.retain(|fact| facts.contains(fact));
                }
                None => groups.push(FindingGroup { facts, count, first, case }),
            }
        }
        groups.sort_by_key(|group| (group.first.rank(), std::cmp::Reverse(group.count)));
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::ScalarInput;
    use crate::input::bytes::Word;
    use crate::input::key::PublicKey;
    use crate::judge::Judged;
    use crate::judge::finding::{Culprit, Fault};
    use crate::reference::Reason;
    use crate::reference::answer::Expectation;

    fn input() -> Input {
        let word = Word([1; 32]);
        ScalarInput { digest: word, r: word, s: word, recovery_id: 0 }.into()
    }

    fn key(text: &str) -> PublicKey {
        text.parse().unwrap()
    }

    fn examined(facts: &[Fact], outcome: Outcome) -> Examined {
        let right = key("0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810");
        examined_beside(
            Expectation::Recovered { address: right.address(), public_key: right },
            facts,
            outcome,
        )
    }

    fn examined_beside(right: Expectation, facts: &[Fact], outcome: Outcome) -> Examined {
        let fault = Fault::Outcome { outcome, right };
        let finding = Finding { culprit: Culprit::Subject("mine".into()), fault, input: Some(input()) };
        let facts = facts.iter().copied().collect();
        let judged = Judged { facts, reference: right, twin: None, subjects: Vec::new() };
        Examined { judged, findings: vec![finding] }
    }

    #[test]
    fn findings_are_grouped_by_outcome_and_the_fewest_facts_wrong_keys_first() {
        let rejected = || Outcome::rejected("no");
        let wrong =
            || Outcome::key(key("0x02cad3a8bb11c5c0858fb3e402048b5137457039d577986daade678ed4b4ab1b9b"));
        let mut findings = Findings::default();
        for (number, (facts, outcome)) in [
            (&[Fact::HighS, Fact::LeadingZeroX][..], rejected()),
            (&[Fact::HighS], rejected()),
            (&[Fact::Ordinary], rejected()),
            (&[Fact::HighS, Fact::DigestZero], rejected()),
            (&[Fact::XReduced], wrong()),
            (&[Fact::HighS], Outcome::Panicked { message: "oh".into() }),
            (&[Fact::HighS], rejected()),
        ]
        .into_iter()
        .enumerate()
        {
            let case = CaseName::Generated { number: number as u64, strategy: "some" };
            findings.count(&case, &input(), examined(facts, outcome));
        }
        let groups: Vec<_> = findings
            .groups()
            .into_iter()
            .map(|group| {
                let facts: Vec<_> = group.facts.into_iter().collect();
                (group.first.fault, facts, group.count, group.case.to_string())
            })
            .map(|(fault, facts, count, case)| match fault {
                Fault::Outcome { outcome, .. } => (outcome.kind(), facts, count, case),
                other => panic!("{other:?}"),
            })
            .collect();
        use crate::subject::OutcomeKind::{Panicked, Recovered, Rejected};
        assert_eq!(
            groups,
            [
                (Recovered, vec![Fact::XReduced], 1, "generated case 4 (some)".into()),
                (Panicked, vec![Fact::HighS], 1, "generated case 5 (some)".into()),
                (Rejected, vec![Fact::HighS], 4, "generated case 1 (some)".into()),
                (Rejected, vec![Fact::Ordinary], 1, "generated case 2 (some)".into()),
            ]
        );
    }

    #[test]
    fn what_must_be_rejected_and_has_more_in_common_than_the_reason_is_one_group() {
        let rejected = Expectation::Rejected(Refusal::Recovery(Reason::RNotBelowN));
        let recovered =
            || Outcome::key(key("0x02cad3a8bb11c5c0858fb3e402048b5137457039d577986daade678ed4b4ab1b9b"));
        let mut findings = Findings::default();
        for facts in [
            &[Fact::RNotBelowN, Fact::XReduced, Fact::RIsX][..],
            &[Fact::RNotBelowN, Fact::XReduced, Fact::SZero],
            &[Fact::RNotBelowN, Fact::HighS],
        ] {
            let case = CaseName::Corpus("case".to_owned());
            findings.count(&case, &input(), examined_beside(rejected, facts, recovered()));
        }
        let groups = findings.groups().into_iter().map(|group| (group.facts, group.count));
        let expected = [
            (BTreeSet::from([Fact::RNotBelowN, Fact::XReduced]), 2),
            (BTreeSet::from([Fact::RNotBelowN, Fact::HighS]), 1),
        ];
        assert_eq!(groups.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_subject_that_says_something_else_each_time_does_not_fill_the_memory() {
        let mut report = SurfaceReport::default();
        for number in 0..100 {
            let outcome = Outcome::unsupported(&format!("v = {number}"));
            report.count(&outcome, &Verdict::Unsupported);
        }
        assert_eq!(report.tally.unsupported, 100);
        assert_eq!(report.not_expressible.len(), MAX_REASONS + 1);
        assert_eq!(report.not_expressible["other reasons"], 100 - MAX_REASONS as u64);
        assert_eq!(report.not_expressible.values().sum::<u64>(), 100);
    }
}
