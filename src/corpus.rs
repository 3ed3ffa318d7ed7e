//! The corpus: formats, fixtures, cases, divergences and the investigation, read from TOML.
//!
//! `corpus/README.md` documents the files. What is read here is well-formed; the check of a corpus, in the
//! module `run`, decides whether it is *right*.

pub mod case;
pub mod investigation;
pub(crate) mod read;
mod schema;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

pub use read::CorpusError;
pub use schema::{FieldValue, FieldValueError};

use crate::corpus::case::Case;
use crate::corpus::investigation::Investigation;
use crate::format::{FormatError, KnownFormat, nearest, parse};
use crate::judge::{Divergence, Harness};
use crate::subject::{self, NoSubjects};

/// The version of the case files that are written, and the newest that is read.
pub const VERSION: u32 = 1;

/// Everything in a corpus folder.
#[derive(Debug)]
pub struct Corpus {
    /// The folder.
    pub folder: PathBuf,
    /// `formats/*.toml`.
    pub formats: Formats,
    /// `fixtures/**/*.toml`, `cases/**/*.toml`, `regressions/**/*.toml` where there are any, and the fixtures of
    /// `investigation.toml`.
    pub cases: Vec<Case>,
    /// `divergences.toml`.
    pub divergences: Vec<Divergence>,
    /// `investigation.toml`.
    pub investigation: Investigation,
}

impl Corpus {
    /// Reads a corpus folder.
    ///
    /// # Errors
    /// The first file that cannot be read or understood, or a part of the corpus that is empty.
    pub fn load(folder: &Path) -> Result<Self, CorpusError> {
        if !folder.is_dir() {
            return Err(CorpusError::whole(folder, "corpus folder not found"));
        }
        let formats = Formats::load(&folder.join("formats"))?;
        let mut cases = load_cases(&folder.join("fixtures"), &formats)?;
        cases.extend(load_cases(&folder.join("cases"), &formats)?);
        if folder.join("regressions").is_dir() {
            cases.extend(load_cases(&folder.join("regressions"), &formats)?);
        }
        let (investigation, fixtures) =
            read::toml(&folder.join("investigation.toml"))?.lower(schema::InvestigationFile::lower)?;
        cases.extend(fixtures);
        refuse_same_ids(&cases)?;
        Ok(Self {
            divergences: read::toml(&folder.join("divergences.toml"))?
                .lower(schema::DivergenceFile::lower)?,
            investigation,
            folder: folder.to_owned(),
            formats,
            cases,
        })
    }

    /// The texts of its files, without regressions.
    ///
    /// # Errors
    /// The first file that cannot be read.
    pub fn texts(&self) -> Result<Vec<(PathBuf, String)>, CorpusError> {
        let mut files = read::files(&self.folder)?;
        files.retain(|file| !file.starts_with(self.folder.join("regressions")));
        files.into_iter().map(|file| read::text(&file).map(|text| (file, text))).collect()
    }
}

/// Reads the fixtures and cases of a file, or of every `.toml` file below a folder.
///
/// # Errors
/// The first file that cannot be read or understood, or if there is not one case.
pub fn load_cases(path: &Path, formats: &Formats) -> Result<Vec<Case>, CorpusError> {
    let mut cases = Vec::new();
    for file in read::files(path)? {
        cases.extend(read::toml(&file)?.lower(|file, lines| schema::CaseFile::lower(file, lines, formats))?);
    }
    if cases.is_empty() {
        return Err(CorpusError::whole(path, "no cases: expected [[case]] or [[fixture]] tables"));
    }
    refuse_same_ids(&cases)?;
    Ok(cases)
}

/// Reads the cases of several paths, as [`load_cases`] does of one.
///
/// # Errors
/// As [`load_cases`], and where two cases of different paths have one id.
pub fn load_all_cases(paths: &[PathBuf], formats: &Formats) -> Result<Vec<Case>, CorpusError> {
    let mut cases = Vec::new();
    for path in paths {
        cases.extend(load_cases(path, formats)?);
    }
    refuse_same_ids(&cases)?;
    Ok(cases)
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
        read::parse(file, text)?.lower(schema::DivergenceFile::lower)
    }

    /// Reads a file of divergences.
    ///
    /// # Errors
    /// It cannot be read, it is no TOML, or no divergences; or it holds none.
    pub fn load(file: &Path) -> Result<Vec<Self>, CorpusError> {
        let divergences = read::toml(file)?.lower(schema::DivergenceFile::lower)?;
        if divergences.is_empty() {
            return Err(CorpusError::whole(file, "no divergences: expected [[divergence]] tables"));
        }
        Ok(divergences)
    }

    /// The divergences of the corpus that this was built with, for what must not depend on files.
    pub fn built_in() -> &'static [Self] {
        /// Taken by build.rs; empty where the corpus was gone when this was built.
        const TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/divergences.toml"));
        static DIVERGENCES: LazyLock<Vec<Divergence>> = LazyLock::new(|| {
            Divergence::parse(Path::new("divergences.toml"), TEXT)
                .unwrap_or_else(|error| unreachable!("a corpus that a test reads: {error}"))
        });
        &DIVERGENCES
    }
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
    /// Every subject, and the divergences of the corpus that this was built with: a fuzzer may run where no
    /// corpus is.
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
        if let Some(first) = seen.insert(&case.id, &case.place) {
            let message = format!("the id `{}` is taken by the case at {first}: ids are unique", case.id);
            return Err(CorpusError { message, ..CorpusError::at(&case.place) });
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
    fn load(folder: &Path) -> Result<Self, CorpusError> {
        let mut formats = Self::default();
        for file in read::files(folder)? {
            formats.add(read::toml(&file)?)?;
        }
        Ok(formats)
    }

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
                return Err(CorpusError { message, ..CorpusError::at(&place) });
            }
            self.0.insert(format.name.clone(), format);
        }
        Ok(())
    }

    /// The formats of the corpus that this was built with, for what must not depend on files.
    pub fn built_in() -> &'static Self {
        /// Gathered by build.rs; empty where the corpus was gone when this was built.
        const TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/formats.toml"));
        static FORMATS: LazyLock<Formats> = LazyLock::new(|| {
            Formats::parse(Path::new("formats"), TEXT)
                .unwrap_or_else(|error| unreachable!("a corpus that a test reads: {error}"))
        });
        &FORMATS
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
