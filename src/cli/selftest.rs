//! `ecrecheck selftest`: does the harness notice?

use crate::cli::tables::table;
use clap::Args;
use ecrecheck::run::selftest;
use ecrecheck::subject;
use serde_json::json;

use super::{Exit, print, print_json};

/// Hunts implementations that are wrong on purpose, each in one way that some implementation once was. One
/// that is not found fails the run: the harness is blind to that mistake. So does a class of rare inputs that the
/// generators do not reach.
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
        let reach = selftest::reach(self.seed, selftest::CLASSES_WITHIN);
        let reached = reach.classes - reach.unreached.len();
        let passed = hunt.found_all() && reach.unreached.is_empty();
        let found = hunt.bugs.iter().filter(|bug| bug.found.is_some()).count();
        if self.json {
            let bug = |bug: &selftest::Hunted| {
                let (cases, strategy) = bug.found.unzip();
                json!({"bug": bug.name, "about": bug.about, "thread": bug.thread, "cases": cases, "strategy": strategy})
            };
            let bugs: Vec<_> = hunt.bugs.iter().map(bug).collect();
            let verdict = if passed { "found" } else { "failed" };
            let classes = json!({"reached": reached, "cases": reach.cases, "unreached": reach.unreached});
            print_json(&json!({"verdict": verdict, "seed": self.seed, "bugs": bugs, "classes": classes}))?;
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
            for class in &reach.unreached {
                text += &format!("\nNOT REACHED in {} cases: {class}\n", selftest::CLASSES_WITHIN);
            }
            let word = if passed { "found" } else { "FAILED" };
            text += &format!(
                "\n{word}: {found} of {} planted bugs in {} cases, {reached} of {} classes of inputs in {} cases, \
                 {:.1} s (seed {})\n",
                hunt.bugs.len(),
                hunt.cases,
                reach.classes,
                reach.cases,
                (hunt.took + reach.took).as_secs_f64(),
                self.seed
            );
            print(&text)?;
        }
        Ok(if passed { Exit::Agreed } else { Exit::Findings })
    }
}
