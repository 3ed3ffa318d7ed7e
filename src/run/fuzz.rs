//! The stable runner: generated cases through every subject, on every core.
//!
//! A case is made from bytes that a ChaCha stream gives for the seed and the case's number, so a run of N
//! cases is the same whatever the number of jobs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::generate::{BYTES, Generated, Strategy, generate};
use crate::judge::fact::Fact;
use crate::judge::law::{self, Broken};
use crate::judge::matrix::Matrix;
use crate::judge::{Divergence, Judged, Verdict, judge};
use crate::subject::Subject;

/// Every how many cases the laws are tried too: they cost several cases each.
pub const LAWS_EVERY: u64 = 64;
/// How many findings are kept: the first of each sort, and no more than this.
const KEPT: usize = 32;

/// What to run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What the cases are drawn from.
    pub seed: u64,
    /// The strategies to draw them with.
    pub strategies: Vec<&'static Strategy>,
    /// How many cases, if not as many as there is time for.
    pub cases: Option<u64>,
    /// How long at most.
    pub time: Option<Duration>,
    /// How many threads.
    pub jobs: usize,
}

/// How far a run is, for those who watch.
#[derive(Debug, Default)]
pub struct Progress {
    /// Cases begun.
    pub cases: AtomicU64,
    /// Findings seen, before sorting.
    pub findings: AtomicU64,
    /// Facts reached.
    pub facts: Mutex<BTreeSet<Fact>>,
    /// Set from outside to end the run.
    pub stop: AtomicBool,
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Summary {
    /// Cases run.
    pub cases: u64,
    /// How long it took.
    pub took: Duration,
    /// Cases by strategy.
    pub strategies: BTreeMap<&'static str, u64>,
    /// Which strategy reached which fact.
    pub reached: BTreeSet<(&'static str, Fact)>,
    /// Verdicts by fact and subject.
    pub matrix: Matrix,
    /// The first finding of each sort, by case number.
    pub findings: Vec<Finding>,
    /// Facts that a strategy is there for, and that none of its cases had.
    pub missed: Vec<(&'static str, Fact)>,
    /// Whether it was ended from outside, before its time.
    pub interrupted: bool,
}

/// A generated case that came out wrong.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The case's number.
    pub number: u64,
    /// What it was made from.
    pub bytes: Vec<u8>,
    /// The case.
    pub generated: Generated,
    /// The subject, or `reference` where the construction says otherwise, or a law's name.
    pub subject: String,
    /// The facts of the input.
    pub facts: BTreeSet<Fact>,
    /// What is wrong, in words.
    pub what: String,
}

impl Plan {
    /// The facts that the strategies are there for.
    pub fn asked(&self) -> BTreeSet<(&'static str, Fact)> {
        self.strategies
            .iter()
            .flat_map(|strategy| strategy.reaches.iter().map(|fact| (strategy.name, *fact)))
            .collect()
    }
}

/// The bytes of a case.
pub fn bytes(seed: u64, number: u64) -> Vec<u8> {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    stream.set_stream(number);
    let mut bytes = vec![0; BYTES];
    stream.fill_bytes(&mut bytes);
    bytes
}

/// Judges a generated case: what each subject did, and what is wrong with whom.
pub fn examine(
    generated: &Generated,
    subjects: &[Box<dyn Subject>],
    divergences: &[Divergence],
) -> (Judged, Vec<(String, String)>) {
    let judged = judge(&generated.input, subjects, divergences);
    let mut wrong = Vec::new();
    if let Some(known) = generated.known.filter(|known| *known != judged.reference) {
        let Judged { reference, .. } = &judged;
        wrong.push(("reference".to_owned(), format!("gives {reference}, but {known} by construction")));
    }
    for (subject, _, verdict) in &judged.subjects {
        if let Verdict::Finding { what } = verdict {
            wrong.push(((*subject).to_owned(), what.clone()));
        }
    }
    (judged, wrong)
}

/// Runs the plan.
pub fn run(
    plan: &Plan,
    subjects: &[Box<dyn Subject>],
    divergences: &[Divergence],
    progress: &Progress,
) -> Summary {
    let begin = Instant::now();
    let next = AtomicU64::new(0);
    let work = || work(plan, subjects, divergences, progress, begin, &next);
    let mut summary = thread::scope(|scope| {
        let workers: Vec<_> = (0..plan.jobs.max(1)).map(|_| scope.spawn(work)).collect();
        let parts = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        parts.fold(Summary::default(), Summary::merge)
    });
    summary.took = begin.elapsed();
    summary.keep_first_of_each_sort();
    summary.missed = plan.asked().difference(&summary.reached).copied().collect();
    summary.interrupted = progress.stop.load(Ordering::Relaxed);
    summary
}

fn work(
    plan: &Plan,
    subjects: &[Box<dyn Subject>],
    divergences: &[Divergence],
    progress: &Progress,
    begin: Instant,
    next: &AtomicU64,
) -> Summary {
    let mut summary = Summary::default();
    let mut seen = BTreeSet::new();
    loop {
        let late = plan.time.is_some_and(|time| begin.elapsed() >= time);
        if late || progress.stop.load(Ordering::Relaxed) {
            return summary;
        }
        let number = next.fetch_add(1, Ordering::Relaxed);
        if plan.cases.is_some_and(|cases| number >= cases) {
            return summary;
        }
        let bytes = bytes(plan.seed, number);
        let generated = generate(&bytes, &plan.strategies);
        let (judged, wrong) = examine(&generated, subjects, divergences);
        let own = wrong.into_iter().map(|(who, what)| Broken { who, what, input: generated.input.clone() });
        let mut wrong: Vec<_> = own.collect();
        if number.is_multiple_of(LAWS_EVERY) {
            wrong.extend(law::check(&generated.input, &judged.reference, subjects, divergences));
        }
        summary.count(&generated, &judged);
        progress.cases.fetch_add(1, Ordering::Relaxed);
        if !judged.facts.is_subset(&seen) {
            seen.extend(&judged.facts);
            progress.facts.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).extend(&judged.facts);
        }
        progress.findings.fetch_add(wrong.len() as u64, Ordering::Relaxed);
        summary.findings.extend(wrong.into_iter().map(|Broken { who, what, input }| Finding {
            number,
            bytes: bytes.clone(),
            generated: Generated {
                known: generated.known.filter(|_| input == generated.input),
                input,
                ..generated.clone()
            },
            subject: who,
            facts: judged.facts.clone(),
            what,
        }));
        if summary.findings.len() > 16 * KEPT {
            summary.keep_first_of_each_sort();
        }
    }
}

impl Summary {
    fn count(&mut self, generated: &Generated, judged: &Judged) {
        self.cases += 1;
        *self.strategies.entry(generated.strategy).or_default() += 1;
        self.reached.extend(judged.facts.iter().map(|fact| (generated.strategy, *fact)));
        self.matrix.count(judged);
    }

    fn merge(mut self, other: Self) -> Self {
        self.cases += other.cases;
        for (strategy, cases) in other.strategies {
            *self.strategies.entry(strategy).or_default() += cases;
        }
        self.reached.extend(other.reached);
        self.matrix.merge(other.matrix);
        self.findings.extend(other.findings);
        self
    }

    /// One finding for each subject and kind of answer: the earliest.
    fn keep_first_of_each_sort(&mut self) {
        self.findings.sort_by_key(|finding| finding.number);
        let mut sorts = BTreeSet::new();
        self.findings.retain(|finding| sorts.insert(finding.sort()));
        self.findings.truncate(KEPT);
    }

    /// Whether nothing is wrong, and everything that was asked for was reached.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.missed.is_empty() && self.cases > 0
    }
}

impl Finding {
    /// What two findings of one cause have in common, as far as can be told: who, the kind of answer, and why
    /// there is no key.
    fn sort(&self) -> (String, String) {
        let words =
            self.what.split([' ', ',']).filter(|word| !word.starts_with("0x") && !word.contains("0x"));
        (self.subject.clone(), words.collect::<Vec<_>>().join(" "))
    }
}
