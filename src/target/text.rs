//! Text that a target is fed.

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
