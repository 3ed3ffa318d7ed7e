//! What a space is made of, and why there may be none.

use std::collections::HashSet;

use super::{MAX_DEPTH, MAX_PIECES};
use crate::corpus::Formats;
use crate::identify::Scope;
use crate::identify::value::Value;

/// Why there is no such space.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpaceError {
    /// More candidates than the limit.
    #[error(
        "the space has {count} candidates, more than the limit of {limit}: lower the depth ({depth}), remove values ({values}; `{largest}` has the most encodings) or literals ({literals}), or raise the limit"
    )]
    TooMany {
        /// How many there are, at least.
        count: u128,
        /// The limit.
        limit: u64,
        /// The longest sequences.
        depth: usize,
        /// How many values.
        values: usize,
        /// The value with the most encodings.
        largest: String,
        /// How many literals.
        literals: usize,
    },
    /// More pieces than memory is meant to hold.
    #[error(
        "the values have more than {MAX_PIECES} encodings, with nested recoveries: remove values, signatures first"
    )]
    TooManyPieces,
    /// Too long sequences.
    #[error("expected a depth from 1 to {MAX_DEPTH}, found {0}")]
    Depth(usize),
    /// Nothing to try.
    #[error("expected at least one value")]
    NoValues,
    /// Two values of one name.
    #[error("`{0}` is given twice")]
    Twice(String),
    /// Groups that do not have the same values.
    #[error("the groups do not have the same values: {0}")]
    Groups(String),
}

/// What a space is made of.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// The values of each group; the same names and kinds in all.
    pub groups: &'a [Vec<Value>],
    /// Known formats.
    pub formats: &'a Formats,
    /// How far it goes, and the user's literals.
    pub scope: &'a Scope,
}

/// Holds the plan to what a space needs; gives the values of the first group.
pub(super) fn check<'a>(plan: &Plan<'a>) -> Result<&'a [Value], SpaceError> {
    if !(1..=MAX_DEPTH).contains(&plan.scope.depth) {
        return Err(SpaceError::Depth(plan.scope.depth));
    }
    let values = plan.groups.first().filter(|values| !values.is_empty()).ok_or(SpaceError::NoValues)?;
    let mut names = HashSet::new();
    if let Some(twice) = values.iter().find(|value| !names.insert(&value.name)) {
        return Err(SpaceError::Twice(twice.name.clone()));
    }
    for (at, group) in plan.groups.iter().enumerate().skip(1) {
        let shown = |values: &[Value]| {
            values.iter().map(|value| format!("{}:{}", value.name, value.kind)).collect::<Vec<_>>().join(", ")
        };
        let (first, other) = (shown(values), shown(group));
        if first != other {
            return Err(SpaceError::Groups(format!("the first has {first}, number {} has {other}", at + 1)));
        }
    }
    Ok(values)
}
