//! Finding and reading the corpus's files; errors in one line, with file and line.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::corpus::case::{Place, Spot};

/// The largest file that is read, in bytes: an export as JSON has some 2,100 a case, and this is 30,000 cases.
pub const MAX_FILE: u64 = 64 << 20;
/// The deepest folder below the one that was named.
const MAX_FOLDERS: usize = 16;

/// A file: its path, and what it holds.
pub(crate) type Text = (PathBuf, Cow<'static, str>);

/// What cannot be read or understood, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {message}", .file.display(), .line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct CorpusError {
    /// The file or folder.
    pub file: PathBuf,
    /// The line, the first being 1, where there is one.
    pub line: Option<usize>,
    /// What was expected.
    pub message: String,
}

impl CorpusError {
    pub(crate) fn whole(file: &Path, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, message: message.into() }
    }

    pub(crate) fn at(place: &Place, message: impl Into<String>) -> Self {
        let (line, message) = match &place.spot {
            Spot::Line(line) => (Some(*line), message.into()),
            Spot::Vector(vector) => (None, format!("{vector}: {}", message.into())),
        };
        Self { file: place.file.clone(), line, message }
    }
}

/// The `.toml` files at a path, with their texts: itself, or all below it, sorted.
pub(crate) fn texts(path: &Path) -> Result<Vec<Text>, CorpusError> {
    texts_of(path, &["toml"])
}

/// As [`texts`], with files of these extensions.
pub(crate) fn texts_of(path: &Path, extensions: &[&str]) -> Result<Vec<Text>, CorpusError> {
    let mut found = Vec::new();
    collect(path, extensions, 0, &mut found)?;
    if found.is_empty() {
        let message = format!("no .{} file in this folder", extensions.join(" or ."));
        return Err(CorpusError::whole(path, message));
    }
    found.sort();
    found.into_iter().map(|file| text(&file).map(|text| (file, text.into()))).collect()
}

fn collect(
    path: &Path,
    extensions: &[&str],
    depth: usize,
    found: &mut Vec<PathBuf>,
) -> Result<(), CorpusError> {
    let unreadable = |error| CorpusError::whole(path, format!("cannot be read: {error}"));
    if !fs::metadata(path).map_err(unreadable)?.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    if depth > MAX_FOLDERS {
        return Err(CorpusError::whole(path, format!("folders are nested deeper than {MAX_FOLDERS}")));
    }
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_one = |extension: &OsStr| extensions.iter().any(|one| extension.eq_ignore_ascii_case(one));
        if path.is_dir() || path.extension().is_some_and(is_one) {
            collect(&path, extensions, depth + 1, found)?;
        }
    }
    Ok(())
}

/// Whether a character ends a line, acts on a terminal, or orders and joins the text around it unseen.
pub(crate) fn is_unprintable(c: char) -> bool {
    let unseen = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    c.is_control() || unseen || matches!(c, '\u{ad}' | '\u{61c}' | '\u{feff}')
}

/// A file's contents and where its lines begin.
pub(crate) struct Document<T> {
    contents: T,
    lines: Lines,
}

/// From places in a file's text to lines.
pub(crate) struct Lines {
    file: PathBuf,
    /// The byte after each line feed.
    starts: Vec<usize>,
}

impl<T> Document<T> {
    /// The file's contents, as they stand.
    pub(super) fn contents(self) -> T {
        self.contents
    }

    /// Turns the file's contents into what they mean.
    pub(crate) fn lower<U>(
        self,
        lower: impl FnOnce(T, &Lines) -> Result<U, CorpusError>,
    ) -> Result<U, CorpusError> {
        lower(self.contents, &self.lines)
    }
}

impl Lines {
    fn new(file: &Path, text: &str) -> Self {
        let starts =
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1).collect();
        Self { file: file.to_owned(), starts }
    }

    /// The place of a span of the text.
    pub(crate) fn place(&self, span: Range<usize>) -> Place {
        let line = 1 + self.starts.partition_point(|start| *start <= span.start);
        Place { file: self.file.clone(), spot: Spot::Line(line) }
    }

    /// An error at a span of the text.
    pub(crate) fn error(&self, span: Range<usize>, message: impl Into<String>) -> CorpusError {
        CorpusError::at(&self.place(span), message)
    }
}

/// Reads a TOML file.
pub(crate) fn toml<T: DeserializeOwned>(file: &Path) -> Result<Document<T>, CorpusError> {
    parse(file, &text(file)?)
}

/// Reads TOML that a file holds.
pub(crate) fn parse<T: DeserializeOwned>(file: &Path, text: &str) -> Result<Document<T>, CorpusError> {
    let lines = Lines::new(file, text);
    match toml::from_str(text) {
        Ok(contents) => Ok(Document { contents, lines }),
        Err(error) => {
            let message = error.message().lines().collect::<Vec<_>>().join("; ");
            Err(match error.span() {
                Some(span) => lines.error(span, message),
                None => CorpusError::whole(file, message),
            })
        }
    }
}

/// Reads a file of text.
pub(crate) fn text(file: &Path) -> Result<String, CorpusError> {
    let unreadable = |error| CorpusError::whole(file, format!("cannot be read: {error}"));
    let metadata = fs::metadata(file).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(CorpusError::whole(file, "expected a file"));
    }
    let too_large = |size| format!("has {size} bytes: expected at most {MAX_FILE}");
    if metadata.len() > MAX_FILE {
        return Err(CorpusError::whole(file, too_large(metadata.len())));
    }
    let mut bytes = Vec::new();
    File::open(file).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(CorpusError::whole(file, too_large(bytes.len() as u64)));
    }
    // Some editors begin a file with a mark of its byte order.
    if bytes.starts_with("\u{feff}".as_bytes()) {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        CorpusError {
            file: file.to_owned(),
            line: Some(line),
            message: "expected text, which is UTF-8".into(),
        }
    })
}
