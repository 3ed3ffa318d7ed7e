//! Suggested divergences as a file of them: entries to fill in, and comments on what no entry says.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::judge::Divergence;
use crate::judge::fact::Fact;
use crate::report::one_line;
use crate::run::check::reproduce;
use crate::run::suggest::{Cause, Inconsistency, MAX_FACTS, Seen, Suggestion, Suggestions};

/// The entries as `divergences.toml` has them, with `why` and `link` to fill in. Commands name the subject by its
/// specification, where it has one.
pub fn toml(suggestions: &Suggestions, spec: Option<&str>) -> String {
    let Suggestions { subject, inputs, entries, inconsistent } = suggestions;
    let mut text = String::new();
    let mut comment = |line: &str| {
        let _ = writeln!(text, "# {}", one_line(line));
    };
    let who = format!("{} {}", subject.name, subject.version);
    if entries.is_empty() && inconsistent.is_empty() {
        comment(&format!("{who}: nothing to document, on {inputs} inputs"));
        return text;
    }
    comment(&format!("{who}, learned from {inputs} inputs. Fill in `why` and `link`."));
    for Suggestion { divergence, count, first } in entries {
        let _ = writeln!(
            text,
            "\n# on {}, first:\n{}{}",
            inputs_of(*count),
            example(first, spec),
            entry(divergence)
        );
    }
    for inconsistency in inconsistent {
        let _ = writeln!(text, "\n{}", not_consistent(inconsistency, spec));
    }
    text
}

fn not_consistent(inconsistency: &Inconsistency, spec: Option<&str>) -> String {
    let Inconsistency { reference, outcome, cause, count, one, others } = inconsistency;
    let why = match cause {
        Cause::SameFacts => "others with the same facts were treated otherwise".to_owned(),
        Cause::TooManyFacts => format!("no entry of {MAX_FACTS} facts or fewer covers them and no others"),
        Cause::TooFewInputs => "too few to tell from chance".to_owned(),
        Cause::RejectedToo => "an entry cannot say that the call should have failed, or not".to_owned(),
    };
    let mut text = format!(
        "# not consistent: {outcome} on {} where {reference} is right: {why}\n{}",
        inputs_of(*count),
        example(one, spec)
    );
    if let Some((count, other)) = others {
        let outcome = other.outcome.kind_beside(&other.right);
        let _ = write!(text, "# and {outcome} on {}:\n{}", inputs_of(*count), example(other, spec));
    }
    text.truncate(text.trim_end().len());
    text
}

fn inputs_of(count: usize) -> String {
    format!("{count} input{}", if count == 1 { "" } else { "s" })
}

/// An input as comments: its case, its facts, the command that shows it.
fn example(seen: &Seen, spec: Option<&str>) -> String {
    let facts: Vec<_> = seen.facts.iter().map(|fact| fact.name()).collect();
    let case = one_line(&seen.case);
    let subject = spec.map_or_else(String::new, |spec| format!(" --subject {spec}"));
    let command = reproduce(&seen.input)
        .map_or_else(|| "too long for a command".to_owned(), |command| one_line(&(command + &subject)));
    format!("#   {case} ({})\n#   {command}\n", facts.join(", "))
}

fn entry(divergence: &Divergence) -> String {
    let Divergence { id, subjects, versions, facts, absent, scope, outcome, why, link } = divergence;
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let list = |words: Vec<String>| format!("[{}]", words.join(", "));
    let facts_of = |facts: &BTreeSet<Fact>| list(facts.iter().map(|fact| quoted(fact.name())).collect());
    let mut text = format!("[[divergence]]\nid = {}\n", quoted(id));
    let mut line = |key: &str, value: String| {
        let _ = writeln!(text, "{key} = {value}");
    };
    line("subjects", list(subjects.iter().map(|name| quoted(name)).collect()));
    line("versions", quoted(&versions.to_string()));
    line("facts", facts_of(facts));
    if !absent.is_empty() {
        line("absent", facts_of(absent));
    }
    line("reference", quoted(&scope.to_string()));
    line("outcome", quoted(&outcome.to_string()));
    line("why", quoted(why));
    line("link", quoted(link));
    text.truncate(text.trim_end().len());
    text
}
