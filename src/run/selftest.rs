//! The proof that the harness notices: every planted bug must be found.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::generate::{Generated, STRATEGIES, generate};
use crate::input::Input;
use crate::input::signature::Signature;
use crate::judge::fact::{Fact, classify};
use crate::judge::law;
use crate::judge::{Divergence, Verdict, verdict};
use crate::reference::answer::{Answer, Expectation};
use crate::run::fuzz::bytes;
use crate::run::planted::{self, Planted};
use crate::subject::{Identity, Outcome, Subject as _, ask};

/// The cases within which every planted bug must be found.
pub const WITHIN: u64 = 100_000;

/// What holds an outcome to the right answer: [`verdict`], or a broken one in the test of this test.
pub type Comparison = fn(&Identity, &Outcome, &BTreeSet<Fact>, &Expectation, &[Divergence]) -> Verdict;

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

/// Hunts every planted bug with our generators.
pub fn run(seed: u64, within: u64) -> Hunt {
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    hunt(within, verdict, |number| generate(&bytes(seed, number), &strategies))
}

/// Hunts every planted bug with cases of the caller's making, and a comparison of the caller's.
pub fn hunt(within: u64, compare: Comparison, make: impl Fn(u64) -> Generated) -> Hunt {
    let begin = Instant::now();
    let subjects = planted::subjects();
    let mut hunted: Vec<Hunted> = subjects
        .iter()
        .map(|bug| Hunted { name: bug.identity().name, about: bug.about, thread: bug.thread, found: None })
        .chain(planted::decoders().iter().map(|bug| Hunted {
            name: bug.name,
            about: bug.about,
            thread: bug.thread,
            found: None,
        }))
        .collect();
    let control = planted::control();
    let (mut cases, mut false_alarm) = (0, None);
    while cases < within && hunted.iter().any(|bug| bug.found.is_none()) {
        let generated = make(cases);
        let answer = Answer::to(&generated.input);
        let facts = classify(&generated.input, &answer);
        cases += 1;
        if subject_shows(&control, &generated.input, &facts, &answer.expectation, compare) {
            false_alarm.get_or_insert_with(|| format!("{:?}", generated.input));
        }
        for (index, bug) in hunted.iter_mut().enumerate().filter(|(_, bug)| bug.found.is_none()) {
            let shows = match subjects.get(index) {
                Some(subject) => {
                    subject_shows(subject, &generated.input, &facts, &answer.expectation, compare)
                }
                None => decoder_shows(index - subjects.len(), &generated.input),
            };
            if shows {
                bug.found = Some((cases, generated.strategy));
            }
        }
    }
    Hunt { bugs: hunted, false_alarm, cases, took: begin.elapsed() }
}

/// Whether a bug shows in its outcome, or in what it signs.
fn subject_shows(
    subject: &Planted,
    input: &Input,
    facts: &BTreeSet<Fact>,
    right: &Expectation,
    compare: Comparison,
) -> bool {
    let outcome = ask(subject, input);
    let wrong = matches!(compare(subject.identity(), &outcome, facts, right, &[]), Verdict::Finding { .. });
    wrong || matches!(input, Input::Scalar(scalar) if law::signing(subject, scalar).is_some())
}

fn decoder_shows(index: usize, input: &Input) -> bool {
    let (Some(bug), Input::Scalar(scalar)) = (planted::decoders().get(index), input) else { return false };
    let signature = Signature { r: scalar.r, s: scalar.s, recovery_id: scalar.recovery_id };
    law::wire_layouts(bug.decode, &signature).is_some()
}
