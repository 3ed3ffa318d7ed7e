//! `ecrecheck export`: cases as vectors in the formats of other projects.

mod folder;
mod known;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use ecrecheck::Harness;
use ecrecheck::corpus::case::Case;
use ecrecheck::corpus::vector::Vector;
use ecrecheck::corpus::{MAX_FILE, load_vectors};
use ecrecheck::generate::{STRATEGIES, generate};
use ecrecheck::report::export::{Export, ExportFormat, NotHeld};
use ecrecheck::run::minimal::{MinimalSet, minimal_set};
use ecrecheck::run::{check, fuzz, selftest};

use self::known::{Known, KnownPlaces};
use super::place::CorpusPlace;
use super::tables::table;
use super::{Exit, print};

/// How many ids are printed for each reason and in each list: export.toml has them all.
const MAX_NAMES: usize = 60;

/// Writes cases as vectors for other projects, and prints what the format cannot hold, by name.
///
/// The same cases give the same bytes. The folder is new or empty, or holds nothing but what an export wrote there
/// (its export.toml says what): those files are replaced.
#[derive(Debug, Args)]
pub(super) struct ExportCommand {
    /// The format: docs/vectors.md says what each holds
    #[arg(value_name = "FORMAT", value_parser = format())]
    format: ExportFormat,
    /// The folder to write to
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Export this file or folder of cases in place of the corpus's
    #[arg(long, value_name = "PATH")]
    cases: Vec<PathBuf>,
    /// Export this many generated cases too [with --minimal, choose from them too: 5000 unless it is said]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=100_000))]
    generate: Option<u64>,
    /// What the generated cases are drawn from [default: 0]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Export the fewest cases that still find every planted bug and show every documented divergence
    #[arg(long)]
    minimal: bool,
    #[command(flatten)]
    known: KnownPlaces,
    #[command(flatten)]
    place: CorpusPlace,
}

fn format() -> impl clap::builder::TypedValueParser<Value = ExportFormat> {
    PossibleValuesParser::new(ExportFormat::ALL.iter().map(|format| format.name())).try_map(|name| {
        ExportFormat::ALL.iter().copied().find(|format| format.name() == name).ok_or("unknown")
    })
}

impl ExportCommand {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let generated = self.generate.unwrap_or(if self.minimal { selftest::WITHIN } else { 0 });
        if self.seed.is_some() && generated == 0 {
            bail!("--seed: no case is generated: give --generate N");
        }
        folder::refuse_foreign(&self.folder)?;
        let corpus = self.place.load()?;
        let known = self.known.load(&corpus)?;
        let (named, mut not_held);
        let cases = match self.cases.as_slice() {
            [] => {
                not_held = Vec::new();
                &corpus.cases
            }
            paths => {
                named = load_vectors(paths, &corpus.formats)?;
                let unsaid = named.unsaid.iter();
                not_held = unsaid.map(|said| NotHeld::new(said.place.to_string(), &said.reason)).collect();
                &named.cases
            }
        };
        let failures = check::cases(cases, Harness::new(&[], &[])).failures;
        if let Some(first) = failures.first() {
            let place = first.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
            let more = match failures.len() - 1 {
                0 => String::new(),
                more => format!("; and {more} more: `ecrecheck check` shows them"),
            };
            bail!("{place}{}: {}{more}", first.id, first.what);
        }
        let (mut vectors, mut places) = (Vec::new(), BTreeMap::new());
        for case in cases {
            let of_case = Vector::of(case);
            if of_case.is_empty() {
                not_held.push(no_signature(case));
            }
            for vector in &of_case {
                take(&mut places, vector, case.place.to_string())?;
            }
            vectors.extend(of_case.into_iter().map(|vector| known.with_deviations(vector)));
        }
        for number in 0..generated {
            let vector = self.generated(number)?;
            take(&mut places, &vector, "--generate".to_owned())?;
            vectors.push(known.with_deviations(vector));
        }
        let minimal = self.minimal.then(|| {
            let set = minimal_set(&vectors, |vector| self.format.asks(vector).ok());
            vectors = set.chosen.iter().map(|at| vectors[*at].clone()).collect();
            not_held.clear();
            set
        });
        let mut export = self.format.export(&vectors, &known.divergences);
        export.not_held.splice(..0, not_held);
        if export.held == 0 {
            bail!("no cases: the format {} cannot hold any of these", self.format.name());
        }
        if let Some((file, text)) = export.files.iter().find(|(_, text)| text.len() as u64 > MAX_FILE) {
            let (file, size) = (self.folder.join(file), text.len());
            bail!("{}: would have {size} bytes: at most {MAX_FILE} are read again", file.display());
        }
        folder::write(&self.folder, self.format, &export)?;
        print(&self.shown(&export, minimal.as_ref(), &known))?;
        Ok(Exit::Agreed)
    }

    fn generated(&self, number: u64) -> anyhow::Result<Vector> {
        let strategies: Vec<_> = STRATEGIES.iter().collect();
        let seed = self.seed.unwrap_or(0);
        let made = generate(&fuzz::bytes(seed, number), &strategies);
        let about = named_strategy(made.strategy);
        let source = format!("ecrecheck fuzz --seed {seed}, case {number}, strategy {}", made.strategy);
        let id = format!("generated::seed-{seed}-case-{number}");
        let vector = Vector::asking(made.input, id, about, source);
        match made.known {
            Some(known) if vector.expect != known.into() => {
                bail!("{}: the reference and the construction disagree: `ecrecheck fuzz` shows it", vector.id)
            }
            _ => Ok(vector),
        }
    }

    /// What was written, what is not held, and what a minimal set shows.
    fn shown(&self, export: &Export, minimal: Option<&MinimalSet>, known: &Known) -> String {
        let counts = [export.files.len(), export.held, export.not_held.len()].map(|count| count.to_string());
        let row = [self.format.name().to_owned()].into_iter().chain(counts).collect();
        let mut text = table(&["format", "files", "cases", "not held"], [row]);
        for (why, ids) in by_reason(&export.not_held) {
            text += &format!("\nnot held, {why}: {}\n  {}\n", ids.len(), some(&ids));
        }
        if let Some(set) = minimal {
            text += &format!(
                "\nplanted bugs found: {} of {}\n",
                set.bugs.len(),
                set.bugs.len() + set.not_found.len()
            );
            if !set.not_found.is_empty() {
                let names: Vec<_> = set.not_found.iter().copied().collect();
                text += &format!("not found, no case of this format shows them: {}\n", some(&names));
            }
            text +=
                &format!("found in their order: {} that remember earlier questions\n", set.in_order.len());
            let beyond: Vec<_> =
                set.beyond.iter().map(|(what, bugs)| format!("{what} {}", bugs.len())).collect();
            text += &format!("not shown by answers: {}\n", beyond.join(", "));
            let documented = &known.divergences;
            text += &format!("divergences shown: {} of {}", set.divergences.len(), documented.len());
            text += &format!(" ({})\n", known.of);
            let unseen = documented.iter().filter(|divergence| !set.divergences.contains(&divergence.id));
            let unseen: Vec<_> = unseen.map(|divergence| divergence.id.as_str()).collect();
            if !unseen.is_empty() {
                text += &format!("not shown, no case of this format has their facts: {}\n", some(&unseen));
            }
        }
        text
    }
}

/// Refuses an id that another vector of the export has: nobody could tell them apart.
fn take(places: &mut BTreeMap<String, String>, vector: &Vector, place: String) -> anyhow::Result<()> {
    match places.insert(vector.id.clone(), place.clone()) {
        Some(first) => bail!("{place}: the id `{}` is taken by the case at {first}", vector.id),
        None => Ok(()),
    }
}

fn named_strategy(name: &str) -> String {
    let strategy = ecrecheck::generate::named(name);
    strategy.map_or_else(|| name.to_owned(), |strategy| format!("{name}: {}", strategy.about))
}

fn no_signature(case: &Case) -> NotHeld {
    NotHeld::new(&case.id, "bytes that are no signature")
}

/// The ids of what is not held, by reason, in the order of the first of each.
fn by_reason(not_held: &[NotHeld]) -> Vec<(&str, Vec<&str>)> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for NotHeld { id, why } in not_held {
        match reasons.iter_mut().find(|(known, _)| known == why) {
            Some((_, ids)) => ids.push(id),
            None => reasons.push((why, vec![id])),
        }
    }
    reasons
}

/// Names, but not without end.
fn some(names: &[&str]) -> String {
    let more = match names.len().saturating_sub(MAX_NAMES) {
        0 => String::new(),
        more => format!(", and {more} more: export.toml names them"),
    };
    names[..names.len().min(MAX_NAMES)].join(", ") + &more
}
