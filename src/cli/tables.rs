//! Results as tables for a terminal and a log: a check's report, the matrix, what every subject made of an input.

use std::collections::BTreeMap;
#[cfg(feature = "outsiders")]
use std::collections::BTreeSet;
use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use ecrecheck::corpus::Unsaid;
use ecrecheck::judge::Judged;
use ecrecheck::judge::matrix::{Matrix, Tally};
#[cfg(feature = "outsiders")]
use ecrecheck::report::text::readable;
use ecrecheck::run::check::{CheckReport, FailureKind};
#[cfg(feature = "outsiders")]
use ecrecheck::run::digests::{Cell, DigestFinding, DigestReport};
use ecrecheck::subject::{Identity, Outcome, Subject};

/// Rows of cells below a header, as wide as they are.
pub(crate) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
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
pub(crate) fn matrix(matrix: &Matrix, subjects: &[Box<dyn Subject + '_>]) -> String {
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

/// How much each subject was asked, and what came of it.
pub(crate) fn totals(matrix: &Matrix, subjects: &[Box<dyn Subject + '_>]) -> String {
    let header = ["subject", "asked", "agreed", "documented", "findings", "not expressible"];
    let rows = subjects.iter().map(|subject| {
        let name = subject.identity().name;
        let tally = matrix.totals().get(name).copied().unwrap_or_default();
        let Tally { agreed, documented, unsupported, findings } = tally;
        let counts = [tally.asked(), agreed, documented, findings].map(|count| count.to_string());
        let share = format!("{unsupported} of {}", tally.cases());
        let share = if tally.asked() == 0 { format!("{share}: NOT ASKED ANYTHING") } else { share };
        [name.to_owned()].into_iter().chain(counts).chain([share]).collect()
    });
    table(&header, rows)
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
pub(crate) const SUBJECT_COLUMNS: [&str; 4] = ["subject", "version", "computed by", "called through"];

/// Who a subject is.
pub(crate) fn subject_row(identity: &Identity) -> Vec<String> {
    let Identity { name, version, lineage, entry } = identity;
    let lineage = format!("{} {}", lineage.code, lineage.version);
    vec![(*name).to_owned(), version.to_string(), lineage, (*entry).to_owned()]
}

/// A check: subjects, matrix, documented divergences, failures, and a line of verdict.
pub(crate) fn check(report: &CheckReport<'_>, subjects: &[Box<dyn Subject + '_>]) -> String {
    let mut text = format!("checked  {}\n\n", report.of);
    text += &table(&SUBJECT_COLUMNS, subjects.iter().map(|subject| subject_row(subject.identity())));
    let _ = writeln!(text, "\n{}", matrix(&report.matrix, subjects));
    let _ = writeln!(text, "{}", totals(&report.matrix, subjects));
    if !report.documented.is_empty() {
        let rows = report.documented.iter();
        let rows =
            rows.map(|((id, subject), cases)| vec![(*id).into(), (*subject).into(), cases.to_string()]);
        let _ = writeln!(text, "{}", table(&["documented divergence", "subject", "cases"], rows));
    }
    text += &unsaid(report.unsaid);
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
    text + &check_verdict(report, subjects)
}

/// The vectors that could not be said, by reason, each with the first.
fn unsaid(unsaid: &[Unsaid]) -> String {
    let mut reasons: BTreeMap<&str, (usize, &Unsaid)> = BTreeMap::new();
    for vector in unsaid {
        reasons.entry(&vector.reason).or_insert((0, vector)).0 += 1;
    }
    let line = |(reason, (count, first)): (&str, (usize, &Unsaid))| {
        let vectors = if count == 1 { "1 vector" } else { &format!("{count} vectors") };
        format!("NOT SAID  {vectors}: {reason}\n  {}\n", first.place)
    };
    reasons.into_iter().map(line).collect()
}

/// The line of verdict alone.
pub(crate) fn check_verdict(report: &CheckReport<'_>, subjects: &[Box<dyn Subject + '_>]) -> String {
    verdict(report, subjects.len()) + "\n"
}

/// What libraries hash: a table of formats and subjects, what is wrong, and a line of verdict.
#[cfg(feature = "outsiders")]
pub(crate) fn digests(
    report: &DigestReport,
    subjects: &[Box<dyn Subject + '_>],
    not_run: &[(String, String)],
) -> String {
    let names: Vec<_> = subjects.iter().map(|subject| subject.identity().name).collect();
    let formats: BTreeSet<_> = report.cells.keys().map(|(format, _)| format).collect();
    let offered = |format: &String, name| {
        report.cells.get(&(format.clone(), name)).is_some_and(|cell| cell.tally.asked() > 0)
    };
    let (known, unknown): (Vec<_>, Vec<_>) =
        formats.into_iter().partition(|format| names.iter().any(|name| offered(format, name)));
    let rows = known.iter().map(|format| {
        let cells = names.iter().map(|name| match report.cells.get(&((*format).clone(), *name)) {
            Some(cell) if cell.tally.asked() > 0 => cell_of_digests(cell),
            _ => "-".to_owned(),
        });
        std::iter::once((*format).clone()).chain(cells).collect()
    });
    let header: Vec<_> = std::iter::once("format").chain(names.iter().copied()).collect();
    let mut text = table(&header, rows);
    if !unknown.is_empty() {
        let unknown: Vec<_> = unknown.into_iter().map(String::as_str).collect();
        let _ = writeln!(text, "\noffered by none: {}", unknown.join(", "));
    }
    let mut documented: BTreeMap<_, usize> = BTreeMap::new();
    for ((_, subject), cell) in &report.cells {
        for (id, count) in &cell.documented {
            *documented.entry((id, subject)).or_default() += count;
        }
    }
    if !documented.is_empty() {
        let rows = documented
            .iter()
            .map(|((id, subject), count)| vec![(*id).clone(), (**subject).to_owned(), count.to_string()]);
        let _ = write!(text, "\n{}", table(&["documented divergence", "subject", "messages"], rows));
    }
    for finding in &report.findings {
        let _ = write!(text, "\n{}", self::digest_finding(finding));
    }
    for (id, subject) in &report.unseen {
        let _ = writeln!(text, "\ndivergence `{id}` of {subject}: no message shows it; it is out of date");
    }
    for (name, why) in not_run {
        let _ = writeln!(text, "\nNOT RUN  {name}: {why}");
    }
    let total: Tally = names.iter().map(|name| report.total(name)).sum();
    let failures = report.findings.len() + report.unseen.len();
    let (word, failures) = if report.agrees() {
        ("agreed", String::new())
    } else {
        ("FAILED", format!("{failures} failures; "))
    };
    let not_run =
        if not_run.is_empty() { String::new() } else { format!(", {} subjects not run", not_run.len()) };
    let Tally { agreed, documented, unsupported, findings } = total;
    let _ = writeln!(
        text,
        "\n{word}: {failures}{} messages x {} subjects: {agreed} agreed, {documented} documented, {unsupported} not \
         offered, {findings} findings{not_run}",
        report.messages,
        names.len(),
    );
    text
}

/// As [`cell`], without what is not offered.
#[cfg(feature = "outsiders")]
fn cell_of_digests(cell: &Cell) -> String {
    self::cell(Tally { unsupported: 0, ..cell.tally })
}

/// A finding: whose, on which messages, and the smallest of them.
#[cfg(feature = "outsiders")]
fn digest_finding(finding: &DigestFinding) -> String {
    let DigestFinding {
        subject,
        format,
        outcome,
        documented,
        messages,
        asked,
        facts,
        fields,
        preimage,
        digest,
        ..
    } = finding;
    let what = match (outcome, documented) {
        (Some(outcome), None) => format!("{outcome}"),
        (Some(outcome), Some(id)) => format!("{outcome}, where divergence `{id}` documents something else"),
        (None, id) => {
            format!("agreed, where divergence `{}` says that it does not", id.as_deref().unwrap_or_default())
        }
    };
    let mut text = format!("FINDING  {subject}, {format}: {what}, for {messages} of {asked} messages\n");
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<10} {value}");
    };
    if !facts.is_empty() {
        let facts: Vec<_> = facts.iter().map(|fact| fact.name()).collect();
        line("all have", &facts.join(", "));
    }
    for (name, value) in fields {
        let bytes = const_hex::decode(value).unwrap_or_default();
        line("field", &format!("{name} = {}", readable(&bytes)));
    }
    if let Some(preimage) = preimage {
        line("preimage", preimage);
    }
    line("expected", &digest.to_string());
    line("it said", &finding.said);
    if let Some(because) = &finding.because {
        line("because", because);
    }
    text
}

/// Where to look, for each kind of failure there is.
fn advice(report: &CheckReport<'_>) -> String {
    const ADVICE: [(FailureKind, &str); 4] = [
        (
            FailureKind::Finding,
            "an implementation does what neither the reference nor a divergence says: look at the library; \
             if the difference is justified, document it in corpus/divergences.toml or a file for --divergences",
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

fn verdict(report: &CheckReport<'_>, subjects: usize) -> String {
    let Tally { agreed, documented, unsupported, findings } = report.matrix.total();
    let (word, failures) = match report.failures.len() {
        0 => ("agreed", String::new()),
        1 => ("FAILED", "1 failure; ".to_owned()),
        failures => ("FAILED", format!("{failures} failures; ")),
    };
    let scope =
        if report.whole { "" } else { " (these cases only; that all facts are covered was not checked)" };
    let apart = [
        (report.no_signature(), "that are no signature and asked nobody"),
        (report.unsaid.len(), "not said"),
    ];
    let apart = apart.into_iter().filter(|(count, _)| *count > 0);
    let apart: String = apart.map(|(count, what)| format!(", {count} {what}")).collect();
    // A case without a recovery id asks with each.
    let inputs: usize = report.cases.iter().map(|checked| checked.judged.len()).sum();
    let more = if inputs > report.cases.len() { format!(" ({inputs} inputs)") } else { String::new() };
    format!(
        "{word}: {failures}{} cases{more} x {subjects} subjects: {agreed} agreed, {documented} documented, \
         {unsupported} unsupported, {findings} findings{apart}{scope}",
        report.cases.len()
    )
}

/// What every subject made of an input.
pub(crate) fn outcomes(judged: &Judged, subjects: &[Box<dyn Subject + '_>]) -> String {
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
