//! `ecrecheck survey`: every subject of some tables, each alone, on one page.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use ecrecheck::corpus::Corpus;
use ecrecheck::generate::STRATEGIES;
use ecrecheck::judge::Divergence;
use ecrecheck::outsider::protocol::Operation;
use ecrecheck::outsider::roster::{Open, Roster, Row};
use ecrecheck::outsider::{Place, Settings};
use ecrecheck::report::survey as report;
use ecrecheck::run::survey::{SurveyCase, cases, survey};
use ecrecheck::subject::canary;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::outsiders::{add_documented, rosters_here};
use super::place::CorpusPlace;
use super::tables::table;
use super::{Exit, print, print_json, watch};

/// Asks every subject of some tables the corpus's cases and generated ones, each subject alone and held to what is
/// documented of it. What is not installed is shown as not run. With --out a survey that was interrupted goes on.
#[derive(Debug, Args)]
pub(super) struct Survey {
    /// A table of subjects, repeatable [default: subjects/*/subjects.toml in this folder]
    #[arg(long = "subjects", value_name = "FILE")]
    rosters: Vec<PathBuf>,
    /// Only this subject, repeatable: its name, its language or its arithmetic
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// How many cases to generate
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(0..=1_000_000))]
    cases: u64,
    /// What they are made from
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Write index.html and survey.json into this folder, and keep each subject's result there
    #[arg(long, value_name = "FOLDER", visible_alias = "html")]
    out: Option<PathBuf>,
    /// How many seconds a subject may take for an answer
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// How many subjects run at a time [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Fail, with status 2, where a subject could not be run
    #[arg(long)]
    complete: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: CorpusPlace,
}

/// A row of a table, and what it is surveyed with.
struct Entry {
    language: String,
    row: Row,
    folder: PathBuf,
    divergences: Vec<Divergence>,
    /// What its result depends on.
    key: String,
}

impl Survey {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let corpus = self.place.load()?;
        let entries = self.entries(&corpus)?;
        let strategies: Vec<_> = STRATEGIES.iter().collect();
        let cases = cases(&corpus, self.cases, self.seed, &strategies);
        let results = self.out.as_ref().map(|out| out.join("results"));
        if let Some(results) = &results {
            fs::create_dir_all(results).with_context(|| format!("{}: cannot be made", results.display()))?;
        }
        let mut came = self.survey(&entries, &cases, results.as_deref())?;
        let of_them = came.iter_mut().map(|came| came.of_it.take()).collect();
        let whole = report::json(&cases, self.cases, self.seed, of_them);
        // What was measured is shown, whatever cannot be written.
        let written = self.out.as_ref().map_or(Ok(()), |out| {
            write(&out.join("survey.json"), &format!("{whole:#}\n"))?;
            write(&out.join("index.html"), &report::html(&whole))
        });
        if self.json {
            print_json(&whole)?;
        } else {
            print(&shown(&whole))?;
        }
        came.iter_mut().find_map(|came| came.unkept.take()).map_or(written, Err)?;
        let subjects = whole["subjects"].as_array().map(Vec::as_slice).unwrap_or_default();
        let counted = |what: fn(&&CameOfIt) -> bool| came.iter().filter(what).count();
        let (refused, interrupted) = (counted(|came| came.refused), counted(|came| came.interrupted));
        match subjects.iter().filter(|subject| !subject["not_run"].is_null()).count() {
            0 => {}
            _ if interrupted > 0 => bail!(
                "interrupted: {interrupted} of {} subjects were not asked; with --out the next run goes on",
                subjects.len()
            ),
            _ if refused > 0 => bail!(
                "{refused} of {} subjects are there, and wrong from the start: see NOT RUN",
                subjects.len()
            ),
            all if all == subjects.len() => bail!("no subject could be run: subjects/setup installs them"),
            some if self.complete => bail!("{some} of {} subjects could not be run", subjects.len()),
            _ => {}
        }
        Ok(if subjects.iter().all(passes) { Exit::Agreed } else { Exit::Findings })
    }

    /// The rows that are asked for.
    fn entries(&self, corpus: &Corpus) -> anyhow::Result<Vec<Entry>> {
        let mut entries: Vec<Entry> = Vec::new();
        for file in self.files()? {
            let roster = Roster::load(&file)?;
            let mut documented = Vec::new();
            add_documented(&mut documented, &roster, Divergence::load)?;
            let around = around(&roster, self.out.as_deref());
            let Roster { language, rows, folder } = roster;
            let recovers = |row: &Row| row.operations.iter().any(|operation| *operation != Operation::Digest);
            for row in rows.into_iter().filter(recovers) {
                if entries.iter().any(|entry| entry.row.name == row.name) {
                    bail!("{}: a second subject is called `{}`", file.display(), row.name);
                }
                let names = |entry: &&Divergence| entry.subjects.contains(&row.name);
                let divergences: Vec<_> = documented.iter().filter(names).cloned().collect();
                let mut key = Sha256::new();
                key.update(format!("{} {row:?} {divergences:?}", env!("CARGO_PKG_VERSION")));
                key.update(format!("{} {} {}", self.cases, self.seed, self.timeout));
                corpus.texts().for_each(|(_, text)| key.update(text));
                key.update(&around);
                for file in programs(&row, &folder) {
                    key.update(fs::read(file).unwrap_or_default());
                }
                let key = const_hex::encode(key.finalize());
                let (language, folder) = (language.clone(), folder.clone());
                entries.push(Entry { language, row, folder, divergences, key });
            }
        }
        let wanted = |entry: &Entry, only: &String| {
            [&entry.row.name, &entry.language].contains(&only) || entry.row.arithmetic.as_ref() == Some(only)
        };
        for only in &self.only {
            if !entries.iter().any(|entry| wanted(entry, only)) {
                bail!("no subject, language or arithmetic is called `{only}`");
            }
        }
        if !self.only.is_empty() {
            entries.retain(|entry| self.only.iter().any(|only| wanted(entry, only)));
        }
        if entries.is_empty() {
            bail!("no subjects in these tables");
        }
        Ok(entries)
    }

    fn files(&self) -> anyhow::Result<Vec<PathBuf>> {
        if !self.rosters.is_empty() {
            return Ok(self.rosters.clone());
        }
        let files = rosters_here();
        if files.is_empty() {
            bail!("there is no subjects/*/subjects.toml here: give --subjects FILE");
        }
        Ok(files)
    }

    /// What came of each entry, in their order.
    fn survey(
        &self,
        entries: &[Entry],
        cases: &[SurveyCase],
        results: Option<&Path>,
    ) -> anyhow::Result<Vec<CameOfIt>> {
        let stop = Arc::new(AtomicBool::new(false));
        let asked_to_stop = Arc::clone(&stop);
        watch::on_interrupt(move || {
            asked_to_stop.store(true, Ordering::Relaxed);
            true
        });
        let timeout = Duration::from_secs(self.timeout);
        let settings = Settings { timeout, host: std::env::current_exe()?, ..Settings::default() };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let jobs = self.jobs.map_or(cores, usize::from).min(entries.len());
        let bar = watch::bar(Some(entries.len() as u64), "{bar:40} {pos} of {len} subjects {msg}");
        let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = || {
            while let Some((at, entry)) = next_of(entries, &next) {
                bar.set_message(entry.row.name.clone());
                let result = match stop.load(Ordering::Relaxed) {
                    true => entry.interrupted(),
                    false => entry.result(cases, results, &settings),
                };
                done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
                bar.inc(1);
            }
        };
        thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(work);
            }
        });
        bar.finish_and_clear();
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(at, _)| *at);
        Ok(done.into_iter().map(|(_, result)| result).collect())
    }
}

/// What came of an entry.
struct CameOfIt {
    /// What its table says of it, and what was measured or why nothing was.
    of_it: Value,
    /// Whether it is there, and is of another version than its row or fails a known-answer test.
    refused: bool,
    /// Whether the survey was interrupted before it.
    interrupted: bool,
    /// Why its result could not be kept.
    unkept: Option<anyhow::Error>,
}

/// What is installed or built, or is no part of an adapter: lockfiles and versions tell of it.
const LEFT_OUT: [&str; 4] = ["node_modules", "target", "bin", "__pycache__"];
/// How many files below a roster are looked at: a roster at a project's root has more.
const MAX_FILES: usize = 2_000;

/// What is beside a roster and below, by name and hash: its adapters and lockfiles. Its rows and divergences count by
/// themselves, and the survey's own results do not.
fn around(roster: &Roster, out: Option<&Path>) -> Vec<u8> {
    let out = out.and_then(|out| out.canonicalize().ok());
    let is_left_out = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with('.')
            || name.starts_with("venv")
            || LEFT_OUT.contains(&name.as_ref())
            || (out.is_some() && path.canonicalize().ok() == out)
    };
    let (mut folders, mut files) = (vec![roster.folder.clone()], Vec::new());
    while let Some(folder) = folders.pop().filter(|_| files.len() < MAX_FILES) {
        let entries = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        let mut entries: Vec<_> = entries.filter(|path| !is_left_out(path)).collect();
        entries.sort();
        let (below, beside): (Vec<_>, Vec<_>) = entries.into_iter().partition(|path| path.is_dir());
        folders.extend(below);
        files.extend(beside);
    }
    let is_toml = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "toml");
    let hash = |file: &PathBuf| {
        [file.as_os_str().as_encoded_bytes(), &Sha256::digest(fs::read(file).unwrap_or_default())].concat()
    };
    files.iter().filter(|file| file.is_file() && !is_toml(file)).flat_map(hash).collect()
}

/// The files that a row runs: a program that was built, a library.
fn programs(row: &Row, folder: &Path) -> Vec<PathBuf> {
    let place = row.spec(folder).map(|spec| spec.place);
    let files = match place {
        Ok(Place::Program(words)) => words.into_iter().map(PathBuf::from).collect(),
        Ok(Place::Library { path, .. }) => vec![path],
        _ => Vec::new(),
    };
    files.into_iter().filter(|file| file.is_file()).collect()
}

fn next_of<'a>(entries: &'a [Entry], next: &AtomicUsize) -> Option<(usize, &'a Entry)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    entries.get(at).map(|entry| (at, entry))
}

impl Entry {
    /// What came of it. A result is kept where there is a folder, and taken from there while it depends on the same and
    /// the subject still starts as it did; one of a subject that could not be run, died or hung is not kept.
    fn result(&self, cases: &[SurveyCase], results: Option<&Path>, settings: &Settings) -> CameOfIt {
        let mut came = CameOfIt { of_it: self.described(), refused: false, interrupted: false, unkept: None };
        let open = match self.opened(settings) {
            Ok(open) => open,
            Err((why, refused)) => {
                came.refused = refused;
                came.add(report::not_run(&why));
                return came;
            }
        };
        let file = results.map(|results| results.join(format!("{}.json", self.row.name)));
        if let Some(kept) = file.as_deref().and_then(|file| fs::read(file).ok())
            && let Ok(mut kept) = serde_json::from_slice::<Value>(&kept)
            && kept["key"] == self.key.as_str()
        {
            came.of_it = kept["result"].take();
            return came;
        }
        let surveyed = survey(open.subject.as_ref(), &self.divergences, cases);
        came.add(report::surveyed(&surveyed, &self.divergences, cases, open.subject.spec().as_deref()));
        if let Some(file) = file.filter(|_| !surveyed.was_lost) {
            came.unkept = write(&file, &json!({"key": self.key, "result": came.of_it}).to_string()).err();
        }
        came
    }

    /// What is there of one that was not asked any more.
    fn interrupted(&self) -> CameOfIt {
        let mut came = CameOfIt { of_it: self.described(), refused: false, interrupted: true, unkept: None };
        came.add(report::not_run("the survey was interrupted before it"));
        came
    }

    /// The subject, started and what its row says; or why not, and whether it is there at all.
    fn opened(&self, settings: &Settings) -> Result<Open, (String, bool)> {
        let open = self.row.open(&self.folder, settings).map_err(|why| (why.to_string(), why.is_another))?;
        let subject = open.subject.as_ref();
        canary::check_outsider(subject).map_err(|why| (why.to_string(), true))?;
        for divergence in &self.divergences {
            divergence.speaks_of(subject.identity()).map_err(|why| (why, true))?;
        }
        Ok(open)
    }

    /// What its table says of it.
    fn described(&self) -> Value {
        let Row {
            name,
            package,
            version,
            arithmetic,
            kind,
            operations,
            licence,
            run: _,
            serve: _,
            divergences: _,
            fixed_in,
        } = &self.row;
        json!({
            "name": name,
            "package": package,
            "version": version,
            "language": self.language,
            "arithmetic": arithmetic,
            "kind": kind,
            "operations": operations,
            "licence": licence.as_deref().unwrap_or("not stated"),
            "fixed_in": fixed_in,
            "run": self.row.spec(&self.folder).map(|spec| spec.without_secrets()).unwrap_or_default(),
        })
    }
}

impl CameOfIt {
    fn add(&mut self, more: Value) {
        if let (Value::Object(of_it), Value::Object(more)) = (&mut self.of_it, more) {
            of_it.extend(more);
        }
    }
}

/// Writes a whole file or none, which others may read.
fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut new = tempfile::Builder::new();
        #[cfg(unix)]
        new.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut new = new.tempfile_in(folder)?;
        new.write_all(text.as_bytes())?;
        new.persist(file).map_err(|error| error.error)?;
        Ok(())
    };
    write().with_context(|| format!("{}: cannot be written", file.display()))
}

/// Whether a subject's every deviation is documented. One that was not run has none, and is shown as not run.
fn passes(subject: &Value) -> bool {
    subject["totals"]["findings"] == 0
}

/// The documented divergences that no case showed.
fn unseen(subject: &Value) -> impl Iterator<Item = &str> {
    let divergences = subject["divergences"].as_array().map(Vec::as_slice).unwrap_or_default();
    let unseen = divergences.iter().filter(|divergence| divergence["cases"] == 0);
    unseen.filter_map(|divergence| divergence["id"].as_str())
}

/// A line a subject, what is wrong, and a line of verdict.
fn shown(whole: &Value) -> String {
    let subjects = whole["subjects"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = subjects.iter().map(|subject| {
        let count = |what: &str| subject["totals"][what].to_string();
        let ran = subject["not_run"].is_null();
        let counts = ["agreed", "documented", "findings", "unsupported"];
        let counts = counts.map(|what| if ran { count(what) } else { "-".to_owned() });
        let names = ["name", "version", "language", "arithmetic"].map(|part| text(&subject[part]));
        let verdict = match (ran, passes(subject)) {
            (false, _) => "NOT RUN",
            (true, true) => "",
            (true, false) => "FAILED",
        };
        names.into_iter().chain(counts).chain([verdict.to_owned()]).collect()
    });
    let header = [
        "subject",
        "version",
        "language",
        "arithmetic",
        "agreed",
        "documented",
        "findings",
        "not expressible",
        "",
    ];
    let mut shown = table(&header, rows);
    for subject in subjects {
        let name = text(&subject["name"]);
        if let Some(why) = subject["not_run"].as_str() {
            shown += &format!("\nNOT RUN  {name}: {why}\n");
        }
        for id in unseen(subject) {
            shown +=
                &format!("\nNOT SHOWN  {name}: `{id}` is documented, and none of these cases showed it\n");
        }
        let cases = subject["cases"].as_array().map(Vec::as_slice).unwrap_or_default();
        let findings = cases.iter().filter(|case| case["verdict"] == "finding");
        for case in findings.clone().take(3) {
            let [id, expected, got, command] =
                ["id", "expected", "got", "command"].map(|part| text(&case[part]));
            shown +=
                &format!("\nFINDING  {name}, {id}: {got}, expected {expected}\n  reproduce: {command}\n");
        }
        if findings.clone().count() > 3 {
            shown += &format!("  and {} more\n", subject["totals"]["findings"].as_u64().unwrap_or(3) - 3);
        }
    }
    let not_run = subjects.iter().filter(|subject| !subject["not_run"].is_null()).count();
    let failed = subjects.iter().filter(|subject| !passes(subject)).count();
    let word = match failed {
        0 if not_run == subjects.len() => "NOT RUN",
        0 => "agreed",
        _ => "FAILED",
    };
    let measured = &whole["measured"];
    shown += &format!(
        "\n{word}: {} subjects, {failed} failed, {not_run} not run; {} cases of the corpus and {} generated\n",
        subjects.len(),
        measured["corpus_cases"],
        measured["generated_cases"]
    );
    shown
}
