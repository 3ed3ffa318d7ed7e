//! `ecrecheck replay`: reproducers and raw fuzzer inputs.

use crate::cli::tables;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use ecrecheck::corpus::case::Case;
use ecrecheck::corpus::{Corpus, REGRESSIONS, load_cases};
use ecrecheck::fuzz_target::{ExaminedBytes, FuzzTarget, seed};
use ecrecheck::input::Input;
use ecrecheck::input::hash::keccak256;
use ecrecheck::judge::finding::Finding;
use ecrecheck::judge::law::Laws;
use ecrecheck::judge::{Harness, examine, judge};
use ecrecheck::report::emit;
use ecrecheck::report::reproducer::{self, Reproducer};
use ecrecheck::run::{check, planted};
use ecrecheck::subject::Subject;

use super::outsiders::Outsiders;
use super::place::CorpusPlace;
use super::{Exit, print};

/// The largest raw input that is read: targets ask for less than a thousand bytes, or for a text.
const MAX_RAW: u64 = 1 << 20;

/// Runs case files (.toml) and raw fuzzer inputs (any other file) through every subject.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// Case files and raw inputs
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The fuzz target of the raw inputs [default: the name of their folder]
    #[arg(long, value_name = "NAME", value_parser = target)]
    target: Option<&'static FuzzTarget>,
    /// Keep raw inputs in the corpus: as cases in regressions/, or as seeds if they hold no signature
    #[arg(long, conflicts_with = "emit")]
    keep: bool,
    /// The folder to keep them in instead of the corpus
    #[arg(long, value_name = "FOLDER", requires = "keep")]
    out: Option<PathBuf>,
    /// Examine a planted bug instead of the real subjects (`ecrecheck selftest` names them)
    #[arg(long, value_name = "NAME", conflicts_with_all = ["emit", "keep"])]
    planted: Option<String>,
    /// Print the cases as tests for other projects instead of running them
    #[arg(long, value_enum)]
    emit: Option<Emit>,
    #[command(flatten)]
    outsiders: Outsiders,
    #[command(flatten)]
    place: CorpusPlace,
}

fn target_named(name: &str) -> Option<&'static FuzzTarget> {
    ecrecheck::fuzz_targets().into_iter().find(|target| target.name == name)
}

fn target(name: &str) -> Result<&'static FuzzTarget, String> {
    target_named(name).ok_or_else(|| format!("unknown fuzz target `{name}`; the targets are {}", names()))
}

fn planted(name: &str) -> anyhow::Result<Vec<Box<dyn Subject>>> {
    let bug = planted::subjects().into_iter().find(|bug| bug.identity().name == name);
    let bug = bug.with_context(|| format!("no planted bug `{name}`: `ecrecheck selftest` names them"))?;
    Ok(vec![Box::new(bug)])
}

fn names() -> String {
    ecrecheck::fuzz_targets().iter().map(|target| target.name).collect::<Vec<_>>().join(", ")
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Emit {
    /// Rust tests that call k256 0.14 in one function, which can be replaced
    Rust,
    /// Entries of go-ethereum's precompile tests
    GethJson,
    /// The calldata of EVM ecrecover, a line per case
    Calldata,
}

impl Replay {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let subjects = match &self.planted {
            Some(name) => planted(name)?,
            None => self.outsiders.open()?,
        };
        let subjects = subjects.as_slice();
        let corpus = self.place.load()?;
        if self.keep && self.out.is_none() && corpus.folder.is_none() {
            bail!("--keep: the built-in corpus cannot be written to: give --out FOLDER or --corpus FOLDER");
        }
        let divergences = self.outsiders.divergences(&corpus, subjects)?;
        if let Some(emit) = self.emit {
            let mut cases = Vec::new();
            for file in &self.files {
                cases.extend(self.inputs(file, &corpus)?);
            }
            print(&emitted(emit, &cases)?)?;
            return Ok(Exit::Agreed);
        }
        let harness = Harness::new(subjects, &divergences);
        let mut exit = Exit::Agreed;
        for file in &self.files {
            // A file at a time: what a later one is cannot hide what came of this.
            let mut text = String::new();
            let agreed = if self.is_case_file(file) {
                if self.keep {
                    bail!(
                        "{}: is a case file: move it to regressions/ in the corpus to keep it",
                        file.display()
                    );
                }
                let cases = load_cases(file, &corpus.formats)?;
                let report = check::cases(&cases, harness);
                text += &tables::check(&report, subjects);
                let laws: Vec<_> = cases.iter().flat_map(|case| broken_laws(case, harness)).collect();
                text.extend(laws.iter().map(|law| format!("FINDING  {law}\n")));
                report.failures.is_empty() && laws.is_empty()
            } else {
                self.raw(file, &corpus, harness, &mut text)?
            };
            if !agreed {
                exit = Exit::Findings;
            }
            print(&text)?;
        }
        Ok(exit)
    }

    /// Runs a raw input, says what came of it, keeps it where that was asked for. Whether nothing is wrong.
    fn raw(
        &self,
        file: &Path,
        corpus: &Corpus,
        harness: Harness<'_>,
        text: &mut String,
    ) -> anyhow::Result<bool> {
        let target = self.target_of(file)?;
        let bytes = raw(file)?;
        let ExaminedBytes { case, findings: wrong } = target.examine(&bytes, harness);
        *text += &format!("{}: target {}\n", file.display(), target.name);
        if let Some(case) = &case {
            *text += &format!("{case:?}");
        }
        let input = case.as_ref().and_then(|case| case.input());
        if let Some(input) = input {
            let judged = judge(input, harness);
            *text += &format!("\n{}", tables::outcomes(&judged, harness.subjects));
        }
        text.extend(wrong.iter().map(|wrong| format!("FINDING  {wrong}\n")));
        if self.keep {
            let kept = self.keep(target, &bytes, input, &wrong, corpus)?;
            let next = if has_toml(&kept) { ": fill in the cause" } else { "" };
            *text += &format!("kept as {}{next}\n", kept.display());
        }
        Ok(wrong.is_empty())
    }

    /// Writes a raw input: the input that shows what is wrong as a case, or the bytes as a seed.
    fn keep(
        &self,
        target: &FuzzTarget,
        bytes: &[u8],
        input: Option<&Input>,
        wrong: &[Finding],
        corpus: &Corpus,
    ) -> anyhow::Result<PathBuf> {
        let folder = |below: &[&str]| {
            let corpus = corpus.folder.clone().unwrap_or_default();
            self.out.clone().unwrap_or_else(|| corpus.join(below.iter().collect::<PathBuf>()))
        };
        let first = wrong.first();
        let hash = const_hex::encode(&keccak256(bytes)[..6]);
        if let Some(input) = first.and_then(|wrong| wrong.input.as_ref()).or(input) {
            let origin = format!("fuzz target {}, input {hash}", target.name);
            let folder = folder(&[REGRESSIONS]);
            let written = Reproducer::of_input(input, first.cloned(), &origin).write(&folder);
            return written.with_context(|| format!("{}: cannot be written to", folder.display()));
        }
        let folder = folder(&["seeds", target.name]);
        let cannot = || format!("{}: cannot be written to", folder.display());
        reproducer::prepare(&folder).with_context(cannot)?;
        let file = folder.join(format!("{}{hash}", seed::KEPT_PREFIX));
        fs::write(&file, bytes).with_context(cannot)?;
        Ok(file)
    }

    /// Whether it is a case file: by its name, unless a fuzz target is given, which takes any text.
    fn is_case_file(&self, file: &Path) -> bool {
        self.target.is_none() && has_toml(file)
    }

    fn target_of(&self, file: &Path) -> anyhow::Result<&'static FuzzTarget> {
        let folder = || target_named(file.parent()?.file_name()?.to_str()?);
        self.target.or_else(folder).with_context(|| {
            format!(
                "{}: give its fuzz target with --target ({}), or a case file (.toml); vectors in JSON are for \
                 `check --cases` and `fuzz --seeds`",
                file.display(),
                names()
            )
        })
    }

    /// A file's inputs, each with an id.
    fn inputs(&self, file: &Path, corpus: &Corpus) -> anyhow::Result<Vec<(String, Input)>> {
        if !self.is_case_file(file) {
            let target = self.target_of(file)?;
            let bytes = raw(file)?;
            let case = (target.read)(&bytes);
            let input = case.input().with_context(|| format!("{}: holds no signature", file.display()))?;
            return Ok(vec![(format!("raw::{}", target.name), input.clone())]);
        }
        let cases = load_cases(file, &corpus.formats)?;
        let mut inputs = Vec::new();
        for case in cases {
            let of_case = case.inputs.with_context(|| format!("{}: `{}`", case.place, case.id))?;
            inputs.extend(of_case.into_iter().map(|input| (case.id.clone(), input)));
        }
        Ok(inputs)
    }
}

/// What laws say of a case that was a finding once: some findings are of two cases, or of what is signed.
fn broken_laws(case: &Case, harness: Harness<'_>) -> Vec<String> {
    let broken = |input| {
        let own = examine(input, None, Laws::Skip, harness).findings;
        let mut findings = examine(input, None, Laws::All, harness).findings;
        findings.retain(|finding| !own.contains(finding));
        findings
    };
    case.asked().flat_map(broken).map(|finding| format!("{}: {finding}", case.id)).collect()
}

fn raw(file: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("{}: cannot be read", file.display());
    if !fs::metadata(file).with_context(cannot)?.is_file() {
        bail!("{}: expected a file", file.display());
    }
    let mut bytes = Vec::new();
    File::open(file).and_then(|file| file.take(MAX_RAW + 1).read_to_end(&mut bytes)).with_context(cannot)?;
    if bytes.len() as u64 > MAX_RAW {
        bail!("{}: expected a raw input of at most {MAX_RAW} bytes", file.display());
    }
    Ok(bytes)
}

fn has_toml(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
}

fn emitted(emit: Emit, cases: &[(String, Input)]) -> anyhow::Result<String> {
    let each = |what: &str, text: &dyn Fn(&str, &Input) -> Option<String>| {
        let said = |(id, input): &(String, Input)| {
            text(id, input).with_context(|| format!("`{id}` is not expressible {what}"))
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
