//! Which bytes were signed? A search through message formats, written as format expressions, for those under
//! which a signature recovers to an expected signer.
//!
//! ```text
//!   value      named values that may have been signed, in every encoding that their kind allows
//!   shape      known formats, as places for values
//!   nested     keys recovered from values that are signatures
//!      v
//!   space      the preimages, numbered and counted; the likeliest first
//!      v
//!   digest     preimage -> digest, by each common hash function
//!   reading    the signature: every r, s and recovery id that its bytes can mean
//!      v
//!   curve      digest -> key, many at a time: in the processor's `lanes`, as is `keccak` of the keys
//!   search     key -> is it an expected signer? on all cores
//!      v
//!   explain    a match compared with the nearest known format, in words
//!   emit       a match as code that verifies it
//!   groups     the search without a known signer: several signatures that must agree
//! ```
//!
//! The reference confirms each match before it is reported. Use: `docs/identify.md`.
//!
//! ```
//! use ecrecheck::corpus::Formats;
//! use ecrecheck::identify::{Question, ExpectedSigner, identify};
//! use ecrecheck::identify::search::SearchProgress;
//!
//! let question = Question {
//!     signature: ecrecheck::input::bytes::from_hex("0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601")?,
//!     targets: vec![ExpectedSigner::Address("0x8f2cF602C9695b23130367ed78d8F557554de7C5".parse()?)],
//!     values: vec![
//!         "app_id=0xea549f02e1a25fabd1cb788380e033ec5461b2ff".parse()?,
//!         "app_key=0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810".parse()?,
//!     ],
//!     ..Question::default()
//! };
//! let answer = identify(&question, Formats::built_in(), &SearchProgress::default())?;
//! assert_eq!(
//!     answer.found[0].expression.to_string(),
//!     r#"keccak256("dstack-kms-issued:" + app_id + compressed(app_key))"#
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod curve;
pub mod digest;
pub mod emit;
pub mod explain;
pub mod fuzz_target;
pub mod groups;
mod keccak;
mod lanes;
mod nested;
pub mod reading;
pub mod search;
pub mod shape;
pub mod space;
pub mod value;

use std::num::NonZeroUsize;
use std::sync::atomic::Ordering;
use std::thread;

pub use search::ExpectedSigner;

use crate::corpus::Formats;
use crate::format::Expr;
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::input::key::PublicKey;
use crate::input::signature::Signature;
use curve::Table;
use reading::{Reading, ReadingError, readings};
use search::{Hit, SearchProgress, Targets};
use space::{SearchPlan, Space, SpaceError};
use value::{Value, fields};

/// The longest free sequences, unless asked otherwise.
pub const DEPTH: usize = 3;
/// The most candidates, unless asked otherwise: some tens of minutes on two cores.
pub const LIMIT: u64 = 1_000_000_000;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The signature's bytes: 65, or 64 without v.
    pub signature: Vec<u8>,
    /// Whom it may be by.
    pub targets: Vec<ExpectedSigner>,
    /// What is known.
    pub values: Vec<Value>,
    /// How far to search.
    pub scope: Scope,
}

/// How far to search, and how.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Literals that may stand in the message.
    pub literals: Vec<Expr>,
    /// The longest free sequence, in parts.
    pub depth: usize,
    /// The most candidates.
    pub limit: u64,
    /// Whether to go on after the first stage that has a match.
    pub all: bool,
    /// How many threads.
    pub jobs: usize,
}

impl Default for Scope {
    fn default() -> Self {
        let jobs = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self { literals: Vec::new(), depth: DEPTH, limit: LIMIT, all: false, jobs }
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Identification {
    /// What was found, the simplest first.
    pub found: Vec<Found>,
    /// How far the search went. A candidate counts again for each r that the signature can be read with.
    pub effort: Effort,
    /// How many readings with one r each candidate was tried with, at most.
    pub readings: usize,
}

/// How far a search went.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// How many candidates were tried.
    pub tried: u64,
    /// How many there are.
    pub space: u64,
    /// Whether it was ended from outside.
    pub interrupted: bool,
}

/// A format under which the signature is by an expected signer.
#[derive(Debug, Clone)]
pub struct Found {
    /// The digest's expression.
    pub expression: Expr,
    /// What was signed.
    pub digest: Word,
    /// How the signature is read.
    pub reading: Reading,
    /// Whom it was expected to be by.
    pub target: ExpectedSigner,
    /// The signer's key.
    pub key: PublicKey,
    /// Other expressions of the same digest that were found too.
    pub also: Vec<Expr>,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentifyError {
    /// The signature cannot be read.
    #[error(transparent)]
    Signature(#[from] ReadingError),
    /// The space cannot be laid out.
    #[error(transparent)]
    Space(#[from] SpaceError),
    /// Nobody is expected.
    #[error("expected at least one signer, or several groups")]
    NoTarget,
    /// The engine and the reference differ.
    #[error("bug: the search engine and the reference disagree on {0}; please report it")]
    Disagreement(String),
}

/// Searches.
///
/// # Errors
/// See [`IdentifyError`]. Nothing found is no error.
pub fn identify(
    question: &Question,
    formats: &Formats,
    progress: &SearchProgress,
) -> Result<Identification, IdentifyError> {
    if question.targets.is_empty() {
        return Err(IdentifyError::NoTarget);
    }
    let lenses = readings(&question.signature)?;
    let groups = std::slice::from_ref(&question.values);
    let space = Space::new(&SearchPlan { groups, formats, scope: &question.scope })?;
    let candidates = space.candidates().saturating_mul(lenses.len() as u64);
    progress.space.store(candidates, Ordering::Relaxed);

    let mut table = Table::for_exponents(0);
    let mut found = Vec::new();
    // First as the bytes stand, then with r and s in other places.
    'lenses: for lens in &lenses {
        let targets = Targets::new(&question.targets, lens);
        for (at, stage) in space.stages.iter().enumerate() {
            if progress.stopped() || (!found.is_empty() && !question.scope.all) {
                break 'lenses;
            }
            progress.enter(&stage.name);
            table = table.grown(stage.candidates);
            let hits = search::stage(&space, at, lens, &targets, &table, question.scope.jobs, progress);
            for hit in hits {
                found.extend(confirmed(&space, at, &hit, question)?);
            }
        }
    }
    Ok(Identification {
        found: simplest(found),
        effort: progress.effort(),
        readings: lenses.iter().map(|lens| 2 * lens.pairs.len()).max().unwrap_or_default(),
    })
}

/// A hit as its expression, which the language evaluates and the reference recovers.
fn confirmed(
    space: &Space,
    stage: usize,
    hit: &Hit,
    question: &Question,
) -> Result<Option<Found>, IdentifyError> {
    let Some(expression) = space.expression(stage, hit.number) else { return Ok(None) };
    let disagreement = |expression: &Expr| IdentifyError::Disagreement(expression.to_string());
    let digest = expression.digest(&fields(&question.values)).map_err(|_| disagreement(&expression))?;
    let digest = Word(digest.digest);
    if recovered(digest, &hit.reading.signature) != Some(hit.key) {
        return Err(disagreement(&expression));
    }
    let target = question.targets[hit.target];
    Ok(Some(Found { expression, digest, reading: hit.reading, target, key: hit.key, also: Vec::new() }))
}

/// The key that the reference recovers.
fn recovered(digest: Word, signature: &Signature) -> Option<PublicKey> {
    let Signature { r, s, recovery_id } = *signature;
    let input = ScalarInput { digest, r, s, recovery_id };
    PublicKey::from_point(input.recover_by_reference().ok()?.q)
}

/// What is ranked: something found.
trait Candidate {
    fn expression(&self) -> &Expr;
    /// Whether the signature is read as it stands.
    fn is_literal(&self) -> bool;
    /// Whether it is the same digest, read alike.
    fn same(&self, other: &Self) -> bool;
    /// Where other expressions of the same go.
    fn also(&mut self) -> &mut Vec<Expr>;
}

/// One of each digest and reading, the simplest expression; all of them simplest first.
fn simplest<T: Candidate>(mut found: Vec<T>) -> Vec<T> {
    found.sort_by_cached_key(|found| {
        let text = found.expression().to_string();
        (found.expression().size(), !found.is_literal(), text.len(), text)
    });
    let mut ranked: Vec<T> = Vec::new();
    for found in found {
        match ranked.iter_mut().find(|first| first.same(&found)) {
            None => ranked.push(found),
            Some(first) => {
                let other = found.expression().clone();
                if *first.expression() != other && !first.also().contains(&other) {
                    first.also().push(other);
                }
            }
        }
    }
    ranked
}

impl Candidate for Found {
    fn expression(&self) -> &Expr {
        &self.expression
    }

    fn is_literal(&self) -> bool {
        self.reading.is_literal()
    }

    fn same(&self, other: &Self) -> bool {
        self.digest == other.digest && self.reading == other.reading && self.target == other.target
    }

    fn also(&mut self) -> &mut Vec<Expr> {
        &mut self.also
    }
}

impl Identification {
    /// The probability that a match is chance, as a power of two: each of the tried keys would have to have
    /// one of so many addresses of 160 bits.
    pub fn chance(&self, targets: usize) -> f64 {
        let keys = self.effort.tried.max(1) as f64 * self.readings.max(1) as f64;
        keys.log2() + (targets.max(1) as f64).log2() - 160.0
    }
}
