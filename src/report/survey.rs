//! A survey as JSON and as a page of HTML, which shows that JSON. `docs/survey.schema.json` describes it.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use serde_json::{Value, json};

use crate::judge::Divergence;
use crate::judge::fact::Fact;
use crate::judge::matrix::Tally;
use crate::run::check::reproduce;
use crate::run::survey::{Deviation, SurveyCase, Surveyed};

/// The page. What it shows is in its data.
#[derive(Template)]
#[template(path = "page.html.j2", escape = "none", config = "src/report/survey/askama.toml")]
struct Page {
    title: String,
    data: String,
}

/// What came of a subject, beside what its table says of it.
pub fn surveyed(
    surveyed: &Surveyed,
    divergences: &[Divergence],
    cases: &[SurveyCase],
    spec: Option<&str>,
) -> Value {
    let facts: BTreeMap<_, _> = surveyed.facts.iter().map(|(fact, tally)| (fact.name(), tally)).collect();
    let divergence = |entry: &Divergence| {
        let seen = surveyed.documented.get(&entry.id).copied().unwrap_or_default();
        let names = |facts: &BTreeSet<Fact>| facts.iter().map(|fact| fact.name()).collect::<Vec<_>>();
        json!({
            "id": entry.id,
            "cases": seen,
            "facts": names(&entry.facts),
            "absent": names(&entry.absent),
            "reference": entry.scope.to_string(),
            "outcome": entry.outcome.to_string(),
            "why": entry.why,
            "link": entry.link,
        })
    };
    let deviation = |deviation: &Deviation| {
        let case = &cases[deviation.case];
        let command = spec.and_then(|spec| Some(reproduce(&case.input)? + " --subject " + spec));
        json!({
            "id": case.id,
            "facts": case.facts.iter().map(|fact| fact.name()).collect::<Vec<_>>(),
            "verdict": if deviation.divergence.is_some() { "documented" } else { "finding" },
            "divergence": deviation.divergence,
            "input": case.input,
            "expected": case.expected(),
            "got": deviation.got,
            "command": command,
        })
    };
    json!({
        "not_run": null,
        "totals": surveyed.total,
        "facts": facts,
        "divergences": divergences.iter().map(divergence).collect::<Value>(),
        "cases": surveyed.deviations.iter().map(deviation).collect::<Value>(),
    })
}

/// What is there of a subject that could not be run.
pub fn not_run(why: &str) -> Value {
    json!({
        "not_run": why,
        "totals": Tally::default(),
        "facts": {},
        "divergences": [],
        "cases": [],
    })
}

/// The whole survey, from the entries of its subjects.
pub fn json(cases: &[SurveyCase], generated: u64, seed: u64, subjects: Vec<Value>) -> Value {
    let mut counts: BTreeMap<Fact, usize> = BTreeMap::new();
    for fact in cases.iter().flat_map(|case| &case.facts) {
        *counts.entry(*fact).or_default() += 1;
    }
    let facts = counts
        .iter()
        .map(|(fact, count)| json!({"name": fact.name(), "about": fact.about(), "cases": count}));
    json!({
        "ecrecheck": env!("CARGO_PKG_VERSION"),
        "measured": {
            "corpus_cases": cases.len() as u64 - generated,
            "generated_cases": generated,
            "seed": seed,
        },
        "facts": facts.collect::<Value>(),
        "subjects": subjects,
    })
}

/// The page of a survey.
pub fn html(survey: &Value) -> String {
    // In a script element only `<` could end the data.
    let subjects = survey["subjects"].as_array().map_or(0, Vec::len);
    let title = format!("secp256k1 public-key recovery: {subjects} implementations");
    let data = survey.to_string().replace('<', "\\u003c");
    Page { title, data }.render().unwrap_or_else(|error| unreachable!("text into text: {error}"))
}
