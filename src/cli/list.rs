//! `ecrecheck list`: the subjects, and what the corpus holds.

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use ecrecheck::Corpus;
use ecrecheck::corpus::investigation::Investigation;
use ecrecheck::format::MessageFact;
use ecrecheck::generate::class::{CLASSES, Class};
use ecrecheck::generate::{STRATEGIES, Strategy};
use ecrecheck::judge::fact::Fact;
use ecrecheck::report::text::investigation;

use crate::cli::tables::{SUBJECT_COLUMNS, subject_row, table};
use ecrecheck::subject;
use serde_json::{Value, json};

use super::place::CorpusPlace;
use super::{Exit, print, print_json};

/// Lists subjects, formats, fixtures, divergences, facts, classes, strategies, or the investigation's claims.
#[derive(Debug, Args)]
pub(super) struct List {
    /// What to list
    #[arg(value_enum)]
    what: What,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: CorpusPlace,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// The implementations under test
    Subjects,
    /// The known message formats
    Formats,
    /// The published and computed signatures that have a source
    Fixtures,
    /// The documented differences
    Divergences,
    /// The properties of inputs that implementations get wrong
    Facts,
    /// The properties of messages for which libraries hash something else
    MessageFacts,
    /// The rare kinds of inputs that the generators must reach
    Classes,
    /// The ways to generate cases
    Strategies,
    /// The addresses of the KMS signature investigation, evaluated
    Investigation,
}

/// A listing: columns, and for each entry a cell a column.
type Listing = (&'static [&'static str], Vec<Vec<String>>);

impl List {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let (columns, rows): Listing = match self.what {
            What::Subjects => subjects()?,
            What::Facts => {
                let row = |fact: &Fact| {
                    let reaching = STRATEGIES.iter().filter(|strategy| strategy.reaches.contains(fact));
                    let reaching: Vec<_> = reaching.map(|strategy| strategy.name).collect();
                    vec![fact.name().to_owned(), reaching.join(", "), fact.about().to_owned()]
                };
                (&["fact", "reached by", "about"], Fact::ALL.iter().map(row).collect())
            }
            What::MessageFacts => {
                let row = |fact: &MessageFact| vec![fact.name().to_owned(), fact.about().to_owned()];
                (&["fact", "about"], MessageFact::ALL.iter().map(row).collect())
            }
            What::Classes => {
                let row = |class: &Class| {
                    let reaching = |strategy: &&Strategy| strategy.classes.contains(&class.family);
                    let reaching = STRATEGIES.iter().find(reaching).map(|strategy| strategy.name);
                    vec![class.name.clone(), reaching.unwrap_or_default().to_owned()]
                };
                (&["class", "reached by"], CLASSES.iter().map(row).collect())
            }
            What::Strategies => {
                let row = |strategy: &Strategy| {
                    let reaches: Vec<_> = strategy.reaches.iter().map(|fact| fact.name()).collect();
                    vec![strategy.name.to_owned(), strategy.about.to_owned(), reaches.join(", ")]
                };
                (&["strategy", "about", "must reach"], STRATEGIES.iter().map(row).collect())
            }
            What::Formats => self.formats()?,
            What::Fixtures => self.fixtures()?,
            What::Divergences => self.divergences()?,
            What::Investigation if self.json => self.claims()?,
            What::Investigation => {
                let corpus = self.place.load()?;
                print(&investigation(&claims_of(&corpus)?.examine()))?;
                return Ok(Exit::Agreed);
            }
        };
        if self.json {
            let entry = |row: Vec<String>| -> Value {
                Value::Object(
                    columns
                        .iter()
                        .map(|name| name.replace(' ', "_"))
                        .zip(row.into_iter().map(Value::from))
                        .collect(),
                )
            };
            print_json(&json!(rows.into_iter().map(entry).collect::<Vec<_>>()))?;
        } else {
            print(&table(columns, rows))?;
        }
        Ok(Exit::Agreed)
    }

    fn formats(&self) -> anyhow::Result<Listing> {
        let corpus = self.place.load()?;
        let row = |format: &ecrecheck::format::KnownFormat| {
            let range = match (&format.since, &format.until) {
                (None, None) => String::new(),
                (since, until) => {
                    format!(
                        "{} .. {}",
                        since.as_deref().unwrap_or_default(),
                        until.as_deref().unwrap_or_default()
                    )
                }
            };
            let (signer, wire) = (format.signer.clone(), format.wire.form().to_owned());
            vec![format.name.clone(), signer, range.trim().to_owned(), wire, format.digest.to_string()]
        };
        Ok((&["format", "signer", "in use", "wire", "digest"], corpus.formats.iter().map(row).collect()))
    }

    fn fixtures(&self) -> anyhow::Result<Listing> {
        let corpus = self.place.load()?;
        let row = |case: &ecrecheck::corpus::case::Case| {
            let message = case.message.as_ref();
            let format = message
                .map(|message| message.format.clone().unwrap_or_else(|| message.expression.to_string()));
            let kind = match case.kind {
                ecrecheck::corpus::case::CaseKind::Published => "published",
                _ => "computed",
            };
            vec![case.id.clone(), kind.to_owned(), format.unwrap_or_default(), case.about.clone()]
        };
        let fixtures = corpus.cases.iter().filter(|case| case.kind.is_fixture());
        Ok((&["fixture", "origin", "format", "about"], fixtures.map(row).collect()))
    }

    fn divergences(&self) -> anyhow::Result<Listing> {
        let corpus = self.place.load()?;
        let row = |entry: &ecrecheck::judge::Divergence| {
            let facts: Vec<_> = entry.facts.iter().map(|fact| fact.name()).collect();
            let outcome = entry.outcome.to_string();
            vec![
                entry.id.clone(),
                entry.subjects.join(", "),
                entry.versions.to_string(),
                facts.join(", "),
                outcome,
                entry.why.clone(),
            ]
        };
        let columns = &["divergence", "subjects", "versions", "facts", "outcome", "why"];
        Ok((columns, corpus.divergences.iter().map(row).collect()))
    }

    fn claims(&self) -> anyhow::Result<Listing> {
        let corpus = self.place.load()?;
        let row = |examined: &ecrecheck::corpus::investigation::ExaminedClaim<'_>| {
            let explained = if examined.is_explained() { "explained" } else { "unexplained" };
            let claim = examined.claim;
            vec![claim.name.clone(), claim.address.to_string(), explained.to_owned(), claim.why.clone()]
        };
        Ok((
            &["claim", "address", "explained", "why"],
            claims_of(&corpus)?.examine().iter().map(row).collect(),
        ))
    }
}

fn claims_of(corpus: &Corpus) -> anyhow::Result<&Investigation> {
    corpus.investigation.as_ref().with_context(|| format!("{}: there is no investigation", corpus.place()))
}

fn subjects() -> anyhow::Result<Listing> {
    let rows = subject::all()?.iter().map(|subject| subject_row(subject.identity()));
    Ok((&SUBJECT_COLUMNS, rows.collect()))
}
