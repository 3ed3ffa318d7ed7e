//! What came of holding an implementation of others to the corpus, in words.

use std::fmt;

use super::one_line;
use crate::judge::finding::{Asked, Fault, Finding};
use crate::judge::matrix::Tally;
use crate::run::check::reproduce;
use crate::run::conformance::{ConformanceReport, End, FindingGroup, SurfaceReport};
use crate::subject::OutcomeKind;

impl fmt::Display for ConformanceReport {
    /// The groups of findings, a line for each surface, what was not asked, and the verdict.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for FindingGroup { facts, count, first, case } in &self.findings {
            let facts: Vec<_> = facts.iter().map(|fact| fact.name()).collect();
            writeln!(f, "FINDING  {}: {count} with {}", group(first), facts.join(", "))?;
            writeln!(f, "  first in {case}: {first}")?;
            if let Some(command) = first.input.as_ref().and_then(reproduce) {
                writeln!(f, "  reproduce: {command}")?;
            }
        }
        let columns = ["surface", "asked", "agreed", "documented", "not expressible", "findings"];
        let [surface, rest @ ..] = columns;
        writeln!(f, "{surface:<8}  {}", rest.join("  "))?;
        for (surface, SurfaceReport { tally, .. }) in &self.surfaces {
            write!(f, "{:<8}", surface.name())?;
            let Tally { agreed, documented, unsupported, findings } = *tally;
            for (cell, column) in [tally.asked(), agreed, documented, unsupported, findings].iter().zip(rest)
            {
                write!(f, "  {cell:>width$}", width = column.len())?;
            }
            writeln!(f)?;
        }
        for (divergence, cases) in &self.documented {
            match cases {
                0 => writeln!(f, "documented  {divergence}: NO CASE SHOWED IT")?,
                cases => writeln!(f, "documented  {divergence}: {cases} cases")?,
            }
        }
        for (surface, SurfaceReport { tally, not_expressible }) in &self.surfaces {
            let name = surface.name();
            match (tally.asked(), tally.cases()) {
                (0, 0) => writeln!(f, "NOT ASKED  {name}: there was no case")?,
                (0, cases) => writeln!(f, "NOT ASKED  {name}: not one of {cases} cases can be expressed")?,
                (_, cases) if tally.unsupported > 0 => {
                    writeln!(
                        f,
                        "NOT ASKED  {name}: {} of {cases} cases cannot be expressed",
                        tally.unsupported
                    )?;
                }
                _ => {}
            }
            for (reason, count) in not_expressible {
                writeln!(f, "  {count} x {}", one_line(reason))?;
            }
        }
        write!(f, "{} {}: {}", one_line(self.subject.name), self.subject.version, self.verdict())
    }
}

impl ConformanceReport {
    fn verdict(&self) -> String {
        let (total, found) = (self.tally(), self.found());
        let not_asked = match total.unsupported {
            0 => String::new(),
            not_asked => format!("; {not_asked} OF {} CASES NOT EXPRESSIBLE", total.cases()),
        };
        let word = match (self.passes(), total.asked()) {
            (true, asked) => format!("agreed in {asked} cases{not_asked}"),
            (false, 0) => "FAILED: not one case could be asked".to_owned(),
            (false, asked) => {
                let (findings, groups) = (counted(found, "finding"), self.findings.len());
                let groups = counted(groups as u64, "group");
                let by_laws = match found - (total.findings as u64).min(found) {
                    0 => String::new(),
                    by_laws => format!(", {by_laws} of them by what laws relate to a case"),
                };
                let why = match self.end {
                    End::Complete if found == 0 => {
                        "; a surface that was chosen by name was not asked anything".to_owned()
                    }
                    End::Complete => String::new(),
                    End::StoppedAfter => "; STOPPED EARLY, as was asked for".to_owned(),
                    End::GivenUp => "; GIVEN UP: it hung too often, and is not asked any more".to_owned(),
                };
                format!("FAILED: {findings} in {groups}{by_laws}; {asked} cases asked{why}{not_asked}")
            }
        };
        let Self { corpus, generated, seed, .. } = self;
        format!("{word} ({corpus} of the corpus, {generated} generated, seed {seed})")
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// What the findings of a group have in common.
fn group(first: &Finding) -> String {
    let words = |kind: OutcomeKind| match kind {
        OutcomeKind::WrongKey => "WRONG KEY".to_owned(),
        kind => kind.to_string(),
    };
    match &first.fault {
        Fault::Outcome { outcome, right } => match (outcome.kind_beside(right), right.refusal()) {
            (kind @ OutcomeKind::WrongKey, _) => words(kind),
            (kind, None) => format!("{kind} where there is a key"),
            (kind, Some(refusal)) => format!("{kind} where it must be rejected ({refusal})"),
        },
        Fault::Divergence { id, outcome, right, .. } => {
            format!("{} where divergence `{id}` says otherwise", words(outcome.kind_beside(right)))
        }
        Fault::Memory { asked, outcome, right, .. } => {
            let when = match asked {
                Asked::After(_) => "after other questions",
                Asked::AtOnce { .. } => "where threads ask at once",
            };
            format!("{} {when}", words(outcome.kind_beside(right)))
        }
        Fault::Signing { .. } => "signature of another key".to_owned(),
        Fault::NotSigned { outcome, .. } => format!("{} when asked to sign", outcome.kind()),
        Fault::Relation { law, .. } => format!("breaks the law {law}"),
        Fault::Construction { .. }
        | Fault::Twin { .. }
        | Fault::Verification { .. }
        | Fault::Layout(_)
        | Fault::Property(_) => format!("{}, in ecrecheck itself", first.culprit),
    }
}
