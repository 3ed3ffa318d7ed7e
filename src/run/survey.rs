//! A survey: many subjects, each alone, over the corpus and generated cases, held to what is documented of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::corpus::Corpus;
use crate::corpus::case::Case;
use crate::generate::{Strategy, generate};
use crate::input::Input;
use crate::judge::fact::{Fact, classify};
use crate::judge::finding::Fault;
use crate::judge::matrix::Tally;
use crate::judge::{Divergence, Harness, Verdict, judge_all_against};
use crate::reference::answer::{Answer, Expectation};
use crate::subject::{OutcomeKind, Subject};

use super::fuzz::bytes;

/// How many cases a subject is given at a time.
const AT_ONCE: usize = 256;
/// How many cases of a fact are kept that did not agree.
const KEPT: usize = 3;

/// A case, with its right answer.
#[derive(Debug, Clone)]
pub struct SurveyCase {
    /// The corpus's id, or which generated case it is.
    pub id: String,
    /// What is asked.
    pub input: Input,
    /// The reference's answer.
    pub answer: Answer,
    /// Its facts.
    pub facts: BTreeSet<Fact>,
}

/// What a subject came to.
#[derive(Debug, Clone, Default)]
pub struct Surveyed {
    /// Over all cases.
    pub total: Tally,
    /// By fact.
    pub facts: BTreeMap<Fact, Tally>,
    /// How many cases showed each divergence that is documented of it.
    pub documented: BTreeMap<String, usize>,
    /// Some cases that did not agree: of each fact a few.
    pub deviations: Vec<Deviation>,
    /// Whether it died or hung, which may be the machine's doing.
    pub was_lost: bool,
}

/// A case that did not agree.
#[derive(Debug, Clone)]
pub struct Deviation {
    /// Which of the cases.
    pub case: usize,
    /// What the subject did, in words; and what a divergence documents in its place.
    pub got: String,
    /// The divergence that documents it; none where it is a finding.
    pub divergence: Option<String>,
}

/// The cases of a survey: the corpus's, then generated ones.
pub fn cases(
    corpus: &Corpus,
    generated: u64,
    seed: u64,
    strategies: &[&'static Strategy],
) -> Vec<SurveyCase> {
    let of_case =
        |case: &Case| case.asked().map(|input| (case.id.clone(), input.clone())).collect::<Vec<_>>();
    let of_corpus = corpus.cases.iter().flat_map(of_case);
    let generated = (0..generated).map(|number| {
        let made = generate(&bytes(seed, number), strategies);
        (format!("generated {number} of seed {seed}: {}", made.strategy), made.input)
    });
    let case = |(id, input): (String, Input)| {
        let answer = Answer::to(&input);
        SurveyCase { id, facts: classify(&input, &answer), input, answer }
    };
    of_corpus.chain(generated).map(case).collect()
}

/// Asks a subject all cases.
pub fn survey(subject: &dyn Subject, divergences: &[Divergence], cases: &[SurveyCase]) -> Surveyed {
    let subjects: [Box<dyn Subject + '_>; 1] = [Box::new(subject)];
    let harness = Harness::new(&subjects, divergences);
    let mut surveyed = Surveyed::default();
    let mut kept: BTreeMap<Fact, usize> = BTreeMap::new();
    for (chunk, cases) in cases.chunks(AT_ONCE).enumerate() {
        let inputs: Vec<_> = cases.iter().map(|case| &case.input).collect();
        let answers: Vec<_> = cases.iter().map(|case| case.answer).collect();
        for (at, judged) in judge_all_against(&answers, &inputs, harness).into_iter().enumerate() {
            let (_, outcome, verdict) = &judged.subjects[0];
            surveyed.total.count(verdict);
            for fact in &judged.facts {
                surveyed.facts.entry(*fact).or_default().count(verdict);
            }
            surveyed.was_lost |= matches!(outcome.kind(), OutcomeKind::Died | OutcomeKind::Hung);
            let (divergence, got) = match verdict {
                Verdict::Agreed | Verdict::Unsupported => continue,
                Verdict::Documented { divergence } => (Some(divergence.clone()), outcome.to_string()),
                Verdict::Finding { fault } => match fault.as_ref() {
                    Fault::Divergence { id, documented, .. } => {
                        (None, format!("{outcome}, where `{id}` documents {documented}"))
                    }
                    _ => (None, outcome.to_string()),
                },
            };
            if let Some(divergence) = &divergence {
                *surveyed.documented.entry(divergence.clone()).or_default() += 1;
            }
            // A finding is always kept: it is what somebody must look at.
            let wanted = judged.facts.iter().any(|fact| kept.get(fact).is_none_or(|kept| *kept < KEPT));
            if wanted || (divergence.is_none() && surveyed.deviations.len() < 1_000) {
                judged.facts.iter().for_each(|fact| *kept.entry(*fact).or_default() += 1);
                let case = chunk * AT_ONCE + at;
                surveyed.deviations.push(Deviation { case, got, divergence });
            }
        }
    }
    surveyed
}

impl SurveyCase {
    /// What is right, in words.
    pub fn expected(&self) -> String {
        match &self.answer.expectation {
            Expectation::Recovered { address, public_key } => format!("{address} (key {public_key})"),
            Expectation::Rejected(why) => format!("rejected: {}", why.name()),
        }
    }
}
