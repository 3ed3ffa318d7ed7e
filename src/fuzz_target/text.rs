//! Text that a target is fed, and the words in which it is refused.

use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};

use crate::corpus::CorpusError;

/// The bytes as far as they are UTF-8: a file that a person reads is its own seed.
pub(crate) struct Text(pub(crate) String);

impl<'a> Arbitrary<'a> for Text {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let bytes = u.bytes(u.len())?;
        let valid = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        Ok(Self(valid.to_owned()))
    }
}

impl Text {
    /// What is wrong with an error about it: an error takes one line, and names a line of the text.
    pub(crate) fn wrong_error(&self, error: &CorpusError) -> Option<String> {
        let lines = self.0.split('\n').count();
        let inside = error.line.is_none_or(|line| (1..=lines).contains(&line));
        let one_line = !error.to_string().contains('\n');
        (!inside || !one_line).then(|| format!("{error:?} is not one line about a line of the file"))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "text        {:?}\n{}", self.0, self.0)
    }
}

/// The words of an error without what they are about: the class of a refusal.
pub(crate) fn error_words(message: &str) -> String {
    let unquoted = message.split(['`', '"']).step_by(2).flat_map(str::split_whitespace);
    unquoted.filter(|word| !word.contains(|c: char| c.is_ascii_digit())).take(8).collect::<Vec<_>>().join(" ")
}
