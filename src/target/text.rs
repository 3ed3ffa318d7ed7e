//! Text that a target is fed, and the words in which it is refused.

use std::fmt;

use arbitrary::{Arbitrary, Result, Unstructured};

/// The bytes as far as they are UTF-8: a file that a person reads is its own seed.
pub(super) struct Text(pub(super) String);

impl<'a> Arbitrary<'a> for Text {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let bytes = u.bytes(u.len())?;
        let valid = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        Ok(Self(valid.to_owned()))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "text        {:?}\n{}", self.0, self.0)
    }
}

/// The words of an error without what they are about: the class of a refusal.
pub(super) fn error_words(message: &str) -> String {
    let unquoted = message.split(['`', '"']).step_by(2).flat_map(str::split_whitespace);
    unquoted.filter(|word| !word.contains(|c: char| c.is_ascii_digit())).take(8).collect::<Vec<_>>().join(" ")
}
