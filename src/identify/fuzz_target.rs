//! Identification's fuzz target, `group_files`: any text as a file of groups.

use crate::judge::Harness;
use crate::judge::finding::Finding;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use arbitrary::{Arbitrary, Result, Unstructured};

use super::groups::file;
use crate::corpus::Corpus;
use crate::fuzz_target::seed::{Seed, schema_words};
use crate::fuzz_target::text::{Text, error_words};
use crate::fuzz_target::{FuzzCase, FuzzTarget, read};

/// Identification's fuzz targets.
pub(crate) static TARGETS: &[FuzzTarget] = &[TARGET];

const TARGET: FuzzTarget = FuzzTarget {
    name: "group_files",
    about: "any text as a file of groups",
    read: read::<GroupFiles>,
    max_len: 4 << 10,
    seeds,
    words: schema_words,
};

/// The text itself.
pub struct GroupFiles(Text);

impl<'a> Arbitrary<'a> for GroupFiles {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Text::arbitrary(u).map(Self)
    }
}

impl FuzzCase for GroupFiles {
    fn examine(&self, _: Harness<'_>) -> Vec<Finding> {
        let read = file::parse(Path::new("groups.toml"), &self.0.0);
        let error = read.err().and_then(|error| self.0.wrong_error(&error));
        error.map(|what| Finding::of_component("groups", what)).into_iter().collect()
    }

    fn classes(&self) -> BTreeSet<String> {
        let class = match file::parse(Path::new("groups.toml"), &self.0.0) {
            Ok(groups) => format!("{} understood", if groups.is_empty() { "no group" } else { "groups" }),
            Err(error) => format!("refused: {}", error_words(&error.message)),
        };
        [class].into()
    }
}

/// Files that are understood, and files that are refused, each for a reason of its own.
const FILES: [(&str, &str); 6] = [
    ("group", "[[group]]\nsignature = \"0x1111\"\nvalues = { app_id = \"0x22\", purpose = \"ethereum\" }\n"),
    ("group-odd-hex", "[[group]]\nsignature = \"0x111\"\n"),
    ("group-bad-value", "[[group]]\nsignature = \"0x11\"\nvalues = { app_id = \"0x2\" }\n"),
    ("group-unknown-field", "[[group]]\nsignature = \"0x11\"\nodd = 1\n"),
    ("blank", "\n"),
    ("no-toml", "[[group\n"),
];

fn seeds(_: &Corpus) -> Vec<Seed> {
    FILES.map(|(name, text)| Seed::new(name, "made up", text.into())).into()
}

impl fmt::Debug for GroupFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
