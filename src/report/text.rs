//! Reports for people: plain text, the same on a terminal and in a log.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::bytes::to_hex;
use crate::case::{Call, Input, Message, Prehash, Scalar};
use crate::check::{FailureKind, Report};
use crate::investigation::{Evidence, Examined, NoAddress};
use crate::judge::Judged;
use crate::key::Address;
use crate::matrix::{Matrix, Tally};
use crate::subject::{Identity, Outcome, Subject};

/// Rows of cells below a header, as wide as they are.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    lines(&table)
}

/// A table's lines, without the blanks at their ends.
fn lines(table: &Table) -> String {
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// What each fact's cases came to, for each subject.
pub fn matrix(matrix: &Matrix, subjects: &[Box<dyn Subject>]) -> String {
    let names: Vec<&str> = subjects.iter().map(|subject| subject.identity().name).collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["fact", "cases"].iter().chain(&names));
    for (fact, row) in matrix.rows() {
        let cells = names.iter().map(|name| cell(row.tallies.get(name).copied().unwrap_or_default()));
        table.add_row([fact.to_string(), row.cases.to_string()].into_iter().chain(cells));
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if index > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    lines(&table)
}

/// `12`, or `9 + 3 doc`: agreed, then what is not.
fn cell(tally: Tally) -> String {
    let Tally { agreed, documented, unsupported, findings } = tally;
    let others = [(documented, "doc"), (unsupported, "n/a"), (findings, "FINDING")];
    let others =
        others.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let agreed = (agreed > 0 || others.clone().next().is_none()).then(|| agreed.to_string());
    agreed.into_iter().chain(others).collect::<Vec<_>>().join(" + ")
}

/// The columns of [`subject_row`].
pub const SUBJECT_COLUMNS: [&str; 4] = ["subject", "version", "computed by", "called through"];

/// Who a subject is.
pub fn subject_row(identity: &Identity) -> Vec<String> {
    let Identity { name, version, lineage, entry } = identity;
    let lineage = format!("{} {}", lineage.code, lineage.version);
    vec![(*name).to_owned(), version.to_string(), lineage, (*entry).to_owned()]
}

/// A check: subjects, matrix, documented divergences, failures, and a line of verdict.
pub fn check(report: &Report<'_>, subjects: &[Box<dyn Subject>]) -> String {
    let mut text = format!("checked  {}\n\n", report.of);
    text += &table(&SUBJECT_COLUMNS, subjects.iter().map(|subject| subject_row(subject.identity())));
    let _ = writeln!(text, "\n{}", matrix(&report.matrix, subjects));
    if !report.documented.is_empty() {
        let rows = report.documented.iter();
        let rows =
            rows.map(|((id, subject), cases)| vec![(*id).into(), (*subject).into(), cases.to_string()]);
        let _ = writeln!(text, "{}", table(&["documented divergence", "subject", "cases"], rows));
    }
    for failure in &report.failures {
        let place = failure.place.iter().map(|place| format!(" ({place})")).collect::<String>();
        let _ = writeln!(text, "{}  {}{place}\n  {}", failure.kind, failure.id, failure.what);
        if let Some(command) = &failure.reproduce {
            let _ = writeln!(text, "  reproduce: {command}");
        }
    }
    if !report.failures.is_empty() {
        let _ = writeln!(text, "\n{}", advice(report));
    }
    let _ = writeln!(text, "{}", verdict(report, subjects.len()));
    text
}

/// Where to look, for each kind of failure there is.
fn advice(report: &Report<'_>) -> String {
    const ADVICE: [(FailureKind, &str); 4] = [
        (
            FailureKind::Finding,
            "an implementation does what neither the reference nor a divergence says: look at the library; \
             if the difference is justified, document it in corpus/divergences.toml",
        ),
        (
            FailureKind::Expectation,
            "the corpus says something else than what comes out: a value is mistyped, or a format changed",
        ),
        (
            FailureKind::Divergence,
            "a documented divergence is not seen: it is out of date, or its cases are gone",
        ),
        (FailureKind::Coverage, "the corpus no longer covers this: add a case"),
    ];
    let there = |kind| report.failures.iter().any(|failure| failure.kind == kind);
    ADVICE
        .iter()
        .filter(|(kind, _)| there(*kind))
        .map(|(kind, advice)| format!("{kind}: {advice}\n"))
        .collect()
}

fn verdict(report: &Report<'_>, subjects: usize) -> String {
    let mut total = Tally::default();
    for judged in report.cases.iter().filter_map(|checked| checked.judged.as_ref()) {
        judged.subjects.iter().for_each(|(_, _, verdict)| total.count(verdict));
    }
    let Tally { agreed, documented, unsupported, findings } = total;
    let (word, failures) = match report.failures.len() {
        0 => ("agreed", String::new()),
        1 => ("FAILED", "1 failure; ".to_owned()),
        failures => ("FAILED", format!("{failures} failures; ")),
    };
    let scope = if report.whole { "" } else { " (these cases only: what the corpus covers was not checked)" };
    format!(
        "{word}: {failures}{} cases x {subjects} subjects: {agreed} agreed, {documented} documented, \
         {unsupported} unsupported, {findings} findings{scope}",
        report.cases.len()
    )
}

/// What was signed: format, expression, fields, preimage. The digest is the input's.
pub fn message(message: &Message) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<11} {value}");
    };
    if let Some(name) = &message.format {
        line("format", name);
    }
    line("expression", &message.expression.to_string());
    for (name, value) in message.fields.iter() {
        line("field", &format!("{name} = {}", readable(value)));
    }
    if let Some(preimage) = &message.digest.preimage {
        line("preimage", &readable(preimage));
    }
    text
}

/// Bytes in hex with their number, and as text where they are printable.
pub fn readable(bytes: &[u8]) -> String {
    let hex = to_hex(bytes);
    let printable = |text: &&str| !text.is_empty() && !text.chars().any(char::is_control);
    match str::from_utf8(bytes).ok().filter(printable) {
        Some(text) => format!("{hex} ({} bytes, {text:?})", bytes.len()),
        None => format!("{hex} ({} bytes)", bytes.len()),
    }
}

/// An input, part by part.
pub fn input(input: &Input) -> String {
    let signature =
        |r, s, recovery_id| format!("r           {r}\ns           {s}\nrecovery id {recovery_id}\n");
    match input {
        Input::Scalar(Scalar { digest, r, s, recovery_id }) => {
            format!("digest      {digest}\n{}", signature(r, s, recovery_id))
        }
        Input::Prehash(Prehash { prehash, r, s, recovery_id }) => {
            format!("prehash     {}\n{}", readable(&prehash.0), signature(r, s, recovery_id))
        }
        Input::Call(call @ Call { calldata, gas }) => {
            let [digest, v, r, s] = call.words();
            let read = format!("  digest    {digest}\n  v         {v}\n  r         {r}\n  s         {s}\n");
            format!("calldata    {calldata} ({} bytes), read as\n{read}gas         {gas}\n", calldata.0.len())
        }
    }
}

/// What the input is, and the right answer.
pub fn facts(judged: &Judged) -> String {
    let facts: Vec<_> = judged.facts.iter().map(|fact| fact.name()).collect();
    format!("facts       {}\nreference   {}\n", facts.join(", "), judged.reference)
}

/// What every subject made of an input.
pub fn outcomes(judged: &Judged, subjects: &[Box<dyn Subject>]) -> String {
    let rows = subjects.iter().zip(&judged.subjects).map(|(subject, (_, outcome, verdict))| {
        let identity = subject.identity();
        vec![format!("{} {}", identity.name, identity.version), words(outcome), verdict.to_string()]
    });
    table(&["subject", "outcome", "verdict"], rows)
}

/// An outcome with the subject's words for a rejection.
fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Recovered { address, .. } => address.to_string(),
        Outcome::Rejected { words } => format!("rejected ({words})"),
        other => other.to_string(),
    }
}

/// The investigation's claims: what was written, what was computed, and what each gives.
pub fn investigation(examined: &[Examined<'_>]) -> String {
    let gives = |got: &Result<Address, NoAddress>| match got {
        Ok(address) => address.to_string(),
        Err(error) => error.to_string(),
    };
    let mut text = String::new();
    for Examined { claim, written, computed } in examined {
        let _ = writeln!(text, "{}\n  reported     {}", claim.name, claim.address);
        if let (Some(as_written), Some(got)) = (&claim.written, written) {
            let _ = writeln!(text, "  as written   {}", as_written.words);
            let _ = writeln!(text, "               {}\n               -> {}", as_written.digest, gives(got));
        }
        match (&claim.computed, computed) {
            (Some(Evidence::RecoveredOver(expression)), Some(got)) => {
                let _ = writeln!(text, "  as computed  {expression}\n               -> {}", gives(got));
            }
            (Some(Evidence::AddressIs(expression)), Some(got)) => {
                let _ = writeln!(text, "  not a signer {expression}\n               =  {}", gives(got));
            }
            _ => text.push_str("  unexplained\n"),
        }
        let _ = writeln!(text, "  {}\n", claim.why);
    }
    text
}
