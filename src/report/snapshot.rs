//! Snapshots: a text file for each fixture, which a team reviews when a format or a library changes.
//!
//! The files are insta's, so that `cargo insta review` works on them: a header between lines of `---`, then the
//! record. A snapshot records and expects nothing: accepting one never changes an expectation of the corpus.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::text;
use crate::corpus::case::Case;
use crate::corpus::{Corpus, CorpusError};
use crate::input::bytes::to_hex;
use crate::judge::{Harness, judge};

/// The largest snapshot that is read.
const MAX_SNAPSHOT: u64 = 1 << 20;

/// A snapshot as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The file's name without `.snap`.
    pub name: String,
    /// What it is of, for the header.
    pub description: String,
    /// The record.
    pub contents: String,
}

/// How a snapshot differs from its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// There is no file.
    Missing(Snapshot),
    /// The file holds another record.
    Changed {
        /// What it should hold.
        new: Snapshot,
        /// What it holds.
        old: String,
    },
    /// A file that belongs to no fixture.
    Orphan(PathBuf),
}

/// The record of a fixture: format, preimage, digest and signature, and what every subject recovers. `None` for a
/// case that is no fixture.
pub fn of_fixture(case: &Case, harness: Harness<'_>) -> Option<Snapshot> {
    let message = case.message.as_ref().filter(|_| case.kind.is_fixture())?;
    let (wire, signature) = case.wire.as_ref()?;
    let mut record = format!("fixture     {}\nabout       {}\n", case.id, case.about);
    record += &text::message(message);
    let judged: Vec<_> = case.asked().map(|input| (input, judge(input, harness.by_reference()))).collect();
    record.extend(judged.iter().map(|(input, _)| text::input(input)));
    if let Err(error) = &case.inputs {
        let _ = writeln!(record, "digest      {}\nunreadable  {error}", to_hex(message.digest.digest));
    }
    let _ = writeln!(record, "wire        {}\nsignature   {}", wire.form(), to_hex(signature));
    for (_, judged) in &judged {
        record += &text::facts(judged);
        record.push('\n');
        for (subject, outcome, _) in &judged.subjects {
            let _ = writeln!(record, "{subject:<17} {outcome}");
        }
    }
    let format = message.format.as_deref().unwrap_or("an expression");
    Some(Snapshot {
        name: format!("fixture__{}", case.id.replace("::", "__")),
        description: format!("format: {format}"),
        contents: record,
    })
}

/// The snapshots of a corpus, one for each fixture, and of the investigation where there is one.
pub fn of_corpus(corpus: &Corpus, harness: Harness<'_>) -> Vec<Snapshot> {
    let fixtures = corpus.cases.iter().filter_map(|case| of_fixture(case, harness));
    let investigation = corpus.investigation.as_ref().map(|investigation| Snapshot {
        name: "investigation".to_owned(),
        description: "the KMS signature investigation".to_owned(),
        contents: text::investigation(&investigation.examine()),
    });
    fixtures.chain(investigation).collect()
}

/// How a folder's files differ from these snapshots.
///
/// # Errors
/// A file that cannot be read, or is no snapshot; a conflict's marks, say.
pub fn differences(snapshots: Vec<Snapshot>, folder: &Path) -> Result<Vec<Difference>, CorpusError> {
    let mut differences = Vec::new();
    let mut files = files(folder)?;
    for snapshot in snapshots {
        let file = snapshot.file(folder);
        if !files.remove(&file) {
            differences.push(Difference::Missing(snapshot));
            continue;
        }
        let old = read(&file)?;
        if old.trim_end() != snapshot.contents.trim_end() {
            differences.push(Difference::Changed { new: snapshot, old });
        }
    }
    differences.extend(files.into_iter().map(Difference::Orphan));
    Ok(differences)
}

impl Snapshot {
    fn file(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.snap", self.name))
    }

    /// The file's text.
    fn text(&self) -> String {
        let Self { description, contents, .. } = self;
        format!("---\nsource: ecrecheck snapshot\ndescription: {description:?}\n---\n{contents}")
    }
}

impl Difference {
    /// Makes the folder as it should be in this respect.
    ///
    /// # Errors
    /// What cannot be written or removed.
    pub fn accept(&self, folder: &Path) -> io::Result<()> {
        match self {
            Self::Missing(new) | Self::Changed { new, .. } => {
                fs::create_dir_all(folder)?;
                let mut file = tempfile::NamedTempFile::new_in(folder)?;
                io::Write::write_all(&mut file, new.text().as_bytes())?;
                file.persist(new.file(folder)).map_err(|error| error.error)?;
                Ok(())
            }
            Self::Orphan(file) => fs::remove_file(file),
        }
    }
}

/// The `.snap` files of a folder; none where there is no folder.
fn files(folder: &Path) -> Result<BTreeSet<PathBuf>, CorpusError> {
    let unreadable = |error| CorpusError::whole(folder, format!("cannot be read: {error}"));
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut files = BTreeSet::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() && path.extension().is_some_and(|extension| extension == "snap") {
            files.insert(path);
        }
    }
    Ok(files)
}

/// The record that a snapshot's file holds.
fn read(file: &Path) -> Result<String, CorpusError> {
    let error = |why: String| CorpusError::whole(file, why);
    let size = fs::metadata(file).map_err(|why| error(format!("cannot be read: {why}")))?.len();
    if size > MAX_SNAPSHOT {
        return Err(error(format!("has {size} bytes: expected at most {MAX_SNAPSHOT}")));
    }
    let bytes = fs::read(file).map_err(|why| error(format!("cannot be read: {why}")))?;
    let text =
        String::from_utf8(bytes).map_err(|_| error("is no text, and so no snapshot: delete it".into()))?;
    let text = text.replace("\r\n", "\n");
    if text.lines().any(|line| line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>")) {
        return Err(error("holds the marks of a merge conflict: resolve it first".into()));
    }
    let record = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    record
        .map(|(_, record)| record.to_owned())
        .ok_or_else(|| error("is no snapshot: expected a header between lines of ---".into()))
}
