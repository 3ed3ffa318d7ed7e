//! `ecrecheck fuzz`: generated cases through every subject.

use crate::cli::tables;
use std::fmt::Write as _;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Args;
use ecrecheck::corpus::{Corpus, REGRESSIONS, load_vectors};
use ecrecheck::generate::{self, STRATEGIES, Strategy};
use ecrecheck::judge::Harness;
use ecrecheck::report::reproducer::{self, Reproducer};
use ecrecheck::run::check::with_subject;
use ecrecheck::run::fuzz::{self, Discovery, FuzzPlan, FuzzProgress, Summary};
use ecrecheck::subject::Subject;
use indicatif::ProgressBar;
use serde_json::json;

use super::outsiders::Outsiders;
use super::place::CorpusPlace;
use super::watch::{bar, on_interrupt, watched};
use super::{Exit, print, print_json};

/// Generates cases that reach the places where implementations can differ, and judges every subject on them.
///
/// A run of N cases with one seed is the same run, whatever the number of jobs. It fails on a finding, and if
/// a strategy did not reach a fact that it must reach, for which some need 4,000 cases. Findings are minimised
/// and written as case files.
#[derive(Debug, Args)]
pub(super) struct Fuzz {
    /// Stop after this many seconds [default: 60, unless --cases is given]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    seconds: Option<u64>,
    /// Stop after this many cases
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    cases: Option<u64>,
    /// The seed of the generated cases
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How many threads, up to 256 [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Judge the inputs of this file or folder first, and fifteen neighbours of each: cases, or vectors of other
    /// projects in JSON (docs/vectors.md); may be given more than once. They come before the cases that are counted
    #[arg(long, value_name = "PATH")]
    seeds: Vec<PathBuf>,
    /// Only this strategy; may be given more than once [default: all; see `list strategies`]
    #[arg(long = "strategy", value_name = "NAME", value_parser = strategy)]
    strategies: Vec<&'static Strategy>,
    /// Where reproducers go [default: regressions/ in the corpus's folder, or else here]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    outsiders: Outsiders,
    #[command(flatten)]
    place: CorpusPlace,
}

fn strategy(name: &str) -> Result<&'static Strategy, String> {
    generate::named(name).ok_or_else(|| {
        let names: Vec<_> = STRATEGIES.iter().map(|strategy| strategy.name).collect();
        format!("there is no strategy `{name}`; there are {}", names.join(", "))
    })
}

impl Fuzz {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let corpus = self.place.load()?;
        let progress = Arc::new(FuzzProgress::default());
        let stopped = Arc::clone(&progress);
        on_interrupt(move || {
            stopped.stop.store(true, Ordering::Relaxed);
            stopped.cases.load(Ordering::Relaxed) > 0
        });
        let subjects = self.outsiders.open()?;
        let divergences = self.outsiders.divergences(&corpus, &subjects)?;
        let kept = || corpus.folder.clone().unwrap_or_default().join(REGRESSIONS);
        let out = self.out.clone().unwrap_or_else(kept);
        if self.out.is_some() {
            reproducer::prepare(&out).with_context(|| format!("--out {}", out.display()))?;
        }
        let harness = Harness::new(&subjects, &divergences);
        let plan = self.plan(&corpus)?;
        let bar = bar(plan.total(), "{elapsed_precise} {bar:24} {human_pos} cases {per_sec} {msg}");
        let asked = plan.asked().len();
        let show = |bar: &ProgressBar| {
            let facts = progress.facts.lock().map_or(0, |facts| facts.len());
            let findings = progress.findings.load(Ordering::Relaxed);
            bar.set_position(progress.cases.load(Ordering::Relaxed));
            bar.set_message(format!("facts {facts} (asked for {asked}), findings {findings}"));
        };
        let summary = watched(&bar, show, || fuzz::run(&plan, harness, &progress));
        let written = write(&summary, &plan, harness, &progress.stop, &out);
        if self.json {
            print_json(&json!({
                "verdict": verdict(&summary).to_lowercase(),
                "seed": plan.seed,
                "cases": summary.cases,
                "seconds": summary.took.as_secs_f64(),
                "strategies": summary.strategies,
                "facts": summary.matrix.rows().map(|(fact, row)| (fact.to_string(), row.cases.into())).collect::<serde_json::Map<_, _>>(),
                "totals": summary.matrix.totals(),
                "missed": summary.missed.iter().map(|(strategy, fact)| json!({"strategy": strategy, "fact": fact})).collect::<Vec<_>>(),
                "findings": written.iter().map(Written::json).collect::<Vec<_>>(),
            }))?;
        } else {
            print(&text(&summary, &plan, &written, &subjects))?;
        }
        self.outsiders.all_asked(&summary.matrix, &subjects)?;
        // An interrupted run fails on findings alone: it had no time to reach everything.
        let clean = if summary.interrupted { summary.findings.is_empty() } else { summary.is_clean() };
        Ok(if clean { Exit::Agreed } else { Exit::Findings })
    }

    fn plan(&self, corpus: &Corpus) -> anyhow::Result<FuzzPlan> {
        let time = self.seconds.or(if self.cases.is_none() { Some(60) } else { None });
        let cores = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let jobs = self.jobs.map_or_else(cores, usize::from);
        let strategies =
            if self.strategies.is_empty() { STRATEGIES.iter().collect() } else { self.strategies.clone() };
        let seeds = if self.seeds.is_empty() {
            Vec::new()
        } else {
            let vectors = load_vectors(&self.seeds, &corpus.formats)?;
            let inputs: Vec<_> = vectors.cases.iter().flat_map(|case| case.asked()).cloned().collect();
            ensure!(!inputs.is_empty(), "--seeds: no inputs: the cases' signatures are none");
            inputs
        };
        let time = time.map(Duration::from_secs);
        Ok(FuzzPlan { seed: self.seed, strategies, seeds, cases: self.cases, time, jobs })
    }
}

/// The run in a word. One that was interrupted agrees with nothing that it did not run.
fn verdict(summary: &Summary) -> &'static str {
    match (summary.is_clean(), summary.interrupted) {
        (_, true) if summary.findings.is_empty() => "INTERRUPTED",
        (true, _) => "agreed",
        (false, _) => "FAILED",
    }
}

/// A finding, minimised, and its file. Where it cannot be written the report holds it: a finding is never lost.
struct Written {
    what: String,
    /// What asks its culprit again.
    with_subject: String,
    reproducer: Reproducer,
    file: io::Result<PathBuf>,
}

/// Minimises every finding, unless it is told to stop, and writes it as a case file.
fn write(
    summary: &Summary,
    plan: &FuzzPlan,
    harness: Harness<'_>,
    stop: &AtomicBool,
    out: &Path,
) -> Vec<Written> {
    let write = |found: &Discovery| {
        let reproducer = Reproducer::of(found, plan, harness, stop);
        let file = reproducer.write(out);
        let what = found.finding.to_string();
        let with_subject = with_subject(&found.finding.culprit, harness.subjects);
        Written { what, with_subject, reproducer, file }
    };
    summary.findings.iter().map(write).collect()
}

impl Written {
    fn json(&self) -> serde_json::Value {
        let file = self.file.as_ref().ok();
        let cut_short = self.reproducer.cut_short;
        json!({"what": self.what, "file": file, "cut_short": cut_short, "case": self.reproducer.toml()})
    }

    fn text(&self) -> String {
        let what = &self.what;
        match &self.file {
            Ok(file) => {
                let (file, with) = (file.display(), &self.with_subject);
                let cut_short = if self.reproducer.cut_short { " (minimising was cut short)" } else { "" };
                format!(
                    "FINDING  {what}\n  written to {file}{cut_short}\n  reproduce: ecrecheck replay {file}{with}\n"
                )
            }
            Err(error) => {
                let case = self.reproducer.toml();
                format!("FINDING  {what}\n  cannot be written ({error}); as a case:\n{case}")
            }
        }
    }
}

fn text(summary: &Summary, plan: &FuzzPlan, written: &[Written], subjects: &[Box<dyn Subject>]) -> String {
    let strategies =
        summary.strategies.iter().map(|(name, cases)| vec![(*name).to_owned(), cases.to_string()]);
    let mut text = tables::matrix(&summary.matrix, subjects);
    let _ = write!(text, "\n{}", tables::totals(&summary.matrix, subjects));
    let _ = write!(text, "\n{}\n", tables::table(&["strategy", "cases"], strategies));
    for (strategy, fact) in summary.missed.iter().filter(|_| !summary.interrupted) {
        let _ = writeln!(
            text,
            "MISSED  {fact}: strategy {strategy} must reach it, and none of its cases did; more cases may"
        );
    }
    text.extend(written.iter().map(Written::text));
    let word = verdict(summary);
    let seconds = summary.took.as_secs_f64();
    let _ = writeln!(
        text,
        "{word}: {} cases in {seconds:.1} s ({:.0}/s, {} jobs, seed {}): {} facts, {} findings, {} missed",
        summary.cases,
        summary.cases as f64 / seconds,
        plan.jobs,
        plan.seed,
        summary.matrix.rows().count(),
        summary.findings.len(),
        summary.missed.len()
    );
    text
}
