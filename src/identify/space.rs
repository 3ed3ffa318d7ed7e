//! The space that is searched: which preimages there are, how many, and each by its number.
//!
//! It comes in *stages*, the likeliest first: known formats; their neighbours, in which other values and
//! encodings stand in the fields' places and parts are missing; where a value is a signature, neighbours
//! with a key that was recovered from it; and free sequences, part by part longer. A stage is a list of
//! *families*; a family is a product of *slots*, and a slot a list of *pieces*, so that a space of millions
//! takes the memory of its pieces alone and is counted before anything is tried.

mod plan;
mod sequences;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::format::{Expr, FieldKind, Fields, Term};
use crate::identify::digest::{Hashers, Wrapping};
use crate::identify::nested;
use crate::identify::shape::{self, Part, Shape, fits};
use crate::identify::value::{Breadth, ValueKind, fields};
use plan::check;
pub use plan::{SearchPlan, SpaceError};
use sequences::{free, free_count};

/// The most pieces that all slots may have together: a bound on memory.
pub const MAX_PIECES: usize = 1 << 20;
/// The longest sequences of parts that can be asked for.
pub const MAX_PARTS: usize = 8;

/// What messages are put together with, besides the literals of known formats and the user's.
const SEPARATORS: [&str; 12] = [":", "", "-", "_", "|", ",", ".", "/", " ", "\n", "0x", "\0"];

/// How what is made with a recovered key is hashed: nested messages are many, so only as people do, and
/// those hashes first that they take most.
const NESTED: [&[Wrapping]; 2] = [&[Wrapping::Keccak256], &[Wrapping::Eip191, Wrapping::Sha256]];

/// What can stand in a place.
#[derive(Debug, Clone)]
pub struct Piece {
    /// How it is made.
    pub expr: Expr,
    /// Its bytes in each group.
    pub bytes: Vec<Vec<u8>>,
}

/// A product of slots under some hashes.
#[derive(Debug, Clone)]
struct Family {
    slots: Vec<usize>,
    wrappings: &'static [Wrapping],
    /// Numbers of its preimages: those of the families before it come first.
    numbers: Range<u64>,
}

/// A part of the space.
#[derive(Debug)]
pub struct Stage {
    /// What it holds, for people.
    pub name: String,
    /// Whole digests: known formats.
    listed: Vec<(Expr, Vec<[u8; 32]>)>,
    families: Vec<Family>,
    /// How many preimages there are.
    pub preimages: u64,
    /// How many candidates: preimages times hashes.
    pub candidates: u64,
}

/// A candidate's number: preimage and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number {
    /// Which preimage of the stage.
    pub preimage: u64,
    /// Which of its family's hashes.
    pub wrapping: usize,
}

/// Everything that is searched.
#[derive(Debug)]
pub struct Space {
    slots: Vec<Vec<Piece>>,
    /// The slots of one literal each.
    literals: HashMap<String, usize>,
    /// Its stages, in the order in which they are searched.
    pub stages: Vec<Stage>,
}

impl Space {
    /// Lays a space out.
    ///
    /// # Errors
    /// See [`SpaceError`]. What is too large is refused before it takes memory.
    pub fn new(plan: &SearchPlan<'_>) -> Result<Self, SpaceError> {
        let values = check(plan)?;
        let mut literals: Vec<Expr> = plan.scope.literals.to_vec();
        literals.extend(shape::literals(plan.formats));
        literals
            .extend(SEPARATORS.iter().filter(|s| !s.is_empty()).map(|s| Term::Text((*s).to_owned()).into()));
        let mut once = HashSet::new();
        literals.retain(|literal| once.insert(literal.to_string()));

        let mut space = Self { slots: Vec::new(), literals: HashMap::new(), stages: Vec::new() };
        let literal_slot = space.slot(literals.iter().cloned(), plan);
        let all: Vec<usize> =
            values.iter().map(|value| space.slot(value.encodings(Breadth::All).into_iter(), plan)).collect();

        let sizes: Vec<usize> = all.iter().map(|slot| space.slots[*slot].len()).collect();
        let count = free_count(plan.scope.depth, space.slots[literal_slot].len(), &sizes)
            * Wrapping::ALL.len() as u128;
        let too_many = |count: u128| {
            let largest = sizes.iter().enumerate().max_by_key(|(_, size)| **size);
            SpaceError::TooMany {
                count,
                limit: plan.scope.limit,
                depth: plan.scope.depth,
                values: values.len(),
                largest: largest.map(|(at, _)| values[at].name.clone()).unwrap_or_default(),
                literals: plan.scope.literals.len(),
            }
        };
        if count > u128::from(plan.scope.limit) {
            return Err(too_many(count));
        }

        space.known(plan);
        let mut seen = HashSet::new();
        let strict = |at: usize, field| fits(values[at].kind, field, true);
        let loose = |at: usize, field| fits(values[at].kind, field, false);
        let shapes: Vec<_> = plan.formats.iter().filter_map(Shape::of).collect();
        let neighbours = |space: &mut Self, fits: &dyn Fn(usize, FieldKind) -> bool| -> Vec<Vec<usize>> {
            shapes.iter().flat_map(|shape| space.neighbours(shape, &all, fits, None, plan)).collect()
        };
        let near = neighbours(&mut space, &strict);
        space.stage("neighbours of known formats", near, &Wrapping::ALL, &mut seen);
        space.stage("single values", free(1, literal_slot, &all), &Wrapping::ALL, &mut seen);
        space.nested(plan, &shapes, &all, &strict)?;
        let far = neighbours(&mut space, &loose);
        space.stage("neighbours with values of other kinds", far, &Wrapping::ALL, &mut seen);
        for length in 2..=plan.scope.depth {
            let families = free(length, literal_slot, &all);
            space.stage(&format!("sequences of {length} parts"), families, &Wrapping::ALL, &mut seen);
        }
        let total = space.candidates();
        if total > plan.scope.limit { Err(too_many(total.into())) } else { Ok(space) }
    }

    /// How many candidates there are.
    pub fn candidates(&self) -> u64 {
        self.stages.iter().fold(0, |sum, stage| sum.saturating_add(stage.candidates))
    }

    /// Adds a slot of the encodings that can be evaluated in every group, each value once.
    fn slot(&mut self, exprs: impl Iterator<Item = Expr>, plan: &SearchPlan<'_>) -> usize {
        let fields: Vec<Fields> = plan.groups.iter().map(|values| fields(values)).collect();
        let mut seen = HashSet::new();
        let mut pieces = Vec::new();
        for expr in exprs {
            let bytes: Option<Vec<_>> = fields.iter().map(|fields| expr.evaluate(fields).ok()).collect();
            if let Some(bytes) = bytes.filter(|bytes| seen.insert(bytes.clone())) {
                pieces.push(Piece { expr, bytes });
            }
        }
        self.slots.push(pieces);
        self.slots.len() - 1
    }

    /// The slot of a literal alone.
    fn literal(&mut self, literal: &Expr, plan: &SearchPlan<'_>) -> usize {
        let text = literal.to_string();
        if let Some(slot) = self.literals.get(&text) {
            return *slot;
        }
        let slot = self.slot(std::iter::once(literal.clone()), plan);
        self.literals.insert(text, slot);
        slot
    }

    /// The first stage: known formats with values in the places of their fields.
    fn known(&mut self, plan: &SearchPlan<'_>) {
        let fields: Vec<Fields> = plan.groups.iter().map(|values| fields(values)).collect();
        let listed: Vec<_> = shape::assigned(plan.formats, plan.groups)
            .into_iter()
            .filter_map(|known| {
                let digest = |fields| known.digest.digest(fields).ok().map(|digest| digest.digest);
                let digests = fields.iter().map(digest).collect::<Option<Vec<_>>>()?;
                Some((known.digest, digests))
            })
            .collect();
        let count = listed.len() as u64;
        let name = "known formats".to_owned();
        self.stages.push(Stage { name, listed, families: Vec::new(), preimages: count, candidates: count });
    }

    /// Adds a stage of families, each once.
    fn stage(
        &mut self,
        name: &str,
        families: Vec<Vec<usize>>,
        wrappings: &'static [Wrapping],
        seen: &mut HashSet<Vec<usize>>,
    ) {
        let (mut made, mut preimages, mut candidates) = (Vec::new(), 0_u64, 0_u64);
        for slots in families {
            let count = slots.iter().map(|slot| self.slots[*slot].len() as u64).fold(1, u64::saturating_mul);
            if count == 0 || !seen.insert(slots.clone()) {
                continue;
            }
            let end = preimages.saturating_add(count);
            made.push(Family { slots, wrappings, numbers: preimages..end });
            preimages = end;
            candidates = candidates.saturating_add(count.saturating_mul(wrappings.len() as u64));
        }
        if preimages > 0 {
            let name = name.to_owned();
            self.stages.push(Stage { name, listed: Vec::new(), families: made, preimages, candidates });
        }
    }

    /// A known format's parts, each kept or left out, with values in the places of its fields. With a slot of
    /// recovered keys, one of them stands where a public key belongs, always.
    fn neighbours(
        &mut self,
        shape: &Shape<'_>,
        all: &[usize],
        fits: &dyn Fn(usize, FieldKind) -> bool,
        recovered: Option<usize>,
        plan: &SearchPlan<'_>,
    ) -> Vec<Vec<usize>> {
        if shape.parts.len() > shape::MAX_SHAPE {
            return Vec::new();
        }
        let kept: Vec<Option<usize>> = shape
            .parts
            .iter()
            .map(|part| match part {
                Part::Literal(expr) => Some(self.literal(expr, plan)),
                Part::Slot { .. } => None,
            })
            .collect();
        let mut families = Vec::new();
        for mask in 1..1_u32 << shape.parts.len() {
            let parts: Vec<_> = (0..shape.parts.len()).filter(|at| mask >> at & 1 == 1).collect();
            // (slots so far, values used, whether the recovered key stands there)
            let mut partial: Vec<(Vec<usize>, Vec<usize>, bool)> = vec![(Vec::new(), Vec::new(), false)];
            for at in parts {
                let mut next = Vec::new();
                for (slots, used, nested) in partial {
                    let with = |slot: usize| [slots.as_slice(), &[slot]].concat();
                    match &shape.parts[at] {
                        Part::Literal(_) => {
                            next.extend(kept[at].map(|slot| (with(slot), used.clone(), nested)));
                        }
                        Part::Slot { kind, .. } => {
                            let free =
                                (0..all.len()).filter(|value| !used.contains(value) && fits(*value, *kind));
                            next.extend(free.map(|value| {
                                (with(all[value]), [used.as_slice(), &[value]].concat(), nested)
                            }));
                            let here = recovered.filter(|_| !nested && *kind == FieldKind::PublicKey);
                            next.extend(here.map(|slot| (with(slot), used.clone(), true)));
                        }
                    }
                }
                partial = next;
            }
            families.extend(
                partial
                    .into_iter()
                    .filter(|(_, used, nested)| if recovered.is_some() { *nested } else { !used.is_empty() })
                    .map(|(slots, _, _)| slots),
            );
        }
        families
    }

    /// The stage of keys that were recovered from values that are signatures.
    fn nested(
        &mut self,
        plan: &SearchPlan<'_>,
        shapes: &[Shape<'_>],
        all: &[usize],
        strict: &dyn Fn(usize, FieldKind) -> bool,
    ) -> Result<(), SpaceError> {
        let [values] = plan.groups else { return Ok(()) };
        let mut families = Vec::new();
        for signature in values.iter().filter(|value| value.kind == ValueKind::Signature) {
            let held: usize = self.slots.iter().map(Vec::len).sum();
            let pieces = nested::recovered(signature, values, plan.formats)
                .filter(|pieces| held + pieces.len() <= MAX_PIECES)
                .ok_or(SpaceError::TooManyPieces)?;
            self.slots.push(pieces);
            let slot = self.slots.len() - 1;
            for shape in shapes {
                families.extend(self.neighbours(shape, all, strict, Some(slot), plan));
            }
        }
        let name = "known formats around a recovered key";
        for wrappings in NESTED {
            self.stage(name, families.clone(), wrappings, &mut HashSet::new());
        }
        Ok(())
    }

    /// A candidate's expression.
    pub fn expression(&self, stage: usize, number: Number) -> Option<Expr> {
        let stage = self.stages.get(stage)?;
        if let Some((expr, _)) = stage.listed.get(usize::try_from(number.preimage).ok()?) {
            return Some(expr.clone());
        }
        let family = stage.family(number.preimage)?;
        let mut places = vec![0; family.slots.len()];
        self.places(family, number.preimage, &mut places);
        let parts =
            family.slots.iter().zip(places).map(|(slot, place)| self.slots[*slot][place].expr.clone());
        Some(family.wrappings.get(number.wrapping)?.of(Expr::concat(parts)))
    }

    /// Where in each slot a preimage's pieces stand. The last slot turns fastest.
    fn places(&self, family: &Family, preimage: u64, places: &mut [usize]) {
        let mut left = preimage - family.numbers.start;
        for (slot, place) in family.slots.iter().zip(places).rev() {
            let count = self.slots[*slot].len() as u64;
            *place = (left % count) as usize;
            left /= count;
        }
    }

    /// The digests of a range of a stage's preimages, in one group.
    pub fn digests(
        &self,
        stage: usize,
        preimages: Range<u64>,
        group: usize,
        found: &mut Vec<(Number, [u8; 32])>,
    ) {
        let stage = &self.stages[stage];
        for (at, (_, digests)) in (0..).zip(&stage.listed) {
            if preimages.contains(&at) {
                found.push((Number { preimage: at, wrapping: 0 }, digests[group]));
            }
        }
        let mut hashers = Hashers::default();
        let mut next = preimages.start;
        while let Some(family) = stage.family(next).filter(|_| next < preimages.end) {
            let end = preimages.end.min(family.numbers.end);
            let mut places = vec![0; family.slots.len()];
            self.places(family, next, &mut places);
            let Some((last, first)) = family.slots.split_last() else { return };
            let last = &self.slots[*last];
            while next < end {
                let prefix = first
                    .iter()
                    .zip(&places)
                    .map(|(slot, place)| self.slots[*slot][*place].bytes[group].as_slice());
                hashers.begin(prefix);
                // All that share the prefix.
                let from = places[first.len()];
                let to = last.len().min(from + (end - next) as usize);
                for (piece, preimage) in last[from..to].iter().zip(next..) {
                    hashers.digests(&piece.bytes[group], family.wrappings, |wrapping, digest| {
                        found.push((Number { preimage, wrapping }, digest));
                    });
                }
                next += (to - from) as u64;
                if next < end {
                    self.places(family, next, &mut places);
                }
            }
        }
    }
}

impl Stage {
    fn family(&self, preimage: u64) -> Option<&Family> {
        let after = self.families.partition_point(|family| family.numbers.end <= preimage);
        self.families.get(after).filter(|family| family.numbers.contains(&preimage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Formats;
    use crate::identify::Scope;
    use crate::identify::value::Value;

    fn space(groups: &[Vec<Value>], depth: usize) -> Result<Space, SpaceError> {
        let scope = Scope { depth, limit: 50_000_000, ..Scope::default() };
        Space::new(&SearchPlan { groups, formats: Formats::built_in(), scope: &scope })
    }

    fn values(texts: &[&str]) -> Vec<Value> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn every_candidate_is_its_expression_and_no_range_loses_one() {
        let groups = [
            values(&["id=0x0102030405060708090a0b0c0d0e0f1011121314", "who=alice", "n=7"]),
            values(&["id=0x1112131415161718191a1b1c1d1e1f2021222324", "who=bob", "n=1234567"]),
        ];
        let space = space(&groups, 2).unwrap();
        let fields: Vec<Fields> = groups.iter().map(|values| fields(values)).collect();
        let mut checked = 0;
        for (at, stage) in space.stages.iter().enumerate() {
            for (group, fields) in fields.iter().enumerate() {
                let mut whole = Vec::new();
                space.digests(at, 0..stage.preimages, group, &mut whole);
                let mut parts = Vec::new();
                let mut from = 0;
                for step in [1, 7, 97, 1000].into_iter().cycle() {
                    let to = stage.preimages.min(from + step);
                    space.digests(at, from..to, group, &mut parts);
                    from = to;
                    if from == stage.preimages {
                        break;
                    }
                }
                assert!(whole == parts, "{}", stage.name);
                for (number, digest) in whole.iter().step_by(101) {
                    let expression = space.expression(at, *number).unwrap();
                    assert_eq!(expression.digest(fields).unwrap().digest, *digest, "{expression}");
                    checked += 1;
                }
            }
        }
        assert!(checked > 500, "{checked}");
    }

    #[test]
    fn what_is_too_large_is_refused_before_it_takes_memory() {
        let groups =
            [values(&["a=0x01", "b=0x02", "c=0x03", "d=0x04", "e=0x05", "f=0x06", "g=0x07", "h=0x08"])];
        let error = space(&groups, 8).unwrap_err();
        assert!(matches!(error, SpaceError::TooMany { count, .. } if count > 1_000_000_000_000), "{error}");
        // Too many keys that a signature may recover, too.
        let signature = format!("sig=0x{}01", "11".repeat(64));
        let ids: Vec<String> = (10..30).map(|id| format!("id{id}=0x{}", id.to_string().repeat(20))).collect();
        let values = [&ids.iter().map(String::as_str).collect::<Vec<_>>()[..], &[&signature]].concat();
        let groups = [self::values(&values)];
        assert_eq!(space(&groups, 1).unwrap_err(), SpaceError::TooManyPieces);
    }

    /// Sequences alone are within the limit, neighbours of known formats are not.
    #[test]
    fn all_stages_together_are_held_to_the_limit() {
        let groups = [values(&["id=0x0102030405060708090a0b0c0d0e0f1011121314", "who=alice", "n=7"])];
        let whole = space(&groups, 1).unwrap().candidates();
        let limited = |limit| {
            let scope = Scope { depth: 1, limit, ..Scope::default() };
            Space::new(&SearchPlan { groups: &groups, formats: Formats::built_in(), scope: &scope })
        };
        assert!(limited(whole).is_ok());
        let error = limited(whole - 1).unwrap_err();
        assert!(matches!(error, SpaceError::TooMany { count, .. } if count == u128::from(whole)), "{error}");
    }

    #[test]
    fn no_family_comes_twice() {
        let groups = [values(&["id=0x0102030405060708090a0b0c0d0e0f1011121314", "who=alice", "n=7"])];
        let space = space(&groups, 2).unwrap();
        let mut seen = HashSet::new();
        let exprs = |family: &Family| -> Vec<Vec<String>> {
            let pieces = family.slots.iter().map(|slot| &space.slots[*slot]);
            pieces.map(|pieces| pieces.iter().map(|piece| piece.expr.to_string()).collect()).collect()
        };
        for family in space.stages.iter().flat_map(|stage| &stage.families) {
            assert!(seen.insert(exprs(family)), "{:?}", exprs(family));
        }
        assert!(seen.len() > 20, "{}", seen.len());
    }
}
