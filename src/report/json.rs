//! Reports as JSON.

use serde_json::{Value, json};

use crate::format::Message;
use crate::input::Input;
use crate::input::bytes::{Bytes, to_hex};
use crate::judge::Judged;
use crate::judge::matrix::Matrix;
use crate::reference::answer::Expectation;
use crate::run::check::CheckReport;
use crate::subject::Subject;

/// A check.
pub fn check(report: &CheckReport<'_>, subjects: &[Box<dyn Subject + '_>]) -> Value {
    let documented = report.documented.iter().map(
        |((divergence, subject), cases)| json!({"divergence": divergence, "subject": subject, "cases": cases}),
    );
    json!({
        "verdict": if report.failures.is_empty() { "agreed" } else { "failed" },
        "checked": report.of,
        "whole_corpus": report.whole,
        "cases": report.cases.len(),
        "no_signature": report.no_signature(),
        "subjects": subjects.iter().map(|subject| json!(subject.identity())).collect::<Value>(),
        "totals": report.matrix.totals(),
        "matrix": matrix(&report.matrix),
        "documented": documented.collect::<Value>(),
        "not_said": report.unsaid.iter().map(|unsaid| json!({"place": unsaid.place.to_string(), "reason": unsaid.reason})).collect::<Value>(),
        "failures": report.failures,
    })
}

fn matrix(matrix: &Matrix) -> Value {
    let row = |row: &crate::judge::matrix::Row| json!({"cases": row.cases, "subjects": row.tallies});
    Value::Object(matrix.rows().map(|(fact, cells)| (fact.to_string(), row(cells))).collect())
}

/// One input and what every subject made of it.
pub fn judged(
    input: &Input,
    message: Option<&Message>,
    judged: &Judged,
    subjects: &[Box<dyn Subject + '_>],
) -> Value {
    let identities = subjects.iter().map(|subject| subject.identity());
    let subjects = identities.zip(&judged.subjects).map(|(identity, (_, outcome, verdict))| {
        let mut entry = json!(identity);
        for part in [json!(outcome), json!(verdict)] {
            if let (Value::Object(entry), Value::Object(part)) = (&mut entry, part) {
                entry.extend(part);
            }
        }
        entry
    });
    let mut whole = json!({
        "input": input,
        "facts": judged.facts,
        "reference": expectation(&judged.reference),
        "subjects": subjects.collect::<Value>(),
    });
    if let (Some(message), Value::Object(whole)) = (message, &mut whole) {
        whole.insert("message".into(), self::message(message));
    }
    whole
}

fn message(message: &Message) -> Value {
    let fields = message.fields.iter().map(|(name, value)| (name.to_owned(), to_hex(value).into()));
    json!({
        "format": message.format,
        "expression": message.expression.to_string(),
        "fields": Value::Object(fields.collect()),
        "preimage": message.digest.preimage.clone().map(Bytes),
        "digest": to_hex(message.digest.digest),
    })
}

fn expectation(expectation: &Expectation) -> Value {
    match expectation {
        Expectation::Recovered { address, public_key } => {
            json!({"outcome": "recovered", "address": address, "public_key": public_key})
        }
        Expectation::Rejected(reason) => json!({"outcome": "rejected", "reason": reason.name()}),
    }
}
