//! `ecrecheck selftest`: does the harness notice?

use crate::cli::tables::table;
use clap::Args;
use ecrecheck::run::selftest;
use ecrecheck::subject;
use serde_json::json;

use super::{Exit, print, print_json};

/// Hunts implementations that are wrong on purpose, each in one way that some implementation once was. One
/// that is not found fails the run: the harness is blind to that mistake.
#[derive(Debug, Args)]
pub(super) struct Selftest {
    /// What the cases are drawn from
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Selftest {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        subject::all()?; // the canary
        let hunt = selftest::run(self.seed, selftest::WITHIN);
        let found = hunt.bugs.iter().filter(|bug| bug.found.is_some()).count();
        if self.json {
            let bug = |bug: &selftest::Hunted| {
                let (cases, strategy) = bug.found.unzip();
                json!({"bug": bug.name, "about": bug.about, "thread": bug.thread, "cases": cases, "strategy": strategy})
            };
            let bugs: Vec<_> = hunt.bugs.iter().map(bug).collect();
            print_json(
                &json!({"verdict": if hunt.found_all() { "found" } else { "failed" }, "seed": self.seed, "bugs": bugs}),
            )?;
        } else {
            let rows = hunt.bugs.iter().map(|bug| {
                let (cases, strategy) = match bug.found {
                    Some((cases, strategy)) => (cases.to_string(), strategy),
                    None => ("NOT FOUND".to_owned(), ""),
                };
                vec![
                    bug.name.to_owned(),
                    cases,
                    strategy.to_owned(),
                    bug.about.to_owned(),
                    bug.thread.to_owned(),
                ]
            });
            let mut text = table(&["planted bug", "cases", "found by", "what is wrong", "seen in"], rows);
            if let Some(input) = &hunt.false_alarm {
                text += &format!("\nFALSE ALARM: a sound implementation is called wrong on {input}\n");
            }
            let word = if hunt.found_all() { "found" } else { "FAILED" };
            text += &format!(
                "\n{word}: {found} of {} planted bugs in {} cases, {:.1} s (seed {})\n",
                hunt.bugs.len(),
                hunt.cases,
                hunt.took.as_secs_f64(),
                self.seed
            );
            print(&text)?;
        }
        Ok(if hunt.found_all() { Exit::Agreed } else { Exit::Findings })
    }
}
