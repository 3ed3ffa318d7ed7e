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

use crate::generate::{BYTES, Generated, Strategy, generate, neighbour};
use crate::input::Input;
use crate::judge::fact::Fact;
use crate::judge::finding::Finding;
use crate::judge::law::Laws;
use crate::judge::matrix::Matrix;
use crate::judge::{Examined, Harness, Judged, Question, examine_all};

/// Every how many cases the laws are tried too: they cost several cases each.
pub const LAWS_EVERY: u64 = 128;
/// Every how many cases the law of memory is tried too: it costs as much as some fifty cases.
pub const MEMORY_EVERY: u64 = 4_096;
/// How many cases a thread judges at a time: a subject outside this process has them in flight together.
pub(super) const AT_A_TIME: u64 = 32;
/// How many neighbours of each seed are judged: it with one bit of one field changed, or a bound there.
pub const NEIGHBOURS: u64 = 15;
/// Cases judged together that took this long are slow.
const SLOW: Duration = Duration::from_secs(1);
/// How many findings are kept: the first of each class, and no more than this.
const MAX_FINDINGS: usize = 32;

/// What to run.
#[derive(Debug, Clone)]
pub struct FuzzPlan {
    /// What the cases are drawn from.
    pub seed: u64,
    /// The strategies to draw them with.
    pub strategies: Vec<&'static Strategy>,
    /// Inputs that are judged first, and then [`NEIGHBOURS`] of each.
    pub seeds: Vec<Input>,
    /// How many cases are drawn besides, if not as many as there is time for.
    pub cases: Option<u64>,
    /// How long at most.
    pub time: Option<Duration>,
    /// How many threads.
    pub jobs: usize,
}

/// How far a run is, for those who watch.
#[derive(Debug, Default)]
pub struct FuzzProgress {
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
    /// The first finding of each class, by case number.
    pub findings: Vec<Discovery>,
    /// Facts that a strategy is there for, and that none of its cases had.
    pub missed: Vec<(&'static str, Fact)>,
    /// Whether it was ended from outside, before its time.
    pub interrupted: bool,
}

/// A finding of a run, and the generated case that led to it.
#[derive(Debug, Clone)]
pub struct Discovery {
    /// The case's number.
    pub number: u64,
    /// What it was made from.
    pub bytes: Vec<u8>,
    /// The case.
    pub generated: Generated,
    /// The finding; its input is the case's, or one that a law relates to it.
    pub finding: Finding,
}

impl FuzzPlan {
    /// How many cases there are, with those of the seeds, if it is not as many as there is time for.
    pub fn total(&self) -> Option<u64> {
        self.cases.map(|cases| cases.saturating_add(self.of_seeds()))
    }

    /// How many cases come of the seeds, before those that are drawn.
    fn of_seeds(&self) -> u64 {
        self.seeds.len() as u64 * (1 + NEIGHBOURS)
    }

    /// The case of this number, and the bytes that it is made from.
    fn case(&self, number: u64) -> (Generated, Vec<u8>) {
        let bytes = bytes(self.seed, number.checked_sub(self.of_seeds()).unwrap_or(number));
        let generated = match usize::try_from(number).ok().filter(|_| number < self.of_seeds()) {
            Some(number) if number < self.seeds.len() => Generated::literal(self.seeds[number].clone()),
            Some(number) => neighbour(&self.seeds[number % self.seeds.len()], &bytes),
            None => generate(&bytes, &self.strategies),
        };
        (generated, bytes)
    }

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

/// The laws that the case of this number is held to.
pub(crate) fn laws(number: u64, otherwise: Laws) -> Laws {
    if number.is_multiple_of(MEMORY_EVERY) {
        Laws::All
    } else if number.is_multiple_of(LAWS_EVERY) {
        Laws::Related
    } else {
        otherwise
    }
}

/// Runs the plan.
pub fn run(plan: &FuzzPlan, harness: Harness<'_>, progress: &FuzzProgress) -> Summary {
    let begin = Instant::now();
    let next = AtomicU64::new(0);
    let work = || work(plan, harness, progress, begin, &next);
    let mut summary = thread::scope(|scope| {
        let workers: Vec<_> = (0..plan.jobs.max(1)).map(|_| scope.spawn(work)).collect();
        let parts = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        parts.fold(Summary::default(), Summary::merge)
    });
    summary.took = begin.elapsed();
    summary.keep_first_of_each_class();
    summary.missed = plan.asked().difference(&summary.reached).copied().collect();
    summary.interrupted = progress.stop.load(Ordering::Relaxed);
    summary
}

fn work(
    plan: &FuzzPlan,
    harness: Harness<'_>,
    progress: &FuzzProgress,
    begin: Instant,
    next: &AtomicU64,
) -> Summary {
    let mut summary = Summary::default();
    let mut most = AT_A_TIME;
    let mut seen = BTreeSet::new();
    loop {
        let late = plan.time.is_some_and(|time| begin.elapsed() >= time);
        if late || progress.stop.load(Ordering::Relaxed) {
            return summary;
        }
        // Fewer at the end, so that no thread has many left when the others have none.
        let left = plan.total().unwrap_or(u64::MAX).saturating_sub(next.load(Ordering::Relaxed));
        let at_a_time = (left / (2 * plan.jobs.max(1) as u64)).clamp(1, most);
        let first = next.fetch_add(at_a_time, Ordering::Relaxed);
        let end = plan.total().unwrap_or(u64::MAX).min(first.saturating_add(at_a_time));
        let chunk = Instant::now();
        if first >= end {
            return summary;
        }
        let generated: Vec<_> = (first..end)
            .map(|number| {
                let (generated, bytes) = plan.case(number);
                (number, generated, bytes)
            })
            .collect();
        let questions: Vec<_> = generated
            .iter()
            .map(|(number, generated, _)| Question {
                input: &generated.input,
                constructed: generated.known.as_ref(),
                laws: laws(*number, Laws::Skip),
            })
            .collect();
        for ((number, generated, bytes), examined) in generated.iter().zip(examine_all(&questions, harness)) {
            let Examined { judged, findings } = examined;
            summary.count(generated, &judged);
            progress.cases.fetch_add(1, Ordering::Relaxed);
            if !judged.facts.is_subset(&seen) {
                seen.extend(&judged.facts);
                progress.facts.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).extend(&judged.facts);
            }
            progress.findings.fetch_add(findings.len() as u64, Ordering::Relaxed);
            let found = |finding| Discovery {
                number: *number,
                bytes: bytes.clone(),
                generated: generated.clone(),
                finding,
            };
            summary.findings.extend(findings.into_iter().map(found));
        }
        if summary.findings.len() > 16 * MAX_FINDINGS {
            summary.keep_first_of_each_class();
        }
        // A subject that hangs costs its time limit each time: then the run's end is looked for after each case.
        most = if chunk.elapsed() > SLOW { 1 } else { AT_A_TIME };
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

    /// One finding of each class: the earliest.
    fn keep_first_of_each_class(&mut self) {
        self.findings.sort_by_key(|found| found.number);
        let mut classes = BTreeSet::new();
        self.findings.retain(|found| classes.insert(found.finding.class()));
        self.findings.truncate(MAX_FINDINGS);
    }

    /// Whether nothing is wrong, and everything that was asked for was reached.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.missed.is_empty() && self.cases > 0
    }
}
