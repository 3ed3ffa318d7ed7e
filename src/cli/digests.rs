//! `ecrecheck digests`: whether libraries hash what the known formats do.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use ecrecheck::judge::DigestDivergence;
use ecrecheck::outsider::protocol::Operation;
use ecrecheck::outsider::roster::Roster;
use ecrecheck::report;
use ecrecheck::run::digests::{Plan, digests, messages};
use ecrecheck::subject::Subject;

use super::outsiders::{Outsiders, add_documented};
use super::place::CorpusPlace;
use super::{Exit, print, print_json, tables};

/// Asks libraries what they hash for a message (the operation `digest` of docs/protocol.md), and holds it to the
/// known formats: over the fixtures' fields, and over generated ones with each fact of `list message-facts`.
#[derive(Debug, Args)]
pub(super) struct Digests {
    /// A table of subjects (subjects/*/digests/subjects.toml), repeatable: those of its rows that hash are asked
    #[arg(long = "subjects", value_name = "FILE")]
    rosters: Vec<PathBuf>,
    /// How many messages are made for a format: ordinary ones, and with each fact
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1000))]
    each: u16,
    /// What they are made from
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    outsiders: Outsiders,
    #[command(flatten)]
    place: CorpusPlace,
}

impl Digests {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let corpus = self.place.load()?;
        let mut subjects = self.outsiders.started()?;
        let mut divergences = self.outsiders.digest_divergences(&corpus, &subjects)?;
        let mut not_run = Vec::new();
        for file in &self.rosters {
            let roster = Roster::load(file)?;
            self.open(&roster, &mut subjects, &mut divergences, &mut not_run)?;
        }
        if subjects.is_empty() && not_run.is_empty() {
            bail!(
                "no subjects: give --subject SPEC, or --subjects FILE with a row that has the operation digest"
            );
        }
        for divergence in &divergences {
            if let Some(format) = divergence.scope.iter().find(|name| corpus.formats.named(name).is_none()) {
                bail!("divergence `{}` names the format `{format}`, which is not known", divergence.id);
            }
            for subject in &subjects {
                divergence.speaks_of(subject.identity()).map_err(anyhow::Error::msg)?;
            }
        }
        let cases = messages(&corpus, Plan { each: self.each.into(), seed: self.seed });
        let report = digests(&cases, &subjects, &divergences);
        if self.json {
            print_json(&report::digests::json(&report, &subjects, &not_run))?;
        } else {
            print(&tables::digests(&report, &subjects, &not_run))?;
        }
        for subject in &subjects {
            let name = subject.identity().name;
            if report.total(name).asked() == 0 {
                bail!("{name} was not asked anything: it offers none of the known formats");
            }
        }
        if subjects.is_empty() {
            bail!("no subject could be run");
        }
        Ok(if report.agrees() { Exit::Agreed } else { Exit::Findings })
    }

    /// Opens the rows of a roster that hash, with what is documented of them; those that cannot be opened are named.
    fn open(
        &self,
        roster: &Roster,
        subjects: &mut Vec<Box<dyn Subject>>,
        divergences: &mut Vec<DigestDivergence>,
        not_run: &mut Vec<(String, String)>,
    ) -> anyhow::Result<()> {
        let settings = self.outsiders.settings()?;
        add_documented(divergences, roster, DigestDivergence::load_digests)?;
        for row in roster.rows.iter().filter(|row| row.operations.contains(&Operation::Digest)) {
            if subjects.iter().any(|subject| subject.identity().name == row.name) {
                bail!("two subjects are called `{}`", row.name);
            }
            match row.open(&roster.folder, &settings) {
                Ok(open) => subjects.push(open.subject),
                Err(error) => not_run.push((row.name.clone(), error.to_string())),
            }
        }
        Ok(())
    }
}
