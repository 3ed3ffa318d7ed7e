//! What libraries hash, as JSON.

use serde_json::{Value, json};

use crate::run::digests::DigestReport;
use crate::subject::Subject;

/// A report on digests. `not_run` are subjects that could not be opened, each with the reason.
pub fn json(
    report: &DigestReport,
    subjects: &[Box<dyn Subject + '_>],
    not_run: &[(String, String)],
) -> Value {
    let cell = |((format, subject), cell): (&(String, &str), &crate::run::digests::Cell)| {
        json!({
            "format": format,
            "subject": subject,
            "agreed": cell.tally.agreed,
            "documented": cell.documented,
            "not_offered": cell.tally.unsupported,
            "findings": cell.tally.findings,
        })
    };
    let unseen =
        |(divergence, subject): &(String, &str)| json!({"divergence": divergence, "subject": subject});
    json!({
        "verdict": if report.agrees() { "agreed" } else { "failed" },
        "messages": report.messages,
        "subjects": subjects.iter().map(|subject| json!(subject.identity())).collect::<Value>(),
        "not_run": not_run.iter().map(|(name, why)| json!({"subject": name, "why": why})).collect::<Value>(),
        "cells": report.cells.iter().map(cell).collect::<Value>(),
        "findings": report.findings,
        "unseen_divergences": report.unseen.iter().map(unseen).collect::<Value>(),
    })
}
