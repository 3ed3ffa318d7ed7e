//! The cases of a check, asked by threads and handed on in their order.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use super::report::CaseName;
use super::watched::Watched;
use super::{MAX_HUNG, MEMORY_EVERY_CASE};
use crate::generate::{Generated, Strategy, generate};
use crate::input::{Input, Surface};
use crate::judge::law::Laws;
use crate::judge::{Divergence, Examined, Harness, examine};
use crate::run::fuzz::{bytes, laws};
use crate::subject::Subject;

/// What is asked: cases by number, the corpus's first.
pub(super) struct Plan<'a> {
    pub(super) subject: &'a Arc<dyn Subject>,
    pub(super) time_limit: Duration,
    pub(super) corpus: &'a [(&'a str, &'a Input)],
    pub(super) total: u64,
    pub(super) seed: u64,
    pub(super) strategies: Vec<&'static Strategy>,
    pub(super) surfaces: &'a BTreeSet<Surface>,
    pub(super) divergences: &'a [Divergence],
}

/// A case that was asked.
pub(super) struct Asked {
    pub(super) case: CaseName,
    pub(super) input: Input,
    pub(super) examined: Examined,
    /// Whether the subject hung in it.
    pub(super) hung: bool,
}

impl Plan<'_> {
    /// Asks every case, and hands on what came of it in the order of the cases, while there is to go on.
    pub(super) fn ask(&self, threads: usize, mut go_on: impl FnMut(Asked) -> bool) {
        let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
        thread::scope(|scope| {
            let (asked, cases) = mpsc::channel();
            for _ in 0..threads {
                let asked = asked.clone();
                scope.spawn(|| self.work(&next, &stop, asked));
            }
            drop(asked);
            let (mut early, mut turn) = (BTreeMap::new(), 0);
            for (number, asked) in cases {
                early.insert(number, asked);
                while let Some(asked) = early.remove(&turn) {
                    turn += 1;
                    let on = asked.is_none_or(&mut go_on);
                    if !on {
                        stop.store(true, Ordering::Relaxed);
                        return;
                    }
                }
            }
        });
    }

    fn work(&self, next: &AtomicU64, stop: &AtomicBool, asked: Sender<(u64, Option<Asked>)>) {
        let watched = Watched::new(Arc::clone(self.subject), self.time_limit, self.surfaces.clone());
        let subjects: [Box<dyn Subject + '_>; 1] = [Box::new(&watched)];
        let harness = Harness::new(&subjects, self.divergences);
        // The check ends in a case where the subject hung too often, so one thread need not see it more often.
        let mut hung = 0;
        while !stop.load(Ordering::Relaxed) && hung < MAX_HUNG {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= self.total {
                return;
            }
            let case = self.case(number, &watched, harness);
            hung += usize::from(case.as_ref().is_some_and(|case| case.hung));
            if asked.send((number, case)).is_err() {
                return;
            }
        }
    }

    /// The law of memory is tried on every so many of the corpus's cases of a surface.
    fn laws_of_corpus(&self, number: u64) -> Laws {
        let surface = |(_, input): &(&str, &Input)| discriminant(*input);
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        let own = self.corpus.get(at).map(surface);
        let before = self.corpus.iter().take(at).filter(|case| Some(surface(case)) == own).count();
        if before.is_multiple_of(MEMORY_EVERY_CASE) { Laws::All } else { Laws::Related }
    }

    /// Asks a case; none if its surface is not chosen.
    fn case(&self, number: u64, watched: &Watched, harness: Harness<'_>) -> Option<Asked> {
        let of_corpus = usize::try_from(number).ok().and_then(|at| self.corpus.get(at));
        let (case, input, known, laws) = match of_corpus {
            Some(&(id, input)) => {
                (CaseName::Corpus(id.to_owned()), input.clone(), None, self.laws_of_corpus(number))
            }
            None => {
                let number = number - self.corpus.len() as u64;
                let Generated { strategy, input, known, .. } =
                    generate(&bytes(self.seed, number), &self.strategies);
                (CaseName::Generated { number, strategy }, input, known, laws(number, Laws::OfInput))
            }
        };
        if !self.surfaces.contains(&input.surface()) {
            return None;
        }
        watched.next_case();
        // What was typed is held to the reference itself, as `check` does.
        let harness = if of_corpus.is_some() { harness.by_reference() } else { harness };
        let examined = examine(&input, known.as_ref(), laws, harness);
        Some(Asked { case, input, examined, hung: watched.hung() })
    }
}
