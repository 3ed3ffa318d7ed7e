//! Outsiders: implementations outside this process, each a subject by one argument.
//!
//! A [`Spec`] says where one is: a program that speaks [`protocol`], a node behind a URL, a shared library.
//! [`Spec::open`] makes it a [`Subject`].

#[cfg(unix)]
#[allow(unsafe_code, reason = "a library's function can be called in no other way")]
pub mod library;
mod node;
#[cfg(unix)]
mod process;
#[cfg(unix)]
pub mod program;
pub mod protocol;
#[cfg(unix)]
pub mod roster;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

pub use self::node::{CallAnswer, Reader};
use crate::subject::Subject;

/// Where an outsider is, and what to call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// The name to give it in place of its own.
    pub name: Option<String>,
    /// Where it is.
    pub place: Place,
}

/// Where an outsider is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A program and its arguments. It is started without a shell.
    Program(Vec<String>),
    /// The URL of an Ethereum node's JSON-RPC.
    Node(String),
    /// A shared library, and the symbol of its function.
    Library {
        /// The file.
        path: PathBuf,
        /// The function.
        symbol: String,
    },
}

/// The function of the zkVM standards' C interface.
pub const ZKVM_SYMBOL: &str = "zkvm_secp256k1_ecrecover";

/// How outsiders are treated.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long one may take to start: a program until its hello.
    pub start: Duration,
    /// How long one may take for an answer.
    pub timeout: Duration,
    /// How often one that died or hung is started again.
    pub restarts: u32,
    /// How many requests a second a node is sent at most.
    pub requests_per_second: u32,
    /// The `ecrecheck` program, which loads shared libraries in a process of its own: its path, or its name in
    /// PATH. Only libraries need it; it must be of this crate's version.
    pub host: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            start: Duration::from_secs(30),
            timeout: Duration::from_secs(5),
            restarts: 100,
            requests_per_second: 1_000,
            host: "ecrecheck".into(),
        }
    }
}

/// Why an outsider cannot be asked, in a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct OutsiderError {
    what: String,
    why: String,
    /// Whether it is there, and is another than its table says.
    pub is_another: bool,
}

impl OutsiderError {
    /// This outsider cannot be asked, for this reason.
    pub(crate) fn new(what: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self { what: what.to_string(), why: why.to_string(), is_another: false }
    }
}

impl FromStr for Spec {
    type Err = OutsiderError;

    fn from_str(text: &str) -> Result<Self, OutsiderError> {
        let error = |why: &str| OutsiderError::new(format!("subject `{text}`"), why);
        let (name, place) = match text.split_once('=') {
            Some((name, place)) if is_name(name) => (Some(name.to_owned()), place),
            _ => (None, text),
        };
        let place = if place.starts_with("http://") || place.starts_with("https://") {
            Place::Node(place.to_owned())
        } else if place.split_whitespace().next().is_some_and(|word| word.contains("://")) {
            return Err(error("a node's URL begins with http:// or https://"));
        } else if let Some(library) = place.strip_prefix("library:") {
            let (path, symbol) = library.rsplit_once('#').unwrap_or((library, ZKVM_SYMBOL));
            if path.is_empty() || symbol.is_empty() {
                return Err(error("expected library:FILE or library:FILE#SYMBOL"));
            }
            Place::Library { path: path.into(), symbol: symbol.to_owned() }
        } else {
            let words = shlex::split(place).ok_or_else(|| error("a quote is not closed"))?;
            if words.is_empty() {
                return Err(error("expected a command, a URL, or library:FILE"));
            }
            Place::Program(words)
        };
        Ok(Self { name, place })
    }
}

/// Kills every program that runs, with all that it started; no other starts from then on. For a process that ends
/// without dropping its subjects.
pub fn kill_all() {
    #[cfg(unix)]
    process::kill_all();
}

impl Spec {
    /// As it is read, but of a node's URL only the host: the rest may hold a password or a key.
    pub fn without_secrets(&self) -> String {
        let place = match &self.place {
            Place::Node(url) => {
                Place::Node(url.parse().map_or_else(|_| "http://".to_owned(), |url| node::place(&url)))
            }
            other => other.clone(),
        };
        Self { name: self.name.clone(), place }.to_string()
    }
}

impl fmt::Display for Spec {
    /// As it is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{name}=")?;
        }
        match &self.place {
            Place::Program(words) => {
                f.write_str(&words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "))
            }
            Place::Node(url) => f.write_str(url),
            Place::Library { path, symbol } => {
                write!(f, "library:{}", path.display())?;
                if symbol == ZKVM_SYMBOL { Ok(()) } else { write!(f, "#{symbol}") }
            }
        }
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), Into::into)
}

/// Whether a subject may be called that: divergences and reports name it.
fn is_name(name: &str) -> bool {
    let in_names = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (1..=64).contains(&name.len()) && name.chars().all(in_names) && name != "reference"
}

/// What somebody else says, on one line and bounded.
fn words(text: &str) -> String {
    const MOST: usize = 400;
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    let mut words: String = text.trim().chars().take(MOST).map(escape).collect();
    if text.trim().chars().nth(MOST).is_some() {
        words.push('…');
    }
    words
}

impl Spec {
    /// Starts it, and asks who it is.
    ///
    /// # Errors
    /// It cannot be started or reached, or it is not what it should be.
    pub fn open(&self, settings: &Settings) -> Result<Box<dyn Subject>, OutsiderError> {
        match &self.place {
            #[cfg(unix)]
            Place::Program(words) => {
                let mut command = std::process::Command::new(&words[0]);
                command.args(&words[1..]);
                Ok(Box::new(program::Program::start(self, command, settings)?))
            }
            #[cfg(not(unix))]
            Place::Program(_) => Err(OutsiderError::new(format!("subject `{self}`"), "programs need Unix")),
            #[cfg(unix)]
            Place::Library { path, symbol } => Ok(Box::new(library::start(self, path, symbol, settings)?)),
            #[cfg(not(unix))]
            Place::Library { .. } => {
                Err(OutsiderError::new(format!("subject `{self}`"), "libraries need Unix"))
            }
            Place::Node(url) => Ok(Box::new(node::Node::open(url, self.name.as_deref(), settings)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> Result<(Option<String>, Place), String> {
        text.parse().map(|Spec { name, place }| (name, place)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_subject_is_a_command_a_url_or_a_library() {
        let program = |words: &[&str]| Place::Program(words.iter().map(ToString::to_string).collect());
        let library = |path: &str, symbol: &str| Place::Library { path: path.into(), symbol: symbol.into() };
        for (text, name, place) in [
            ("node adapter.mjs", None, program(&["node", "adapter.mjs"])),
            ("./it 'a b' --x=1", None, program(&["./it", "a b", "--x=1"])),
            ("noble-1.9=node adapter.mjs 1", Some("noble-1.9"), program(&["node", "adapter.mjs", "1"])),
            ("'A=b' x", None, program(&["A=b", "x"])),
            ("http://127.0.0.1:8545", None, Place::Node("http://127.0.0.1:8545".into())),
            ("geth=https://a.example/?k=v", Some("geth"), Place::Node("https://a.example/?k=v".into())),
            ("library:./libfoo.so", None, library("./libfoo.so", ZKVM_SYMBOL)),
            ("foo=library:/a/b.so#recover", Some("foo"), library("/a/b.so", "recover")),
        ] {
            assert_eq!(spec(text), Ok((name.map(str::to_owned), place)), "{text}");
            let printed = text.parse::<Spec>().unwrap().to_string();
            assert_eq!(spec(&printed), spec(text), "{printed}");
        }
        for (text, why) in [
            ("", "subject ``: expected a command, a URL, or library:FILE"),
            ("it 'open", "subject `it 'open`: a quote is not closed"),
            ("library:", "subject `library:`: expected library:FILE or library:FILE#SYMBOL"),
        ] {
            assert_eq!(spec(text).unwrap_err(), why);
        }
    }
}
