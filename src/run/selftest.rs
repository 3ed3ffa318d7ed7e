//! The proof that the harness notices: every planted bug must be found, and every class of inputs reached.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::generate::class::{self, CLASSES};
use crate::generate::{Generated, STRATEGIES, generate};
use crate::input::Input;
use crate::input::signature::Signature;
use crate::judge::finding::{Culprit, Fault, Finding};
use crate::judge::law::{Laws, wire_layouts};
use crate::judge::{Comparison, Harness, examine, judge, memory, verdict};
use crate::run::fuzz::{MEMORY_EVERY, bytes};
use crate::run::planted::{self, Planted, PlantedDecoder, PlantedTwin};
use crate::subject::Subject;

/// The cases within which every planted bug must be found.
pub const WITHIN: u64 = 5_000;

/// The cases within which every class must be reached.
pub const CLASSES_WITHIN: u64 = 20_000;

/// A planted bug and how it was found.
#[derive(Debug, Clone)]
pub struct Hunted {
    /// Its name.
    pub name: &'static str,
    /// What it gets wrong.
    pub about: &'static str,
    /// Where it was seen.
    pub thread: &'static str,
    /// How many cases it took, and the strategy of the last; none where it was not found.
    pub found: Option<(u64, &'static str)>,
}

/// What came of a selftest.
#[derive(Debug, Clone)]
pub struct Hunt {
    /// Every planted bug.
    pub bugs: Vec<Hunted>,
    /// A sound implementation that was called wrong: the comparison is broken.
    pub false_alarm: Option<String>,
    /// How many cases were made.
    pub cases: u64,
    /// How long it took.
    pub took: Duration,
}

impl Hunt {
    /// Whether every planted bug was found.
    pub fn found_all(&self) -> bool {
        self.false_alarm.is_none() && !self.bugs.is_empty() && self.bugs.iter().all(|bug| bug.found.is_some())
    }
}

/// Which classes a run reached.
#[derive(Debug, Clone)]
pub struct Reach {
    /// How many there are.
    pub classes: usize,
    /// How many cases it took to reach those that were.
    pub cases: u64,
    /// Those that were not.
    pub unreached: Vec<&'static str>,
    /// How long it took.
    pub took: Duration,
}

/// Makes cases with our generators until every class was reached, and asks no subject.
pub fn reach(seed: u64, within: u64) -> Reach {
    let begin = Instant::now();
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    let reached =
        class::reached(|_| true, within, |number| generate(&bytes(seed, number), &strategies).input);
    let unreached = CLASSES.iter().enumerate().filter(|(class, _)| !reached.contains_key(class));
    Reach {
        classes: CLASSES.len(),
        cases: reached.values().max().copied().unwrap_or(0),
        unreached: unreached.map(|(_, class)| class.name.as_str()).collect(),
        took: begin.elapsed(),
    }
}

/// Hunts every planted bug with our generators.
pub fn run(seed: u64, within: u64) -> Hunt {
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    hunt(within, verdict, |number| generate(&bytes(seed, number), &strategies))
}

/// Hunts every planted bug with cases of the caller's making, and a comparison of the caller's.
pub fn hunt(within: u64, compare: Comparison, make: impl Fn(u64) -> Generated) -> Hunt {
    let begin = Instant::now();
    let mut left: Vec<Box<dyn Subject>> =
        planted::subjects().into_iter().map(|bug| Box::new(bug) as Box<dyn Subject>).collect();
    let controls = planted::controls().map(|control| Box::new(control) as Box<dyn Subject>);
    let mut bugs: Vec<Hunted> = planted::subjects().iter().map(Hunted::subject).collect();
    bugs.extend(planted::decoders().iter().map(Hunted::decoder));
    bugs.extend(planted::twins().iter().map(Hunted::twin));
    let (mut cases, mut false_alarm) = (0, None);
    while cases < within && bugs.iter().any(|bug| bug.found.is_none()) {
        let Generated { strategy, input, known, .. } = make(cases);
        let remembers = cases.is_multiple_of(MEMORY_EVERY);
        cases += 1;
        let findings = |subjects: &[Box<dyn Subject>]| {
            let harness = Harness { compare, ..Harness::new(subjects, &[]) };
            let mut findings = examine(&input, known.as_ref(), Laws::OfInput, harness).findings;
            if remembers {
                // What the law's own inputs show of other bugs does not count: generators must reach it.
                let by_memory = memory::check(&input, harness).into_iter();
                findings.extend(by_memory.filter(|found| matches!(found.fault, Fault::Memory { .. })));
            }
            findings
        };
        if !findings(&controls).is_empty() {
            false_alarm.get_or_insert_with(|| format!("{input:?}"));
        }
        let mut found: BTreeSet<String> = findings(&left).into_iter().filter_map(culprit).collect();
        found.extend(wrong_decoders(&input).map(str::to_owned));
        let twins = planted::twins().iter().filter(|twin| is_left(&bugs, twin.name));
        found.extend(
            twins.filter(|twin| is_wrong(twin, &input, &controls, compare)).map(|twin| twin.name.to_owned()),
        );
        for bug in bugs.iter_mut().filter(|bug| bug.found.is_none() && found.contains(bug.name)) {
            bug.found = Some((cases, strategy));
        }
        left.retain(|bug| !found.contains(bug.identity().name));
    }
    Hunt { bugs, false_alarm, cases, took: begin.elapsed() }
}

/// The subject that a finding names.
fn culprit(finding: Finding) -> Option<String> {
    match finding.culprit {
        Culprit::Subject(name) => Some(name),
        Culprit::Reference | Culprit::Twin | Culprit::Component(_) => None,
    }
}

fn is_left(bugs: &[Hunted], name: &str) -> bool {
    bugs.iter().any(|bug| bug.name == name && bug.found.is_none())
}

/// Whether the twin, and it alone, is found wrong beside sound subjects.
fn is_wrong(twin: &PlantedTwin, input: &Input, sound: &[Box<dyn Subject>], compare: Comparison) -> bool {
    let judged = judge(input, Harness { twin: twin.recover, compare, ..Harness::new(sound, &[]) });
    let culprits: Vec<_> = judged.findings(input).map(|finding| finding.culprit).collect();
    culprits == [Culprit::Twin]
}

/// The planted decoders that read a layout of this signature wrongly. They are no subjects.
fn wrong_decoders(input: &Input) -> impl Iterator<Item = &'static str> {
    let signature = match input {
        Input::Scalar(scalar) => {
            Some(Signature { r: scalar.r, s: scalar.s, recovery_id: scalar.recovery_id })
        }
        _ => None,
    };
    let decoders = signature.into_iter().flat_map(|signature| {
        planted::decoders().iter().filter(move |bug| wire_layouts(bug.decode, &signature).is_some())
    });
    decoders.map(|bug| bug.name)
}

impl Hunted {
    fn subject(bug: &Planted) -> Self {
        Self { name: bug.identity().name, about: bug.about, thread: bug.thread, found: None }
    }

    fn twin(bug: &PlantedTwin) -> Self {
        Self { name: bug.name, about: bug.about, thread: bug.thread, found: None }
    }

    fn decoder(bug: &PlantedDecoder) -> Self {
        Self { name: bug.name, about: bug.about, thread: bug.thread, found: None }
    }
}
