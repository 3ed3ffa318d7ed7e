//! Vectors of other projects, in JSON: which suite a file is of, and what its vectors say as cases.
//!
//! A file a suite. A reader says what the suite means; what it cannot say it names, with the reason, and leaves out.
//! What is not of the suite's form is an error with its place in the file. `docs/vectors.md` is for people.

mod export;
mod geth;
mod node;
mod rooterberg;
mod sha;
mod state_test;
mod wycheproof;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use self::node::{Node, Wrong};
use super::case::{Case, CaseKind, Expect, ExpectedAnswer, ExpectedKey, Place, Spot, is_id};
use super::read::{CorpusError, is_unprintable};
use crate::input::bytes::Word;
use crate::input::key::PublicKey;
use crate::input::signature::{Signature, Wire, WireError};
use crate::input::{Input, ScalarInput};
use crate::judge::fact::Fact;

/// Cases, and the vectors that are no cases here.
#[derive(Debug, Clone, Default)]
pub struct Vectors {
    /// What can be said.
    pub cases: Vec<Case>,
    /// What cannot.
    pub unsaid: Vec<Unsaid>,
}

/// A vector that cannot be said as a case: it is neither agreed nor failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaid {
    /// The vector.
    pub place: Place,
    /// Why, in words that many may share.
    pub reason: String,
}

/// A suite of vectors.
struct Suite {
    name: &'static str,
    /// Whether a file is of this suite, by its form alone.
    is: fn(&Value) -> bool,
    read: fn(&Node<'_>, &mut Reader) -> Result<(), Wrong>,
}

static SUITES: [Suite; 5] =
    [export::SUITE, wycheproof::SUITE, rooterberg::SUITE, geth::SUITE, state_test::SUITE];

/// Whether it is a JSON Schema: one comes with some suites, and holds no vectors.
fn is_schema(value: &Value) -> bool {
    value.get("$schema").and_then(Value::as_str).is_some_and(|schema| schema.contains("json-schema.org"))
}

/// Whether a file's text is JSON, by its name or by how it begins. No TOML of cases begins so.
pub(super) fn is_json(file: &Path, text: &str) -> bool {
    let named = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let begin = text.trim_start();
    let in_list = begin.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with('{'));
    named || begin.starts_with('{') || in_list
}

/// Reads the vectors that a file's text holds.
pub(super) fn parse(file: &Path, text: &str) -> Result<Vectors, CorpusError> {
    let value = node::json(text).map_err(|error| {
        let said = error.to_string();
        // The line stands before it.
        let said = said.rsplit_once(" at line ").map_or(&*said, |(said, _)| said);
        let message = format!("no JSON: {said} at column {}", error.column());
        CorpusError { file: file.to_owned(), line: Some(error.line()), message }
    })?;
    let nothing = || CorpusError::whole(file, "a file of vectors that has none");
    if value.as_array().is_some_and(Vec::is_empty) {
        return Err(nothing());
    }
    let Some(suite) = SUITES.iter().find(|suite| (suite.is)(&value)) else {
        if is_schema(&value) {
            return Ok(Vectors::default());
        }
        let names: Vec<_> = SUITES.iter().map(|suite| suite.name).collect();
        let message = format!("vectors of no known suite: expected those of {}", names.join(", "));
        return Err(CorpusError::whole(file, message));
    };
    let mut reader = Reader { file: file.to_owned(), suite: suite.name, vectors: Vectors::default() };
    (suite.read)(&Node::root(&value), &mut reader)
        .map_err(|wrong| CorpusError::whole(file, format!("{}: {wrong}", suite.name)))?;
    let Vectors { cases, unsaid } = &reader.vectors;
    if cases.is_empty() && unsaid.is_empty() { Err(nothing()) } else { Ok(reader.vectors) }
}

/// What a suite's reader writes to.
struct Reader {
    file: PathBuf,
    suite: &'static str,
    vectors: Vectors,
}

/// A vector: its number or name, and what it says of itself.
struct Name {
    /// Unique in its file. Where the suite calls the vector by an id, that is the case's.
    id: String,
    /// What the suite calls it.
    called: String,
    /// What the suite says about it.
    about: String,
}

/// What is asked, and what must come out.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    inputs: Result<Vec<Input>, WireError>,
    wire: Option<(Wire, Vec<u8>)>,
    facts: BTreeSet<Fact>,
    answer: ExpectedAnswer,
}

impl Reader {
    /// What becomes of a vector: a case, or a reason why it is none.
    fn add(&mut self, name: Name, said: Result<Said, String>) {
        let Name { id, called, about } = name;
        // As our own exports call them.
        let id = if is_id(&called) { called.clone() } else { format!("{}::{}", self.group(), slug(&id)) };
        // A report has a line for each, whatever the suite calls it.
        let in_line = |text: String| text.replace(is_unprintable, " ");
        let (called, about) = (in_line(called), in_line(about));
        let shown = if about.is_empty() { called } else { format!("{called} ({about})") };
        let place = Place { file: self.file.clone(), spot: Spot::Vector(shown) };
        let Said { inputs, wire, facts, answer } = match said {
            Ok(said) => said,
            Err(reason) => return self.vectors.unsaid.push(Unsaid { place, reason }),
        };
        self.vectors.cases.push(Case {
            id,
            about,
            kind: CaseKind::Made,
            source: format!("{}: {}", self.suite, self.file.display()),
            place,
            message: None,
            wire,
            inputs,
            facts,
            expect: Expect { preimage: None, digest: None, mark: None, answer },
        });
    }

    /// The group of its ids: the file's name.
    fn group(&self) -> String {
        let stem = self.file.file_stem().unwrap_or_default().to_string_lossy();
        let slug = slug(&stem);
        if slug.is_empty() { "vectors".to_owned() } else { slug }
    }
}

/// A text as a part of an id.
fn slug(text: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
    let slug: String = text.chars().map(allowed).collect();
    let words: Vec<_> = slug.split('-').filter(|word| !word.is_empty()).collect();
    words.join("-").trim_start_matches(['-', '.']).to_owned()
}

impl Said {
    /// An input whose answer is one of a suite's.
    fn one(input: impl Into<Input>, answer: ExpectedAnswer) -> Self {
        Self { inputs: Ok(vec![input.into()]), wire: None, facts: BTreeSet::new(), answer }
    }

    /// A signature in bytes that verifies with this key, or does not. Where the layout has no place for a recovery id,
    /// exactly one gives the key, or none does. Bytes that are no signature are right where they must not verify.
    fn verification(digest: Word, wire: Wire, bytes: Vec<u8>, key: &PublicKey, meaning: Meaning) -> Self {
        let decoded = wire.decode(&bytes, wire.apart(0));
        let is_none = decoded.is_err() && meaning != Meaning::Valid;
        let inputs = decoded.map(|signature| inputs(digest, signature, wire.apart(0).is_none()));
        let (mut answer, facts) = meaning.expected(key);
        if is_none {
            answer = ExpectedAnswer::NoSignature;
        }
        Self { inputs, wire: Some((wire, bytes)), facts, answer }
    }
}

/// What a suite says of a signature and a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// It verifies.
    Valid,
    /// It does not.
    Invalid,
    /// It does, and is invalid for its high s alone.
    HighS,
}

impl Meaning {
    fn expected(self, key: &PublicKey) -> (ExpectedAnswer, BTreeSet<Fact>) {
        match self {
            Self::Valid => (ExpectedAnswer::Recovered(only(key)), BTreeSet::new()),
            Self::Invalid => (ExpectedAnswer::Not(only(key)), BTreeSet::new()),
            Self::HighS => (ExpectedAnswer::Recovered(only(key)), BTreeSet::from([Fact::HighS])),
        }
    }
}

fn only(key: &PublicKey) -> ExpectedKey {
    ExpectedKey { address: None, public_key: Some(key.compressed()) }
}

/// What is asked of a digest and a signature: with its recovery id, or with each.
fn inputs(digest: Word, Signature { r, s, recovery_id }: Signature, given: bool) -> Vec<Input> {
    let ids = if given { recovery_id..=recovery_id } else { 0..=3 };
    ids.map(|recovery_id| ScalarInput { digest, r, s, recovery_id }.into()).collect()
}
