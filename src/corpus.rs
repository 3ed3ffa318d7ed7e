//! The corpus: formats, fixtures, cases, divergences and the investigation, read from TOML.
//!
//! `corpus/README.md` documents the files. What is read here is well-formed; the check of a corpus, in the
//! module `run`, decides whether it is *right*.

pub mod case;
pub mod investigation;
pub mod proxy;
pub(crate) mod read;
mod schema;
mod suite;
pub mod vector;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use read::Text;
pub use read::{CorpusError, MAX_FILE};
pub use schema::{FieldValue, FieldValueError};
pub use suite::{Unsaid, Vectors};

use crate::corpus::case::{Case, Spot};
use crate::corpus::investigation::Investigation;
use crate::format::{FormatError, KnownFormat, nearest, parse};
use crate::judge::{DigestDivergence, Divergence, Harness};
use crate::subject::{self, NoSubjects};

/// The version of the case files that are written, and the newest that is read.
pub const VERSION: u32 = 1;

/// The files that build.rs found in this package's corpus, each with its text.
static BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/corpus.rs"));

/// What is read in a corpus folder: folders with all their files, and files. What is absent is empty.
const PARTS: [&str; 7] =
    [MANIFEST, "formats", "fixtures", "cases", REGRESSIONS, "investigation.toml", "divergences.toml"];

/// Says what a corpus says of itself.
const MANIFEST: &str = "corpus.toml";

/// Where findings are kept as cases.
pub const REGRESSIONS: &str = "regressions";

/// Everything in a corpus folder.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// The folder. The corpus that is compiled in has none.
    pub folder: Option<PathBuf>,
    /// Whether it stands alone and covers every fact, format and divergence, as `corpus.toml` says. One that is
    /// not complete has the built-in formats and divergences beside its own.
    pub complete: bool,
    /// `formats/*.toml`.
    pub formats: Formats,
    /// `fixtures/**/*.toml`, `cases/**/*.toml`, `regressions/**/*.toml` where there are any, and the fixtures of
    /// `investigation.toml`.
    pub cases: Vec<Case>,
    /// `divergences.toml`: what differs in recovery.
    pub divergences: Vec<Divergence>,
    /// `divergences.toml`: what differs in what is hashed.
    pub digest_divergences: Vec<DigestDivergence>,
    /// `investigation.toml`, where there is one.
    pub investigation: Option<Investigation>,
    /// What it was read from, without regressions.
    texts: Vec<Text>,
}

impl Corpus {
    /// Reads a corpus folder.
    ///
    /// # Errors
    /// The first file that cannot be read or understood, a part that is there and empty, or nothing that a corpus
    /// consists of.
    pub fn load(folder: &Path) -> Result<Self, CorpusError> {
        if !folder.is_dir() {
            return Err(CorpusError::whole(folder, "corpus folder not found"));
        }
        let mut texts = Vec::new();
        for part in PARTS {
            let path = folder.join(part);
            if path.is_dir() || (part != REGRESSIONS && path.exists()) {
                texts.extend(read::texts(&path)?);
            }
        }
        if texts.is_empty() {
            let parts = PARTS.join(", ");
            return Err(CorpusError::whole(folder, format!("no corpus: expected some of {parts} in it")));
        }
        Ok(Self { folder: Some(folder.to_owned()), ..Self::of(folder, texts)? })
    }

    /// The corpus of this package when it was built. It is compiled in: no file is read.
    pub fn built_in() -> &'static Self {
        static CORPUS: LazyLock<Corpus> = LazyLock::new(|| {
            let folder = Path::new("corpus");
            let texts = BUILT_IN.iter().map(|(file, text)| (folder.join(file), Cow::Borrowed(*text)));
            Corpus::of(folder, texts.collect())
                .unwrap_or_else(|error| unreachable!("a corpus that a test reads: {error}"))
        });
        &CORPUS
    }

    /// A corpus from the texts of the files below `folder`.
    fn of(folder: &Path, mut texts: Vec<Text>) -> Result<Self, CorpusError> {
        texts.sort();
        let below = |part| {
            let path = folder.join(part);
            texts.iter().filter(move |(file, _)| file.starts_with(&path))
        };
        let manifest = match below(MANIFEST).next() {
            Some((file, text)) => read::parse(file, text)?.contents(),
            None => schema::Manifest::default(),
        };
        if manifest.complete {
            for part in ["formats", "fixtures", "cases", "investigation.toml", "divergences.toml"] {
                if below(part).next().is_none() {
                    let message = format!("not found, and {MANIFEST} says that the corpus is complete");
                    return Err(CorpusError::whole(&folder.join(part), message));
                }
            }
        }
        let mut formats = if manifest.complete { Formats::default() } else { Formats::built_in().clone() };
        for (file, text) in below("formats") {
            formats.add(read::parse(file, text)?)?;
        }
        let mut cases = Vec::new();
        for part in ["fixtures", "cases", REGRESSIONS] {
            if below(part).next().is_some() {
                cases.extend(cases_of(&folder.join(part), below(part), &formats)?);
            }
        }
        let investigation = match below("investigation.toml").next() {
            Some((file, text)) => {
                let (investigation, fixtures) =
                    read::parse(file, text)?.lower(schema::InvestigationFile::lower)?;
                cases.extend(fixtures);
                Some(investigation)
            }
            None => None,
        };
        refuse_same_ids(&cases)?;
        let (mut divergences, digest_divergences) = match below("divergences.toml").next() {
            Some((file, text)) => read::parse(file, text)?.lower(schema::DivergenceFile::lower)?,
            None => Default::default(),
        };
        if !manifest.complete {
            let theirs = |id: &String| divergences.iter().any(|entry| entry.id == *id);
            if let Some(taken) = Divergence::built_in().iter().find(|entry| theirs(&entry.id)) {
                let message = format!("the id `{}` is taken by a built-in divergence", taken.id);
                return Err(CorpusError::whole(&folder.join("divergences.toml"), message));
            }
            divergences.extend(Divergence::built_in().iter().cloned());
        }
        texts.retain(|(file, _)| !file.starts_with(folder.join(REGRESSIONS)));
        let complete = manifest.complete;
        Ok(Self {
            folder: None,
            complete,
            formats,
            cases,
            divergences,
            digest_divergences,
            investigation,
            texts,
        })
    }

    /// Which corpus it is, in words: its folder, or that it is compiled in.
    pub fn place(&self) -> String {
        match &self.folder {
            Some(folder) => folder.display().to_string(),
            None => format!("the built-in corpus of ecrecheck {}", env!("CARGO_PKG_VERSION")),
        }
    }

    /// Its files, each with its text, without regressions.
    pub fn texts(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.texts.iter().map(|(file, text)| (file.as_path(), text.as_ref()))
    }
}

/// Reads the fixtures and cases of a file, or of every `.toml` file below a folder.
///
/// # Errors
/// The first file that cannot be read or understood, or if there is not one case.
pub fn load_cases(path: &Path, formats: &Formats) -> Result<Vec<Case>, CorpusError> {
    cases_of(path, &read::texts(path)?, formats)
}

/// The cases that the texts of the files at `path` hold, or an error if there is not one.
fn cases_of<'a>(
    path: &Path,
    texts: impl IntoIterator<Item = &'a Text>,
    formats: &Formats,
) -> Result<Vec<Case>, CorpusError> {
    let mut cases = Vec::new();
    for (file, text) in texts {
        let contents = read::parse(file, text)?;
        cases.extend(contents.lower(|file, lines| schema::CaseFile::lower(file, lines, formats))?);
    }
    if cases.is_empty() {
        return Err(CorpusError::whole(path, "no cases: expected [[case]] or [[fixture]] tables"));
    }
    refuse_same_ids(&cases)?;
    Ok(cases)
}

/// The file in which an export lists its files: it holds no cases.
pub const EXPORT_LIST: &str = "export.toml";

/// Reads the cases of several paths: files, or folders with all below them. A file is one of cases, or vectors of
/// another project in JSON.
///
/// # Errors
/// The first file that cannot be read or understood, a path without a case, two cases of one id, or two vectors of one
/// file that have one.
pub fn load_vectors(paths: &[PathBuf], formats: &Formats) -> Result<Vectors, CorpusError> {
    let mut vectors = Vectors::default();
    for path in paths {
        let before = vectors.cases.len();
        for (file, text) in read::texts_of(path, &["toml", "json"])? {
            if file.file_name().is_some_and(|name| name == EXPORT_LIST) {
                continue;
            }
            if suite::is_json(&file, &text) {
                let suite::Vectors { cases, unsaid } = suite::parse(&file, &text)?;
                vectors.cases.extend(cases);
                vectors.unsaid.extend(unsaid);
            } else {
                vectors.cases.extend(parse_cases(&file, &text, formats)?);
            }
        }
        if vectors.cases.len() == before {
            let message = match vectors.unsaid.last() {
                Some(unsaid) => {
                    format!("no vector that can be said, such as {}: {}", unsaid.place, unsaid.reason)
                }
                None => "no cases: expected [[case]] or [[fixture]] tables, or vectors in JSON".to_owned(),
            };
            return Err(CorpusError::whole(path, message));
        }
    }
    refuse_same_ids(&vectors.cases)?;
    Ok(vectors)
}

/// Reads the cases that a file's text holds: none is no error here.
///
/// # Errors
/// It is no TOML, or no cases.
pub fn parse_cases(file: &Path, text: &str, formats: &Formats) -> Result<Vec<Case>, CorpusError> {
    let cases = read::parse(file, text)?
        .lower(|contents, lines| schema::CaseFile::lower(contents, lines, formats))?;
    refuse_same_ids(&cases)?;
    Ok(cases)
}

impl Divergence {
    /// Reads the divergences that a file's text holds.
    ///
    /// # Errors
    /// It is no TOML, or no divergences.
    pub fn parse(file: &Path, text: &str) -> Result<Vec<Self>, CorpusError> {
        Ok(read::parse(file, text)?.lower(schema::DivergenceFile::lower)?.0)
    }

    /// Reads a file of divergences: those of recovery.
    ///
    /// # Errors
    /// It cannot be read, it is no TOML, or no divergences; or it holds none of any kind.
    pub fn load(file: &Path) -> Result<Vec<Self>, CorpusError> {
        Ok(load_divergences(file)?.0)
    }

    /// The divergences of the corpus that is compiled in.
    pub fn built_in() -> &'static [Self] {
        &Corpus::built_in().divergences
    }
}

impl DigestDivergence {
    /// Reads a file of divergences: those of what is hashed.
    ///
    /// # Errors
    /// As [`Divergence::load`].
    pub fn load_digests(file: &Path) -> Result<Vec<Self>, CorpusError> {
        Ok(load_divergences(file)?.1)
    }
}

fn load_divergences(file: &Path) -> Result<(Vec<Divergence>, Vec<DigestDivergence>), CorpusError> {
    let (recoveries, digests) = read::toml(file)?.lower(schema::DivergenceFile::lower)?;
    if recoveries.is_empty() && digests.is_empty() {
        let message = "no divergences: expected [[divergence]] or [[digest]] tables";
        return Err(CorpusError::whole(file, message));
    }
    Ok((recoveries, digests))
}

impl Investigation {
    /// Reads the investigation that a file's text holds.
    ///
    /// # Errors
    /// It is no TOML, or no investigation.
    pub fn parse(file: &Path, text: &str) -> Result<Self, CorpusError> {
        Ok(read::parse(file, text)?.lower(schema::InvestigationFile::lower)?.0)
    }
}

impl Harness<'static> {
    /// Every subject, and the divergences of the corpus that is compiled in: a fuzzer may run where no corpus is.
    ///
    /// # Errors
    /// A known-answer test failed: a subject's cryptography is not real, as in some fuzzing builds; or another
    /// crypto provider of revm is installed in this process.
    pub fn built_in() -> Result<Self, NoSubjects> {
        Ok(Self::new(subject::all()?, Divergence::built_in()))
    }
}

fn refuse_same_ids(cases: &[Case]) -> Result<(), CorpusError> {
    let mut seen = BTreeMap::new();
    for case in cases {
        // Vectors of two files may have one id: most have theirs from the file's name.
        let file = matches!(case.place.spot, Spot::Vector(_)).then_some(&case.place.file);
        if let Some(first) = seen.insert((&case.id, file), &case.place) {
            let message = format!("the id `{}` is taken by the case at {first}: ids are unique", case.id);
            return Err(CorpusError::at(&case.place, message));
        }
    }
    Ok(())
}

/// The known formats, by name.
#[derive(Debug, Clone, Default)]
pub struct Formats(BTreeMap<String, KnownFormat>);

/// Why a text is neither a known format's name nor an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownFormat {
    /// It looks like a name.
    #[error("unknown format `{name}`; {}", match .nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "`ecrecheck list formats` lists them".to_owned(),
    })]
    Name {
        /// The name.
        name: String,
        /// The known name that is most like it.
        nearest: Option<String>,
    },
    /// It is read as an expression, and is none.
    #[error(transparent)]
    Expression(#[from] FormatError),
}

impl Formats {
    /// Reads the formats that a file's text holds.
    ///
    /// # Errors
    /// It is no TOML, or no formats.
    pub fn parse(file: &Path, text: &str) -> Result<Self, CorpusError> {
        let mut formats = Self::default();
        formats.add(read::parse(file, text)?)?;
        Ok(formats)
    }

    fn add(&mut self, file: read::Document<schema::FormatFile>) -> Result<(), CorpusError> {
        for (format, place) in file.lower(schema::FormatFile::lower)? {
            if self.0.contains_key(&format.name) {
                let message = format!("two formats have the name `{}`", format.name);
                return Err(CorpusError::at(&place, message));
            }
            self.0.insert(format.name.clone(), format);
        }
        Ok(())
    }

    /// The formats of the corpus that is compiled in.
    pub fn built_in() -> &'static Self {
        &Corpus::built_in().formats
    }

    /// Every format, by name.
    pub fn iter(&self) -> impl Iterator<Item = &KnownFormat> {
        self.0.values()
    }

    /// The format of this name.
    pub fn named(&self, name: &str) -> Option<&KnownFormat> {
        self.0.get(name)
    }

    /// The known format of this name, or the expression that the text is.
    ///
    /// A text of lowercase words with a `.` between them is a name: no expression looks like that.
    ///
    /// # Errors
    /// An unknown name, or an expression that does not parse.
    pub fn resolve(&self, text: &str) -> Result<Resolved<'_>, UnknownFormat> {
        if let Some(format) = self.named(text) {
            return Ok(Resolved::Known(format));
        }
        let in_names = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if text.contains('.') && text.chars().all(in_names) {
            let nearest = nearest(text, self.0.keys().map(String::as_str)).map(str::to_owned);
            return Err(UnknownFormat::Name { name: text.to_owned(), nearest });
        }
        Ok(Resolved::Expression(parse(text)?))
    }
}

/// What a text that names a format stands for.
#[derive(Debug, Clone)]
pub enum Resolved<'a> {
    /// A known format.
    Known(&'a KnownFormat),
    /// An expression.
    Expression(crate::format::Expr),
}

impl Resolved<'_> {
    /// How the digest is made.
    pub fn expression(&self) -> &crate::format::Expr {
        match self {
            Self::Known(format) => &format.digest,
            Self::Expression(expression) => expression,
        }
    }
}
