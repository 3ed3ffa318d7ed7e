//! Without a known signer: several signatures that are believed to be by one. A format is right if all of
//! them recover to one key under it.
//!
//! The first two groups are searched in step, candidate by candidate: both signatures' keys are computed, and
//! where one of the first's is one of the second's the other groups are asked. Each signature is read as it
//! stands, with either parity, and all of them in one layout.

pub mod file;

use std::sync::atomic::Ordering;

use crate::corpus::Formats;
use crate::format::Expr;
use crate::identify::curve::{Engine, Table};
use crate::identify::reading::{Layout, Lens, Reading, ReadingError, readings};
use crate::identify::search::{KEPT, Progress, share};
use crate::identify::shape;
use crate::identify::space::{Number, Plan, Space, SpaceError};
use crate::identify::value::{Value, fields};
use crate::identify::{Effort, Scope, recovered, simplest};
use crate::input::bytes::Word;
use crate::input::key::{Address, PublicKey};

/// A signature with what is known about what it signs.
#[derive(Debug, Clone)]
pub struct Group {
    /// Where it stands, for people.
    pub place: String,
    /// The signature's bytes.
    pub signature: Vec<u8>,
    /// What is known; the same names and kinds in every group.
    pub values: Vec<Value>,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct GroupsQuestion {
    /// Two groups or more.
    pub groups: Vec<Group>,
    /// How far to search.
    pub scope: Scope,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct GroupsAnswer {
    /// Formats under which all signatures are by one signer, the simplest first.
    pub found: Vec<Common>,
    /// What known formats give for each signature.
    pub known: Vec<UnderKnown>,
    /// How far the search went.
    pub effort: Effort,
}

/// A format under which all signatures are by one signer.
#[derive(Debug, Clone)]
pub struct Common {
    /// The digest's expression.
    pub expression: Expr,
    /// The signer.
    pub key: PublicKey,
    /// How each signature is read.
    pub readings: Vec<Reading>,
    /// Each group's digest.
    pub digests: Vec<Word>,
    /// Other expressions of the same digests that were found too.
    pub also: Vec<Expr>,
}

/// Who the signers are under a known format, each signature read as it stands.
#[derive(Debug, Clone)]
pub struct UnderKnown {
    /// The format's name.
    pub format: String,
    /// Its expression over the values.
    pub expression: Expr,
    /// Each group's signer; none where its v says no recovery id.
    pub signers: Vec<Option<Address>>,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroupsError {
    /// One group says nothing.
    #[error(
        "expected at least two [[group]] tables, found {0} (one signature needs an expected signer instead)"
    )]
    TooFew(usize),
    /// A signature cannot be read.
    #[error("{place}: {why}")]
    Signature {
        /// Where it stands.
        place: String,
        /// What is wrong.
        why: ReadingError,
    },
    /// Two signatures that are one, v and the sign of s apart.
    #[error("{0} has the same signature as another group")]
    Twice(String),
    /// No layout in which every signature can be of a key.
    #[error(
        "the signatures have no common layout, r first or a header first, in which every one recovers a key"
    )]
    NoLayout,
    /// The space cannot be laid out.
    #[error(transparent)]
    Space(#[from] SpaceError),
}

/// Searches.
///
/// # Errors
/// See [`GroupsError`]. Nothing found is no error.
pub fn identify_groups(
    question: &GroupsQuestion,
    formats: &Formats,
    progress: &Progress,
) -> Result<GroupsAnswer, GroupsError> {
    let layouts = layouts(&question.groups)?;
    let values: Vec<_> = question.groups.iter().map(|group| group.values.clone()).collect();
    let space = Space::new(&Plan { groups: &values, formats, scope: &question.scope })?;
    let candidates = space.candidates().saturating_mul(layouts.len() as u64);
    progress.space.store(candidates, Ordering::Relaxed);

    let mut table = Table::for_exponents(0);
    let mut found = Vec::new();
    'layouts: for lenses in &layouts {
        for (at, stage) in space.stages.iter().enumerate() {
            if progress.stopped() || (!found.is_empty() && !question.scope.all) {
                break 'layouts;
            }
            progress.enter(&stage.name);
            table = table.grown(stage.candidates.saturating_mul(2));
            let mut hits = in_step(&space, at, lenses, &table, question.scope.jobs, progress);
            hits.sort();
            hits.dedup();
            for number in hits.into_iter().take(KEPT) {
                let expression = space.expression(at, number);
                found.extend(expression.and_then(|expression| common(expression, &question.groups, lenses)));
            }
            progress.found.store(found.len() as u64, Ordering::Relaxed);
        }
    }
    Ok(GroupsAnswer {
        found: simplest(found),
        known: under_known(question, &layouts[0], formats),
        effort: progress.effort(),
    })
}

/// Each layout that all signatures can have, one at least: each group's signature read in it.
fn layouts(groups: &[Group]) -> Result<Vec<Vec<Lens>>, GroupsError> {
    if groups.len() < 2 {
        return Err(GroupsError::TooFew(groups.len()));
    }
    let read = |group: &Group| {
        readings(&group.signature).map_err(|why| GroupsError::Signature { place: group.place.clone(), why })
    };
    let all = groups.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let layouts: Vec<Vec<Lens>> = [Layout::Straight, Layout::Header]
        .into_iter()
        .filter_map(|layout| {
            let lens = |lenses: &Vec<Lens>| lenses.iter().find(|lens| lens.layout() == Some(layout)).cloned();
            all.iter().map(lens).collect()
        })
        .collect();
    let lenses = layouts.first().ok_or(GroupsError::NoLayout)?;
    // s is low in every reading.
    let is = |lens: &Lens| lens.readings().next().map(|reading| (reading.signature.r, reading.signature.s));
    for (at, group) in groups.iter().enumerate() {
        if lenses[..at].iter().any(|earlier| is(earlier) == is(&lenses[at])) {
            return Err(GroupsError::Twice(group.place.clone()));
        }
    }
    Ok(layouts)
}

/// The candidates of a stage under which the first two signatures have a key in common.
fn in_step(
    space: &Space,
    stage: usize,
    lenses: &[Lens],
    table: &Table,
    jobs: usize,
    progress: &Progress,
) -> Vec<Number> {
    let work = |take: &mut dyn FnMut() -> Option<std::ops::Range<u64>>| {
        let mut engines = [Engine::new(table), Engine::new(table)];
        let mut hits = Vec::new();
        while let Some(range) = take() {
            let [left, right] = [0, 1].map(|group| {
                let mut candidates = Vec::new();
                space.digests(stage, range.clone(), group, &mut candidates);
                candidates
            });
            // A digest given as it is needs 32 bytes, which it may have in one group alone.
            let both: Vec<_> = merged(&left, &right);
            for batch in both.chunks(Engine::BATCH) {
                let mut keys = [Vec::new(), Vec::new()];
                for (group, engine) in engines.iter_mut().enumerate() {
                    let digests: Vec<_> = batch.iter().map(|(_, digests)| digests[group]).collect();
                    engine.terms(&lenses[group].nonce, &digests);
                    for (shift, _) in &lenses[group].pairs {
                        let (same, opposite) = engine.keys(*shift);
                        keys[group].extend([same, opposite].map(|keys| {
                            keys.iter().map(crate::identify::curve::Point::x_bytes).collect::<Vec<_>>()
                        }));
                    }
                }
                for (at, (number, _)) in batch.iter().enumerate() {
                    // Points at infinity have x = 0 in both, and no key: the reference sorts them out.
                    if keys[0].iter().any(|left| keys[1].iter().any(|right| left[at] == right[at])) {
                        hits.push(*number);
                    }
                }
                hits.truncate(KEPT);
                progress.tried.fetch_add(batch.len() as u64, Ordering::Relaxed);
            }
        }
        hits
    };
    share(jobs, space.stages[stage].preimages, progress, work).into_iter().flatten().collect()
}

/// The candidates that both groups have.
fn merged(left: &[(Number, [u8; 32])], right: &[(Number, [u8; 32])]) -> Vec<(Number, [[u8; 32]; 2])> {
    let (mut merged, mut right) = (Vec::with_capacity(left.len()), right.iter().peekable());
    for (number, digest) in left {
        while right.next_if(|(other, _)| other < number).is_some() {}
        if let Some((_, other)) = right.next_if(|(other, _)| other == number) {
            merged.push((*number, [*digest, *other]));
        }
    }
    merged
}

/// The signer of all groups under an expression, if there is one: by the reference.
fn common(expression: Expr, groups: &[Group], lenses: &[Lens]) -> Option<Common> {
    let digest =
        |group: &Group| expression.digest(&fields(&group.values)).ok().map(|digest| Word(digest.digest));
    let digests = groups.iter().map(digest).collect::<Option<Vec<_>>>()?;
    let keys = |at: usize| {
        let readings = lenses[at].readings();
        let found =
            readings.filter_map(|reading| Some((recovered(digests[at], &reading.signature)?, *reading)));
        found.collect::<Vec<(PublicKey, Reading)>>()
    };
    let all: Vec<_> = (0..groups.len()).map(keys).collect();
    all[0].iter().find_map(|(key, first)| {
        let of = |keys: &Vec<(PublicKey, Reading)>| {
            keys.iter().find(|(other, _)| other == key).map(|(_, reading)| *reading)
        };
        let rest = all[1..].iter().map(of).collect::<Option<Vec<_>>>()?;
        let readings = std::iter::once(*first).chain(rest).collect();
        let (expression, digests) = (expression.clone(), digests.clone());
        Some(Common { expression, key: *key, readings, digests, also: Vec::new() })
    })
}

/// What the known formats give whose fields are all named among the values.
fn under_known(question: &GroupsQuestion, lenses: &[Lens], formats: &Formats) -> Vec<UnderKnown> {
    let values: Vec<_> = question.groups.iter().map(|group| group.values.clone()).collect();
    let named = |name: &String| values[0].iter().any(|value| value.name == *name);
    shape::assigned(formats, &values)
        .into_iter()
        .filter(|known| known.format.fields.keys().all(named))
        .filter(|known| {
            // Each value in the field of its name.
            known.digest.fields().into_iter().all(|field| known.format.fields.contains_key(field))
                && known.digest.substitute(&|name| Expr::from(crate::format::Term::Field(name.to_owned())))
                    == known.format.digest
        })
        .map(|known| {
            let signer = |(group, lens): (&Group, &Lens)| {
                let digest = known.digest.digest(&fields(&group.values)).ok()?;
                let as_it_stands = lens.readings().find(|reading| reading.as_v_says == Some(true))?;
                recovered(Word(digest.digest), &as_it_stands.signature).map(|key| key.address())
            };
            let signers = question.groups.iter().zip(lenses).map(signer).collect();
            UnderKnown { format: known.format.name.clone(), expression: known.digest.clone(), signers }
        })
        .collect()
}

impl super::Candidate for Common {
    fn expression(&self) -> &Expr {
        &self.expression
    }

    fn is_literal(&self) -> bool {
        self.readings.iter().all(Reading::is_literal)
    }

    fn same(&self, other: &Self) -> bool {
        self.digests == other.digests && self.readings == other.readings
    }

    fn also(&mut self) -> &mut Vec<Expr> {
        &mut self.also
    }
}
