//! The search itself: every candidate of a stage through every reading of the signature, on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::identify::Effort;
use crate::identify::curve::{CurvePoint, Engine, Table};
use crate::identify::reading::{Lens, Reading};
use crate::identify::space::{Number, Space};
use crate::input::key::{Address, PublicKey};

/// Preimages that a thread takes at a time.
const TAKEN: u64 = 512;
/// Matches that are kept: more are the same bytes over and over.
pub const MAX_MATCHES: usize = 10_000;

/// Whom a signature is expected to be by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExpectedSigner {
    /// The key of this address.
    Address(Address),
    /// This key.
    PublicKey(PublicKey),
}

impl ExpectedSigner {
    /// The signer's address.
    pub fn address(&self) -> Address {
        match self {
            Self::Address(address) => *address,
            Self::PublicKey(key) => key.address(),
        }
    }
}

/// How far a search is, for those who watch.
#[derive(Debug, Default)]
pub struct SearchProgress {
    /// Candidates in the space.
    pub space: AtomicU64,
    /// Candidates done.
    pub tried: AtomicU64,
    /// Matches so far.
    pub found: AtomicU64,
    /// What is being searched.
    pub stage: Mutex<String>,
    /// Set from outside to end the search.
    pub stop: AtomicBool,
}

impl SearchProgress {
    pub(super) fn enter(&self, stage: &str) {
        *self.stage.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = stage.to_owned();
    }

    /// How far it went so far.
    pub(super) fn effort(&self) -> Effort {
        let [tried, space] = [&self.tried, &self.space].map(|count| count.load(Ordering::Relaxed));
        Effort { tried, space, interrupted: self.stopped() }
    }

    /// Whether the search is to end.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// A candidate under which a signature recovers to a target.
#[derive(Debug, Clone, Copy)]
pub struct Hit {
    /// The candidate.
    pub number: Number,
    /// How the signature is read.
    pub reading: Reading,
    /// Which target it is.
    pub target: usize,
    /// The key.
    pub key: PublicKey,
}

/// Hands a stage's preimages out to threads in small ranges; gives what each thread makes of its own.
pub(super) fn share<T: Send>(
    jobs: usize,
    preimages: u64,
    progress: &SearchProgress,
    work: impl Fn(&mut dyn FnMut() -> Option<std::ops::Range<u64>>) -> T + Sync,
) -> Vec<T> {
    let next = AtomicU64::new(0);
    let run = || {
        work(&mut || {
            let from = next.fetch_add(TAKEN, Ordering::Relaxed);
            (from < preimages && !progress.stopped()).then(|| from..preimages.min(from + TAKEN))
        })
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(run)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// Every candidate of a stage, or as many as are done before the search is stopped.
pub(super) fn stage(
    space: &Space,
    at: usize,
    lens: &Lens,
    targets: &Targets,
    table: &Table,
    jobs: usize,
    progress: &SearchProgress,
) -> Vec<Hit> {
    let work = |take: &mut dyn FnMut() -> Option<std::ops::Range<u64>>| {
        let mut hunter = Hunter { engine: Engine::new(table), lens, targets, hits: Vec::new() };
        let (mut candidates, mut digests) = (Vec::new(), Vec::new());
        while let Some(range) = take() {
            candidates.clear();
            space.digests(at, range, 0, &mut candidates);
            for batch in candidates.chunks(Engine::BATCH) {
                digests.clear();
                digests.extend(batch.iter().map(|(_, digest)| *digest));
                let before = hunter.hits.len();
                hunter.hunt(batch, &digests);
                hunter.hits.truncate(MAX_MATCHES);
                progress.tried.fetch_add(batch.len() as u64, Ordering::Relaxed);
                progress.found.fetch_add(hunter.hits.len().saturating_sub(before) as u64, Ordering::Relaxed);
                if progress.stopped() {
                    break;
                }
            }
        }
        hunter.hits
    };
    share(jobs, space.stages[at].preimages, progress, work).into_iter().flatten().take(MAX_MATCHES).collect()
}

/// The targets, ready to be looked up.
#[derive(Debug)]
pub(super) struct Targets {
    /// The first eight bytes of each address, and which target it is.
    addresses: Vec<(u64, Address, usize)>,
    /// The term that would give a key under a reading, by the first bytes of its x.
    terms: Vec<(u64, CurvePoint, Reading, usize)>,
    keys: Vec<Option<PublicKey>>,
}

impl Targets {
    /// For a key, Q = term + shift says which term to look for: neither the sum nor an address is computed.
    pub(super) fn new(targets: &[ExpectedSigner], lens: &Lens) -> Self {
        let mut found = Self { addresses: Vec::new(), terms: Vec::new(), keys: Vec::new() };
        for (at, target) in targets.iter().enumerate() {
            match target {
                ExpectedSigner::Address(address) => {
                    found.addresses.push((first(&address.0), *address, at));
                    found.keys.push(None);
                }
                ExpectedSigner::PublicKey(key) => found.keys.push(Some(*key)),
            }
        }
        for (at, key) in found.keys.iter().enumerate() {
            let Some(key) = key.and_then(|key| CurvePoint::new(&key)) else { continue };
            for (shift, [with, opposite]) in &lens.pairs {
                for (term, reading) in [(key.minus(*shift), with), (key.plus(*shift), opposite)] {
                    found.terms.push((first(&term.xy()), term, *reading, at));
                }
            }
        }
        found
    }
}

fn first(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// One thread's search.
struct Hunter<'a> {
    engine: Engine<'a>,
    lens: &'a Lens,
    targets: &'a Targets,
    hits: Vec<Hit>,
}

impl Hunter<'_> {
    fn hunt(&mut self, candidates: &[(Number, [u8; 32])], digests: &[[u8; 32]]) {
        let terms = self.engine.terms(&self.lens.nonce, digests);
        if !self.targets.terms.is_empty() {
            for (term, (number, _)) in terms.iter().zip(candidates) {
                let x = first(&term.x_bytes());
                for (_, point, reading, target) in self.targets.terms.iter().filter(|(first, ..)| *first == x)
                {
                    let key = self.targets.keys[*target];
                    if let Some(key) = key.filter(|_| point.xy() == term.xy()) {
                        self.hits.push(Hit { number: *number, reading: *reading, target: *target, key });
                    }
                }
            }
        }
        if self.targets.addresses.is_empty() {
            return;
        }
        for (shift, readings) in &self.lens.pairs {
            for (keys, reading) in self.engine.addresses(*shift).into_iter().zip(readings) {
                for ((point, address), (number, _)) in keys.zip(candidates) {
                    let begin = first(&address.0);
                    let equal = |wanted: &&(u64, Address, usize)| wanted.0 == begin && wanted.1 == *address;
                    for (_, _, target) in self.targets.addresses.iter().filter(equal) {
                        let Some(key) = point.public_key() else { continue };
                        self.hits.push(Hit { number: *number, reading: *reading, target: *target, key });
                    }
                }
            }
        }
    }
}
