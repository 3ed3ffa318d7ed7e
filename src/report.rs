//! Reports: findings and results in words and as JSON, and reproducers of findings as files and as tests for
//! other projects.

mod conformance;
pub mod digests;
pub mod emit;
pub mod export;
mod finding;
pub mod json;
pub mod reproducer;
pub mod snapshot;
pub mod suggestions;
#[cfg(feature = "outsiders")]
pub mod survey;
pub mod text;

use crate::corpus::read::is_unprintable;

/// A text without what would end a line, act on a terminal or order what is shown: panic messages hold such.
pub fn one_line(text: &str) -> String {
    let escape = |c: char| if is_unprintable(c) { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(escape).collect()
}
