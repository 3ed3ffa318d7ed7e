//! `ecrecheck check`: the main job.

use crate::cli::tables;
#[cfg(feature = "outsiders")]
use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use ecrecheck::corpus::load_vectors;
use ecrecheck::judge::Harness;
use ecrecheck::report;
use ecrecheck::run::check::{self, CheckReport};
#[cfg(feature = "outsiders")]
use ecrecheck::run::suggest::{learn, observe};

use super::outsiders::Outsiders;
use super::place::CorpusPlace;
use super::{Exit, print, print_json};

/// Runs every case of the corpus through the reference and every subject, and prints a matrix of facts and
/// subjects: how many cases agreed, how many differed as documented, and how many are findings.
#[derive(Debug, Default, Args)]
pub(super) struct Check {
    /// Check this file or folder of cases, or of vectors of other projects in JSON (docs/vectors.md), in place of the
    /// corpus's (formats and divergences stay)
    #[arg(long, value_name = "PATH")]
    cases: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print the divergences that would document what each --subject does, in place of the report
    #[cfg(feature = "outsiders")]
    #[arg(long, requires = "subjects", conflicts_with = "json")]
    suggest_divergences: bool,
    #[command(flatten)]
    outsiders: Outsiders,
    #[command(flatten)]
    place: CorpusPlace,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let corpus = self.place.load()?;
        let subjects = self.outsiders.open()?;
        let divergences = self.outsiders.divergences(&corpus, &subjects)?;
        let harness = Harness::new(&subjects, &divergences);
        let vectors;
        let report = if self.cases.is_empty() {
            if corpus.cases.is_empty() {
                anyhow::bail!("{}: no cases: expected fixtures or cases in it", corpus.place());
            }
            check::corpus(&corpus, harness)
        } else {
            vectors = load_vectors(&self.cases, &corpus.formats)?;
            check::vectors(&vectors, harness)
        };
        #[cfg(feature = "outsiders")]
        if self.suggest_divergences {
            let outsiders = &subjects[..self.outsiders.named()];
            for (subject, seen) in outsiders.iter().zip(observe(&report, outsiders, &divergences)) {
                let learned = learn(subject.identity(), &seen, &divergences);
                print(&report::suggestions::toml(&learned, subject.spec().as_deref()))?;
            }
            self.outsiders.all_asked(&report.matrix, &subjects)?;
            let _ = anstream::stderr().write_all(tables::check_verdict(&report, &subjects).as_bytes());
            return Ok(exit(&report));
        }
        if self.json {
            print_json(&report::json::check(&report, &subjects))?;
        } else {
            print(&tables::check(&report, &subjects))?;
        }
        self.outsiders.all_asked(&report.matrix, &subjects)?;
        Ok(exit(&report))
    }
}

fn exit(report: &CheckReport<'_>) -> Exit {
    if report.failures.is_empty() { Exit::Agreed } else { Exit::Findings }
}
