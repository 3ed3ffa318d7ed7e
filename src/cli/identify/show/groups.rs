//! What `identify --groups` prints.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use ecrecheck::corpus::Formats;
use ecrecheck::identify::Effort;
use ecrecheck::identify::explain::explain;
use ecrecheck::identify::groups::{Common, GroupsAnswer, GroupsQuestion, UnderKnown};
use serde_json::json;

use super::{SHOWN, command, effort, report, write_also};

/// An answer, ready to be shown.
pub(in crate::cli::identify) struct Shown<'a> {
    pub(in crate::cli::identify) question: &'a GroupsQuestion,
    pub(in crate::cli::identify) answer: &'a GroupsAnswer,
    pub(in crate::cli::identify) formats: &'a Formats,
    pub(in crate::cli::identify) took: Duration,
}

impl Shown<'_> {
    pub(in crate::cli::identify) fn text(&self) -> anyhow::Result<String> {
        let mut text = String::new();
        for found in self.answer.found.iter().take(SHOWN) {
            self.found(found, &mut text)?;
        }
        if self.answer.found.is_empty() {
            for known in &self.answer.known {
                writeln!(text, "under {}: {}", known.format, known.expression)?;
                for (group, signer) in self.question.groups.iter().zip(&known.signers) {
                    let signer = signer.map_or_else(|| "no key".to_owned(), |signer| signer.to_string());
                    writeln!(text, "  {signer}  {}", group.place)?;
                }
                writeln!(text)?;
            }
        }
        writeln!(text, "{}", self.verdict())?;
        Ok(text)
    }

    fn found(&self, found: &Common, text: &mut String) -> anyhow::Result<()> {
        let values = &self.question.groups[0].values;
        writeln!(text, "{}\n  signed   {}", found.key.address(), found.expression)?;
        if let Some(explanation) = explain(&found.expression, values, self.formats) {
            writeln!(text, "  meaning  {}", explanation.sentence())?;
        }
        writeln!(text, "  key      {}", found.key)?;
        write_also(&found.also, text)?;
        for (group, reading) in self.question.groups.iter().zip(&found.readings) {
            writeln!(text, "  {}: {reading}", group.place)?;
            let check = command(&found.expression, &group.values, reading, &found.key.address());
            writeln!(text, "    check  {check}")?;
        }
        writeln!(text)?;
        Ok(())
    }

    fn verdict(&self) -> String {
        let GroupsAnswer { found, known, effort: Effort { interrupted, .. } } = self.answer;
        let effort = effort(&self.answer.effort, self.took);
        let (groups, depth) = (self.question.groups.len(), self.question.scope.depth);
        match found.as_slice() {
            [] if *interrupted => format!("interrupted: no format so far gives one signer; {effort}"),
            [] => {
                let signers =
                    |known: &UnderKnown| known.signers.iter().flatten().collect::<BTreeSet<_>>().len();
                let most = known.iter().map(signers).max().unwrap_or_default();
                let differ = if most > 1 {
                    "\nthe signers differ, if the formats above are right: the signatures are by different keys, or over bytes that are not among the values"
                } else {
                    ""
                };
                format!(
                    "no format up to depth {depth} gives one signer for all {groups} signatures; {effort}{differ}"
                )
            }
            [one] => format!("one signer for all {groups} signatures: {}; {effort}", one.key.address()),
            _ => {
                format!("{} formats give one signer each for all {groups} signatures; {effort}", found.len())
            }
        }
    }

    pub(in crate::cli::identify) fn json(&self) -> serde_json::Value {
        let answer = self.answer;
        let found = |found: &Common| {
            json!({
                "format": found.expression.to_string(),
                "size": found.expression.size(),
                "address": found.key.address(),
                "public_key": found.key,
                "digests": found.digests,
                "readings": found.readings.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "also": found.also.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        };
        let known = |known: &UnderKnown| json!({"name": known.format, "format": known.expression.to_string(), "signers": known.signers});
        let mut report =
            report(&answer.effort, answer.found.is_empty(), self.question.scope.depth, self.took);
        report["groups"] = self.question.groups.iter().map(|group| group.place.as_str()).collect();
        report["found"] = answer.found.iter().map(found).collect();
        report["known"] = answer.known.iter().map(known).collect();
        report
    }
}
