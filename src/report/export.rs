//! Vectors in the formats of other projects, one file a format. `docs/vectors.md` says what each holds.
//!
//! The same vectors give the same bytes: nothing here depends on the time, the machine or the order of a map.

pub mod geth;
mod json;
#[cfg(feature = "state-tests")]
pub mod state_test;
pub mod wycheproof;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::corpus::vector::Vector;
use crate::input::{CallInput, Input};
use crate::judge::Divergence;
use crate::reference::answer::{Expectation, Refusal};

/// A format of vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A group `EcdsaRecover` in the style of Wycheproof, with its JSON Schema.
    Wycheproof,
    /// The list of go-ethereum's precompile tests.
    Geth,
    /// State tests of Ethereum's execution layer, a file a vector.
    #[cfg(feature = "state-tests")]
    StateTest,
    /// All that is known of a vector, with a JSON Schema.
    Json,
}

/// An export: files, and what the format cannot hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The files' texts, by their paths below the export's folder, with `/` between the parts.
    pub files: BTreeMap<String, String>,
    /// How many vectors are in them.
    pub held: usize,
    /// The vectors that are not, in their order.
    pub not_held: Vec<NotHeld>,
}

/// A vector that a format cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotHeld {
    /// Its id.
    pub id: String,
    /// Why, in words that many may share.
    pub why: String,
}

impl NotHeld {
    /// A vector that is not held, and why.
    pub fn new(id: impl Into<String>, why: &str) -> Self {
        Self { id: id.into(), why: why.to_owned() }
    }
}

impl ExportFormat {
    /// Every format of this build.
    pub const ALL: &'static [Self] = &[
        Self::Wycheproof,
        Self::Geth,
        #[cfg(feature = "state-tests")]
        Self::StateTest,
        Self::Json,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wycheproof => "wycheproof",
            Self::Geth => "geth",
            #[cfg(feature = "state-tests")]
            Self::StateTest => "statetest",
            Self::Json => "json",
        }
    }

    /// What a vector asks in this format.
    ///
    /// # Errors
    /// Why the format cannot hold it.
    pub fn asks(self, vector: &Vector) -> Result<Input, &'static str> {
        match self {
            Self::Wycheproof => wycheproof::scalar(vector).map(Input::from),
            Self::Geth => geth::held(vector).map(|(call, _)| Input::Call(call)),
            #[cfg(feature = "state-tests")]
            Self::StateTest => state_test::held(vector).map(|(call, _, _)| Input::Call(call)),
            Self::Json => Ok(vector.input.clone()),
        }
    }

    /// Writes vectors in this format. Divergences are those that the vectors may name.
    ///
    /// # Panics
    /// Two vectors of one id would be one file.
    pub fn export(self, vectors: &[Vector], divergences: &[Divergence]) -> Export {
        let mut export = Export { files: BTreeMap::new(), held: 0, not_held: Vec::new() };
        match self {
            Self::Wycheproof => wycheproof::export(vectors, &mut export),
            Self::Geth => geth::export(vectors, &mut export),
            #[cfg(feature = "state-tests")]
            Self::StateTest => state_test::export(vectors, &mut export),
            Self::Json => json::export(vectors, divergences, &mut export),
        }
        export
    }
}

impl Export {
    /// What becomes of each vector that the format holds; the others are noted.
    fn hold<T>(&mut self, vectors: &[Vector], hold: impl Fn(&Vector) -> Result<T, &'static str>) -> Vec<T> {
        let mut all = Vec::new();
        for vector in vectors {
            match hold(vector) {
                Ok(held) => all.push(held),
                Err(why) => self.not_held.push(NotHeld::new(&vector.id, why)),
            }
        }
        self.held = all.len();
        all
    }

    fn add(&mut self, file: impl Into<String>, contents: &impl Serialize) {
        // serde_json fails on maps whose keys are no texts, and none is in these types.
        let text = serde_json::to_string_pretty(contents).unwrap_or_else(|error| unreachable!("{error}"));
        let file = file.into();
        assert!(!self.files.contains_key(&file), "two vectors would be {file}: ids are unique");
        self.files.insert(file, text + "\n");
    }
}

/// The call of `ecrecover` that asks what a vector asks, and what must come out of it.
fn call(vector: &Vector) -> Result<(CallInput, Expectation), &'static str> {
    let expected = Expectation::from(vector.expect);
    match &vector.input {
        Input::Call(call) => Ok((call.clone(), expected)),
        Input::Scalar(scalar) => match CallInput::of(scalar) {
            Some(call) => Ok((call, expected)),
            None if scalar.recovery_id <= 3 => Err("recovery id 2 or 3: a call's v is 27 or 28"),
            None => Err("a recovery id above 3: a call's v is 27 or 28"),
        },
        Input::Prehash(_) => Err("a prehash: a call takes a digest"),
    }
}

/// The word that a call returns; none where it returns nothing.
pub(super) fn returned(expected: &Expectation) -> Option<[u8; 32]> {
    match expected {
        Expectation::Recovered { address, .. } => {
            let mut word = [0; 32];
            word[12..].copy_from_slice(&address.0);
            Some(word)
        }
        Expectation::Rejected(_) => None,
    }
}

/// Whether a call fails, as it does for want of gas alone.
fn call_fails(expected: &Expectation) -> bool {
    matches!(expected, Expectation::Rejected(Refusal::OutOfGas))
}
