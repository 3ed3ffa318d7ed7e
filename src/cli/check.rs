//! `ecrecheck check`: the main job.

use crate::cli::tables;
use std::path::PathBuf;

use clap::Args;
use ecrecheck::corpus::load_all_cases;
use ecrecheck::judge::Harness;
use ecrecheck::report;
use ecrecheck::run::check;

use super::outsiders::Outsiders;
use super::place::CorpusPlace;
use super::{Exit, print, print_json};

/// Runs every case of the corpus through the reference and every subject, and prints a matrix of facts and
/// subjects: how many cases agreed, how many differed as documented, and how many are findings.
#[derive(Debug, Default, Args)]
pub(super) struct Check {
    /// Check this file or folder of cases in place of the corpus's (formats and divergences stay)
    #[arg(long, value_name = "PATH")]
    cases: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
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
        let cases;
        let report = if self.cases.is_empty() {
            if corpus.cases.is_empty() {
                anyhow::bail!("{}: no cases: expected fixtures or cases in it", corpus.place());
            }
            check::corpus(&corpus, harness)
        } else {
            cases = load_all_cases(&self.cases, &corpus.formats)?;
            check::cases(&cases, harness)
        };
        if self.json {
            print_json(&report::json::check(&report, &subjects))?;
        } else {
            print(&tables::check(&report, &subjects))?;
        }
        Ok(if report.failures.is_empty() { Exit::Agreed } else { Exit::Findings })
    }
}
