//! The files' schema, one file of code for each kind, and what each table means. `corpus/README.md` documents
//! it for people.

mod cases;
mod divergences;
mod field_value;
mod formats;
mod investigation;

use std::fmt;

pub(super) use cases::CaseFile;
pub(super) use divergences::DivergenceFile;
pub use field_value::{FieldValue, FieldValueError};
pub(super) use formats::FormatFile;
pub(super) use investigation::InvestigationFile;
use serde::Deserialize;
use toml::Spanned;

use super::read::{CorpusError, Lines};
use crate::format::{Expr, parse};

/// Reads an expression that stands in a file; `whose` it is goes into the error.
fn expression(text: &Spanned<String>, whose: &str, lines: &Lines) -> Result<Expr, CorpusError> {
    parse(text.get_ref())
        .map_err(|error| lines.error(text.span(), format!("{whose}: {error} in {}", text.get_ref())))
}

/// `corpus.toml`: what a corpus says of itself.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// See [`super::Corpus::complete`].
    #[serde(default)]
    pub(super) complete: bool,
}

/// Where values come from.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    repo: String,
    path: Option<String>,
    commit: Option<String>,
    note: Option<String>,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repo)?;
        self.path.iter().try_for_each(|path| write!(f, " {path}"))?;
        self.commit.iter().try_for_each(|commit| write!(f, " at {commit}"))?;
        self.note.iter().try_for_each(|note| write!(f, " ({note})"))
    }
}
