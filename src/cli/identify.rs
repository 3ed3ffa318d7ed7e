//! `ecrecheck identify`: which bytes were signed?

mod show;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use ecrecheck::corpus::Corpus;
use ecrecheck::format::{Expr, Term};
use ecrecheck::identify::emit::{Language, emit};
use ecrecheck::identify::groups::{GroupsError, GroupsQuestion, identify_groups};
use ecrecheck::identify::search::SearchProgress;
use ecrecheck::identify::space::SpaceError;
use ecrecheck::identify::value::Value;
use ecrecheck::identify::{DEPTH, ExpectedSigner, IdentifyError, LIMIT, Question, Scope, identify};
use ecrecheck::input::bytes::Bytes;
use indicatif::ProgressBar;

use super::place::CorpusPlace;
use super::signer::target;
use super::watch::{bar, on_interrupt, watched};
use super::{Exit, print, print_json};

/// Searches message formats for those under which a signature recovers to an expected signer.
///
/// Give everything that may have been signed as a --value. Known formats are tried first, then common mistakes
/// in them, then every sequence of values and literals up to --depth parts. The search ends after the first
/// stage with a match (see --all). Hex may be given with or without 0x.
///
/// Exit status: 0 a format was found, 1 none was found, 2 bad input or another error.
#[derive(Debug, Args)]
pub(super) struct Identify {
    /// The signature: 65 bytes, or 64 without v
    #[arg(long, value_name = "HEX", required_unless_present = "groups")]
    signature: Option<Bytes>,
    /// The address or public key of a possible signer; repeatable
    #[arg(long, value_name = "ADDRESS|KEY", value_parser = target, required_unless_present = "groups")]
    expect: Vec<ExpectedSigner>,
    /// If the signer is unknown: a TOML file of [[group]] tables, each with a `signature` and its `values`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["signature", "expect", "values"])]
    groups: Option<PathBuf>,
    /// Something that may have been signed, as NAME=0x…, NAME=text or NAME=123; repeatable. Hex digits without
    /// 0x are tried as bytes and as text. NAME:KIND=… sets the kind: bytes, text, number, public-key,
    /// signature, hex
    #[arg(long = "value", value_name = "NAME[:KIND]=VALUE")]
    values: Vec<Value>,
    /// A literal that may be part of the message, besides separators and those of known formats; repeatable
    #[arg(long = "text", value_name = "TEXT")]
    texts: Vec<String>,
    /// The most parts in a sequence
    #[arg(long, value_name = "N", default_value_t = DEPTH)]
    depth: usize,
    /// The most candidates: a larger search space is an error
    #[arg(long, value_name = "N", default_value_t = LIMIT)]
    limit: u64,
    /// Search the whole space instead of ending after the first stage with a match
    #[arg(long)]
    all: bool,
    /// Print nothing but code that verifies with the first format found: solidity, rust, python, typescript
    #[arg(long, value_name = "LANGUAGE", conflicts_with_all = ["json", "groups"])]
    emit: Option<Language>,
    /// The number of threads, up to 256 [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: CorpusPlace,
}

impl Identify {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let corpus = self.place.load()?;
        match &self.groups {
            Some(file) => self.run_groups(file, &corpus),
            None => self.run_signature(&corpus),
        }
    }

    fn run_signature(&self, corpus: &Corpus) -> anyhow::Result<Exit> {
        let question = Question {
            signature: self.signature.clone().map(|signature| signature.0).unwrap_or_default(),
            targets: self.expect.clone(),
            values: self.values.clone(),
            scope: self.scope(),
        };
        let (answer, took) = search(|progress| {
            identify(&question, &corpus.formats, progress).map_err(|error| match error {
                IdentifyError::Space(error) => with_option(error, "--value"),
                IdentifyError::Signature(error) => anyhow::Error::new(error).context("--signature"),
                error => error.into(),
            })
        })?;
        if let (Some(language), Some(found)) = (self.emit, answer.found.first()) {
            let (signature, signer) = (found.reading.bytes(), found.target.address());
            let code = emit(language, &found.expression, &question.values, &signature, signer);
            print(&code.with_context(|| format!("found `{}`", found.expression))?)?;
            return Ok(Exit::Agreed);
        }
        let shown = show::Shown { question: &question, answer: &answer, formats: &corpus.formats, took };
        if self.json {
            print_json(&shown.json())?;
        } else if self.emit.is_some() {
            // Stdout is for code. If stderr is closed too, there is nowhere left to report to.
            let _ = anstream::stderr().write_all(shown.text()?.as_bytes());
        } else {
            print(&shown.text()?)?;
        }
        Ok(if answer.found.is_empty() { Exit::Findings } else { Exit::Agreed })
    }

    fn run_groups(&self, file: &Path, corpus: &Corpus) -> anyhow::Result<Exit> {
        let question =
            GroupsQuestion { groups: ecrecheck::identify::groups::file::load(file)?, scope: self.scope() };
        let (answer, took) = search(|progress| {
            identify_groups(&question, &corpus.formats, progress).map_err(|error| match error {
                GroupsError::Space(error) => with_option(error, "--groups"),
                error => anyhow::Error::new(error).context("--groups"),
            })
        })?;
        let shown =
            show::groups::Shown { question: &question, answer: &answer, formats: &corpus.formats, took };
        if self.json {
            print_json(&shown.json())?;
        } else {
            print(&shown.text()?)?;
        }
        Ok(if answer.found.is_empty() { Exit::Findings } else { Exit::Agreed })
    }

    fn scope(&self) -> Scope {
        let scope = Scope::default();
        Scope {
            literals: self.texts.iter().map(|text| Expr::from(Term::Text(text.clone()))).collect(),
            depth: self.depth,
            limit: self.limit,
            all: self.all,
            jobs: self.jobs.map_or(scope.jobs, usize::from),
        }
    }
}

/// A space's error, with the option that it is about.
fn with_option(error: SpaceError, values: &'static str) -> anyhow::Error {
    let option = match error {
        SpaceError::TooMany { .. } => "--limit",
        SpaceError::Depth(_) => "--depth",
        _ => values,
    };
    anyhow::Error::new(error).context(option)
}

/// Runs a search with a progress bar; Ctrl-C ends it early.
fn search<T>(work: impl FnOnce(&SearchProgress) -> anyhow::Result<T>) -> anyhow::Result<(T, Duration)> {
    let begin = Instant::now();
    let progress = Arc::new(SearchProgress::default());
    let stopped = Arc::clone(&progress);
    on_interrupt(move || {
        stopped.stop.store(true, Ordering::Relaxed);
        true
    });
    let bar =
        bar(Some(0), "{elapsed_precise} {bar:24} {human_pos} of {human_len} candidates {per_sec} {msg}");
    let show = |bar: &ProgressBar| {
        bar.set_length(progress.space.load(Ordering::Relaxed));
        bar.set_position(progress.tried.load(Ordering::Relaxed));
        let stage = progress.stage.lock().map(|stage| stage.clone()).unwrap_or_default();
        bar.set_message(format!("{stage}, found {}", progress.found.load(Ordering::Relaxed)));
    };
    let result = watched(&bar, show, || work(&progress));
    Ok((result?, begin.elapsed()))
}
