//! What `identify` prints.

pub(super) mod groups;

use std::fmt::Write as _;
use std::time::Duration;

use ecrecheck::corpus::Formats;
use ecrecheck::format::Expr;
use ecrecheck::identify::explain::explain;
use ecrecheck::identify::reading::Reading;
use ecrecheck::identify::value::Value;
use ecrecheck::identify::{Answer, Effort, Found, Question};
use ecrecheck::input::bytes::to_hex;
use ecrecheck::input::key::Address;
use serde_json::json;

/// How many results are shown, and how many other expressions of the same bytes.
const SHOWN: usize = 10;

/// An answer, ready to be shown.
pub(super) struct Shown<'a> {
    pub(super) question: &'a Question,
    pub(super) answer: &'a Answer,
    pub(super) formats: &'a Formats,
    pub(super) took: Duration,
}

impl Shown<'_> {
    pub(super) fn text(&self) -> anyhow::Result<String> {
        let mut text = String::new();
        for found in self.answer.found.iter().take(SHOWN) {
            self.found(found, &mut text)?;
        }
        let more = self.answer.found.len().saturating_sub(SHOWN);
        if more > 0 {
            writeln!(text, "{more} more, all larger: see --json\n")?;
        }
        writeln!(text, "{}", self.verdict())?;
        Ok(text)
    }

    fn found(&self, found: &Found, text: &mut String) -> anyhow::Result<()> {
        writeln!(text, "{}\n  signed   {}", found.target.address(), found.expression)?;
        if let Some(explanation) = explain(&found.expression, &self.question.values, self.formats) {
            writeln!(text, "  meaning  {}", explanation.sentence())?;
        }
        writeln!(text, "  read     {}", found.reading)?;
        writeln!(text, "  key      {}", found.key)?;
        write_also(&found.also, text)?;
        writeln!(text, "  check    {}\n", self.command(found))?;
        Ok(())
    }

    fn command(&self, found: &Found) -> String {
        command(&found.expression, &self.question.values, &found.reading, &found.target.address())
    }

    fn verdict(&self) -> String {
        let Answer { found, effort: Effort { tried, space, interrupted }, .. } = self.answer;
        let effort = effort(&self.answer.effort, self.took);
        let depth = self.question.scope.depth;
        match found.first() {
            None if *interrupted => format!("interrupted: no format found so far; {effort}"),
            None => {
                let rest = match space.saturating_sub(*tried) {
                    0 => String::new(),
                    rest => format!("; {rest} skipped: not 32 bytes"),
                };
                format!("no format found up to depth {depth}; {effort}{rest}")
            }
            Some(_) => {
                let chance = self.answer.chance(self.question.targets.len());
                let kinds = if found.len() == 1 { "format" } else { "formats" };
                let word = if *interrupted { "interrupted: " } else { "" };
                format!(
                    "{word}{} {kinds}; {effort}\nprobability of a coincidence: 2^{chance:.0}",
                    found.len()
                )
            }
        }
    }

    pub(super) fn json(&self) -> serde_json::Value {
        let found = |found: &Found| {
            json!({
                "target": found.target.address(),
                "format": found.expression.to_string(),
                "size": found.expression.size(),
                "digest": found.digest,
                "public_key": found.key,
                "reading": found.reading.to_string(),
                "signature": to_hex(found.reading.bytes()),
                "explanation": explain(&found.expression, &self.question.values, self.formats).map(|explanation| json!({
                    "format": explanation.format,
                    "expected": explanation.expected.to_string(),
                    "differences": explanation.differences,
                })),
                "also": found.also.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "command": self.command(found),
            })
        };
        let answer = self.answer;
        let mut report =
            report(&answer.effort, answer.found.is_empty(), self.question.scope.depth, self.took);
        report["chance_log2"] = json!(answer.chance(self.question.targets.len()));
        report["found"] = answer.found.iter().map(found).collect();
        report
    }
}

/// How far a search went, for people.
fn effort(effort: &Effort, took: Duration) -> String {
    let Effort { tried, space, .. } = effort;
    let seconds = took.as_secs_f64();
    format!("{tried} candidates tried of {space}, in {seconds:.1} s ({:.0}/s)", *tried as f64 / seconds)
}

/// What every report in JSON begins with.
fn report(effort: &Effort, nothing: bool, depth: usize, took: Duration) -> serde_json::Value {
    let Effort { tried, space, interrupted } = effort;
    json!({
        "verdict": match (nothing, interrupted) {
            (false, _) => "found",
            (true, true) => "interrupted",
            (true, false) => "not-found",
        },
        "depth": depth,
        "tried": tried,
        "space": space,
        "seconds": took.as_secs_f64(),
        "interrupted": interrupted,
    })
}

/// The command that recovers a result with every subject.
fn command(expression: &Expr, values: &[Value], reading: &Reading, expected: &Address) -> String {
    let fields = expression.fields();
    let used = values.iter().filter(|value| fields.contains(&value.name.as_str()));
    let set = used.map(|value| format!(" --set {}", quoted(&format!("{}={}", value.name, value.as_set()))));
    format!(
        "ecrecheck recover --format {}{} --signature {} --expect {expected}",
        quoted(&expression.to_string()),
        set.collect::<String>(),
        to_hex(reading.bytes()),
    )
}

/// Other expressions of the same bytes.
fn write_also(also: &[Expr], text: &mut String) -> std::fmt::Result {
    let shown: Vec<_> = also.iter().take(3).map(ToString::to_string).collect();
    if shown.is_empty() {
        return Ok(());
    }
    let more = also.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    writeln!(text, "  also     {}{more} (the same bytes)", shown.join("\n           "))
}

/// An argument as a POSIX shell reads it.
fn quoted(argument: &str) -> String {
    format!("'{}'", argument.replace('\'', r"'\''"))
}
