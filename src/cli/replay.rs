//! `ecrecheck replay`: reproducers and raw fuzzer inputs.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use ecrecheck::answer::Answer;
use ecrecheck::case::{Case, Input};
use ecrecheck::corpus::{Corpus, load_cases};
use ecrecheck::generate::{STRATEGIES, generate};
use ecrecheck::reproducer::one_line;
use ecrecheck::{check, emit, fuzz, law, report, subject};

use super::place::CorpusPlace;
use super::{Exit, print};

/// The largest raw input that is read: generators ask for less than a thousand bytes.
const MAX_RAW: u64 = 1 << 20;

/// Runs case files (.toml), and bytes that a fuzzer found (any other file), through every subject.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// Case files and raw inputs
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print the cases for other people instead of running them
    #[arg(long, value_enum)]
    emit: Option<Emit>,
    #[command(flatten)]
    place: CorpusPlace,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Emit {
    /// A Rust test of k256 0.14, with a place for another implementation
    Rust,
    /// An entry of go-ethereum's precompile tests
    GethJson,
    /// Calldata of ecrecover
    Calldata,
}

impl Replay {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let subjects = subject::all()?;
        let corpus = self.place.load()?;
        let mut text = String::new();
        let mut exit = Exit::Agreed;
        if let Some(emit) = self.emit {
            let mut cases = Vec::new();
            for file in &self.files {
                cases.extend(inputs(file, is_case_file(file), &corpus)?);
            }
            print(&emitted(emit, &cases)?)?;
            return Ok(exit);
        }
        for file in &self.files {
            let agreed = match is_case_file(file) {
                true => {
                    let cases = load_cases(file, &corpus.formats)?;
                    let report = check::cases(&cases, subjects, &corpus.divergences);
                    text += &report::text::check(&report, subjects);
                    let laws: Vec<_> = cases.iter().flat_map(|case| broken_laws(case, &corpus)).collect();
                    text.extend(laws.iter().map(|law| format!("FINDING  {law}\n")));
                    report.failures.is_empty() && laws.is_empty()
                }
                false => {
                    let generated = generate(&raw(file)?, &STRATEGIES.iter().collect::<Vec<_>>());
                    let (judged, wrong) = fuzz::examine(&generated, subjects, &corpus.divergences);
                    text += &format!("{}: strategy {}\n", file.display(), generated.strategy);
                    if let Some(message) = &generated.message {
                        text += &report::text::message(message);
                    }
                    text += &report::text::input(&generated.input);
                    text += &report::text::facts(&judged);
                    text += &format!("\n{}", report::text::outcomes(&judged, subjects));
                    for (subject, what) in &wrong {
                        text += &format!("FINDING  {subject} {what}\n");
                    }
                    wrong.is_empty()
                }
            };
            if !agreed {
                exit = Exit::Findings;
            }
        }
        print(&text)?;
        Ok(exit)
    }
}

/// What laws say of a case that was a finding once: some findings are of two cases, or of what is signed.
fn broken_laws(case: &Case, corpus: &Corpus) -> Vec<String> {
    let (Ok(subjects), Ok(input)) = (subject::all(), &case.input) else { return Vec::new() };
    let broken = law::check(input, &Answer::to(input).expectation, subjects, &corpus.divergences);
    broken.into_iter().map(|law| one_line(&format!("{}: {} {}", case.id, law.who, law.what))).collect()
}

/// A file's inputs, each with an id.
fn inputs(file: &Path, is_case_file: bool, corpus: &Corpus) -> anyhow::Result<Vec<(String, Input)>> {
    if !is_case_file {
        let generated = generate(&raw(file)?, &STRATEGIES.iter().collect::<Vec<_>>());
        return Ok(vec![(format!("generated::{}", generated.strategy), generated.input)]);
    }
    let cases = load_cases(file, &corpus.formats)?;
    let input = |case: Case| {
        let input = case.input.with_context(|| format!("{}: `{}`", case.place, case.id))?;
        Ok((case.id, input))
    };
    cases.into_iter().map(input).collect()
}

fn raw(file: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("{}: cannot be read", file.display());
    if !fs::metadata(file).with_context(cannot)?.is_file() {
        bail!("{}: expected a file", file.display());
    }
    let mut bytes = Vec::new();
    File::open(file).and_then(|file| file.take(MAX_RAW + 1).read_to_end(&mut bytes)).with_context(cannot)?;
    if bytes.len() as u64 > MAX_RAW {
        bail!("{}: is larger than {MAX_RAW} bytes: no fuzzer input is", file.display());
    }
    Ok(bytes)
}

fn is_case_file(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
}

fn emitted(emit: Emit, cases: &[(String, Input)]) -> anyhow::Result<String> {
    let each = |what: &str, text: &dyn Fn(&str, &Input) -> Option<String>| {
        let said = |(id, input): &(String, Input)| {
            text(id, input).with_context(|| format!("`{id}` cannot be said {what}"))
        };
        cases.iter().map(said).collect::<anyhow::Result<Vec<_>>>()
    };
    Ok(match emit {
        Emit::Rust => each("as a call of a Rust function", &emit::rust)?.join("\n"),
        Emit::Calldata => each("as calldata", &|_, input| emit::calldata_hex(input))?.join("\n") + "\n",
        Emit::GethJson => {
            let entry = |id: &str, input: &Input| emit::geth_json(id, input).map(|json| format!("{json:#}"));
            format!("[\n{}\n]\n", each("in geth's precompile tests", &entry)?.join(",\n"))
        }
    })
}
