//! The subjects of a command: those of this build, and before them the ones that the user names.

#[cfg(all(unix, feature = "outsiders"))]
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use ecrecheck::corpus::{Corpus, CorpusError};
#[cfg(all(unix, feature = "outsiders"))]
use ecrecheck::judge::DigestDivergence;
use ecrecheck::judge::matrix::Matrix;
use ecrecheck::judge::{Divergence, Scope};
#[cfg(all(unix, feature = "outsiders"))]
use ecrecheck::outsider::roster::Roster;
#[cfg(feature = "outsiders")]
use ecrecheck::outsider::{Settings, Spec};
use ecrecheck::subject::{self, Subject, canary};

/// Implementations beside those of this build, and what is known to differ in them.
#[derive(Debug, Default, Args)]
pub(super) struct Outsiders {
    /// Another subject, repeatable: a command that speaks docs/protocol.md ('node adapter.mjs'), a node's URL, or
    /// library:FILE for a C library; NAME= before it names it
    #[cfg(feature = "outsiders")]
    #[arg(long = "subject", value_name = "SPEC")]
    subjects: Vec<Spec>,
    /// How many seconds a subject of --subject may take for an answer
    #[cfg(feature = "outsiders")]
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// A file of divergences beside the corpus's, repeatable: what is known to differ, and why
    #[arg(long, value_name = "FILE")]
    divergences: Vec<PathBuf>,
}

impl Outsiders {
    /// The outsiders, then every subject of this build, after the canary.
    pub(super) fn open(&self) -> anyhow::Result<Vec<Box<dyn Subject>>> {
        let ours = subject::all()?;
        let mut all = self.started()?;
        for outsider in &all {
            canary::check_outsider(outsider.as_ref())?;
        }
        all.extend(ours.iter().map(|subject| Box::new(subject.as_ref()) as Box<dyn Subject>));
        for (at, subject) in all.iter().enumerate() {
            let name = subject.identity().name;
            if all[..at].iter().any(|other| other.identity().name == name) {
                anyhow::bail!("two subjects are called `{name}`: rename one with --subject NAME=…");
            }
        }
        Ok(all)
    }

    /// How many outsiders there are: they come first.
    pub(super) fn named(&self) -> usize {
        #[cfg(feature = "outsiders")]
        return self.subjects.len();
        #[cfg(not(feature = "outsiders"))]
        0
    }

    /// The outsiders alone, as they are: the canary's signatures are nothing to one that only hashes.
    #[cfg(feature = "outsiders")]
    pub(super) fn started(&self) -> anyhow::Result<Vec<Box<dyn Subject>>> {
        if self.subjects.is_empty() {
            return Ok(Vec::new());
        }
        let settings = self.settings()?;
        Ok(self.subjects.iter().map(|spec| spec.open(&settings)).collect::<Result<_, _>>()?)
    }

    /// How outsiders are treated. An interrupt kills them from now on.
    #[cfg(feature = "outsiders")]
    pub(super) fn settings(&self) -> anyhow::Result<Settings> {
        super::watch::end_on_interrupt();
        let timeout = std::time::Duration::from_secs(self.timeout);
        let settings = Settings { timeout, host: std::env::current_exe()?, ..Settings::default() };
        Ok(Settings { start: settings.start.max(timeout), ..settings })
    }

    #[cfg(not(feature = "outsiders"))]
    fn started(&self) -> anyhow::Result<Vec<Box<dyn Subject>>> {
        Ok(Vec::new())
    }

    /// Whether each outsider was asked anything: one that can express none of the cases agrees with nothing.
    pub(super) fn all_asked(&self, matrix: &Matrix, subjects: &[Box<dyn Subject>]) -> anyhow::Result<()> {
        for subject in &subjects[..self.named()] {
            let name = subject.identity().name;
            if matrix.totals().get(name).is_none_or(|tally| tally.asked() == 0) {
                anyhow::bail!("{name} was not asked anything: it can express none of these cases");
            }
        }
        Ok(())
    }

    /// The corpus's divergences, and those of the user's files, which must name subjects that are there.
    pub(super) fn divergences(
        &self,
        corpus: &Corpus,
        subjects: &[Box<dyn Subject>],
    ) -> anyhow::Result<Vec<Divergence>> {
        self.with_files(corpus.divergences.clone(), Divergence::load, subjects)
    }

    /// As [`Self::divergences`], of what is hashed.
    #[cfg(all(unix, feature = "outsiders"))]
    pub(super) fn digest_divergences(
        &self,
        corpus: &Corpus,
        subjects: &[Box<dyn Subject>],
    ) -> anyhow::Result<Vec<DigestDivergence>> {
        self.with_files(corpus.digest_divergences.clone(), DigestDivergence::load_digests, subjects)
    }

    fn with_files<S: Scope>(
        &self,
        mut all: Vec<Divergence<S>>,
        load: Loader<S>,
        subjects: &[Box<dyn Subject>],
    ) -> anyhow::Result<Vec<Divergence<S>>> {
        for file in &self.divergences {
            add(&mut all, file, load, |divergence| {
                divergence.names_who_is_there(subjects.iter().map(|subject| subject.identity()))
            })?;
        }
        Ok(all)
    }
}

/// The tables of subjects below this folder.
#[cfg(all(unix, feature = "outsiders"))]
pub(super) fn rosters_here() -> Vec<PathBuf> {
    let folders = std::fs::read_dir("subjects").into_iter().flatten();
    let files = folders.filter_map(|folder| Some(folder.ok()?.path().join("subjects.toml")));
    let mut files: Vec<_> = files.filter(|file| file.is_file()).collect();
    files.sort();
    files
}

/// Reads the divergences of a kind in a file.
pub(super) type Loader<S> = fn(&Path) -> Result<Vec<Divergence<S>>, CorpusError>;

/// Adds a file's divergences to others, each if it names whom it may.
fn add<S: Scope>(
    all: &mut Vec<Divergence<S>>,
    file: &Path,
    load: Loader<S>,
    names: impl Fn(&Divergence<S>) -> Result<(), String>,
) -> anyhow::Result<()> {
    for divergence in load(file)? {
        names(&divergence)
            .and_then(|()| divergence.check(all))
            .map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
        all.push(divergence);
    }
    Ok(())
}

/// Adds what a roster's files document: each names rows of the roster.
#[cfg(all(unix, feature = "outsiders"))]
pub(super) fn add_documented<S: Scope>(
    all: &mut Vec<Divergence<S>>,
    roster: &Roster,
    load: Loader<S>,
) -> anyhow::Result<()> {
    let files: BTreeSet<_> = roster.rows.iter().filter_map(|row| row.divergences.as_ref()).collect();
    for file in files {
        add(all, &roster.folder.join(file), load, |divergence| {
            let is_row = |name: &String| roster.rows.iter().any(|row| row.name == *name);
            match divergence.subjects.iter().find(|name| !is_row(name)) {
                None => Ok(()),
                Some(name) => Err(format!(
                    "divergence `{}` names `{name}`, and the table has no such subject",
                    divergence.id
                )),
            }
        })?;
    }
    Ok(())
}
