//! A roster: a table of outsiders in TOML, so that many can be named by one file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::process::Server;
use super::protocol::{Operation, UNKNOWN_VERSION, version};
use super::{OutsiderError, Settings, Spec, is_name, quoted, words};
use crate::subject::Subject;

/// The largest roster that is read, in bytes.
const MAX_SIZE: u64 = 4 << 20;

/// Outsiders, and what is known of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// The language of its rows, or what else they have in common.
    pub language: String,
    /// In the order of the file.
    pub rows: Vec<Row>,
    /// The file's folder: where the rows' files are.
    pub folder: PathBuf,
}

/// An outsider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What it calls itself in its hello: divergences and reports use it.
    pub name: String,
    /// The package that is under test, as its registry calls it.
    pub package: String,
    /// The package's version.
    pub version: String,
    /// Whose arithmetic runs: the same word for the same code. Left out where nothing is recovered.
    pub arithmetic: Option<String>,
    /// What it is.
    #[serde(default)]
    pub kind: RowKind,
    /// What it can be asked.
    pub operations: BTreeSet<Operation>,
    /// The package's licence, an SPDX expression. Left out where it states none.
    pub licence: Option<String>,
    /// The argument of `--subject` that opens it. `{here}` is the roster's folder.
    pub run: String,
    /// The command that serves it while it is asked, for a node: `run` is its URL then.
    pub serve: Option<String>,
    /// The file of what it does differently, in the roster's folder.
    pub divergences: Option<PathBuf>,
    /// An old release, kept for its bugs: which release has none of them. Left out for what is current.
    pub fixed_in: Option<String>,
}

/// What an outsider is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowKind {
    /// A library with arithmetic of its own.
    #[default]
    Library,
    /// A library around another's arithmetic.
    Wrapper,
    /// An EVM in its process.
    Evm,
    /// A node.
    Node,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    language: String,
    subject: Vec<Row>,
}

impl Roster {
    /// Reads a roster.
    ///
    /// # Errors
    /// It cannot be read, it is no roster, it is empty, or two rows have one name.
    pub fn load(file: &Path) -> Result<Self, OutsiderError> {
        let error = |why: String| OutsiderError::new(file.display(), why);
        let size = fs::metadata(file).map_err(|why| error(format!("cannot be read: {why}")))?.len();
        if size > MAX_SIZE {
            return Err(error(format!("has {size} bytes: expected at most {MAX_SIZE}")));
        }
        let text = fs::read_to_string(file).map_err(|why| error(format!("cannot be read: {why}")))?;
        let File { language, subject: rows } =
            toml::from_str(&text).map_err(|why| error(in_a_line(&why, &text)))?;
        if language.is_empty() || rows.iter().any(|row| row.arithmetic.as_deref() == Some("")) {
            return Err(error(
                "a language or an arithmetic is empty: leave out an arithmetic that is none".into(),
            ));
        }
        let mut names = BTreeSet::new();
        for row in &rows {
            if !names.insert(row.name.as_str()) {
                return Err(error(format!("two subjects are called `{}`", row.name)));
            }
            if !is_name(&row.name) {
                let name = words(&row.name);
                return Err(error(format!(
                    "{name:?} is no subject's name: expected letters, digits, `.`, `_` and `-`"
                )));
            }
            row.spec(Path::new("")).map_err(|why| error(why.to_string()))?;
        }
        if rows.is_empty() {
            return Err(error("no subjects: expected [[subject]] tables".into()));
        }
        let folder = file.parent().filter(|folder| *folder != Path::new(""));
        Ok(Self { language, rows, folder: folder.unwrap_or(Path::new(".")).to_owned() })
    }
}

/// An error of TOML, with its line.
fn in_a_line(error: &toml::de::Error, text: &str) -> String {
    let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
    format!("{place}{}", error.message().replace('\n', " "))
}

impl Row {
    /// Where it is, with the roster in this folder.
    ///
    /// # Errors
    /// `run` is no argument of `--subject`.
    pub fn spec(&self, folder: &Path) -> Result<Spec, OutsiderError> {
        let folder = folder.display().to_string();
        // A library's path is no word of a command.
        let folder = if self.run.starts_with("library:") { folder } else { quoted(&folder) };
        let spec: Spec = self.run.replace("{here}", &folder).parse()?;
        Ok(Spec { name: Some(self.name.clone()), ..spec })
    }

    /// Starts it, and what serves it.
    ///
    /// # Errors
    /// As [`Spec::open`]; or what serves it does not start in time; or it is of another version than the row's.
    pub fn open(&self, folder: &Path, settings: &Settings) -> Result<Open, OutsiderError> {
        let spec = self.spec(folder)?;
        let Some(serve) = &self.serve else {
            return self.opened(spec.open(settings)?, None);
        };
        let error = |why: String| OutsiderError::new(format!("server of `{}`", self.name), why);
        let serve = serve.replace("{here}", &quoted(&folder.display().to_string()));
        let words = shlex::split(&serve).filter(|words| !words.is_empty());
        let words = words.ok_or_else(|| error("expected a command".into()))?;
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        let mut server = Server::start(&mut command).map_err(|why| error(why.to_string()))?;
        let deadline = Instant::now() + settings.start;
        loop {
            match spec.open(settings) {
                Ok(subject) => return self.opened(subject, Some(server)),
                Err(why) if server.has_ended() || Instant::now() > deadline => return Err(why),
                Err(_) => thread::sleep(Duration::from_millis(200)),
            }
        }
    }
}

impl Row {
    /// It is of the version that the row says, where the row's is a semantic one and the subject knows its own.
    fn opened(&self, subject: Box<dyn Subject>, server: Option<Server>) -> Result<Open, OutsiderError> {
        let found = &subject.identity().version;
        match version(&self.version) {
            Some(expected) if expected != *found && found.to_string() != UNKNOWN_VERSION => {
                let why =
                    format!("is of version {found}, and its table says {expected}: install what that says");
                let error = OutsiderError::new(format!("subject `{}`", self.name), why);
                Err(OutsiderError { is_another: true, ..error })
            }
            _ => Ok(Open { subject, server }),
        }
    }
}

/// A subject of a roster, and what serves it as long as it is asked.
pub struct Open {
    /// The subject.
    pub subject: Box<dyn Subject>,
    #[expect(dead_code, reason = "it ends when it is dropped")]
    server: Option<Server>,
}
