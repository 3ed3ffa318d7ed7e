//! `divergences.toml`: what legitimately differs.

use std::collections::BTreeSet;
use std::ops::Range;

use semver::VersionReq;
use serde::Deserialize;
use toml::Spanned;

use crate::corpus::read::{CorpusError, Lines};
use crate::judge::fact::Fact;
use crate::judge::{self, Divergence};
use crate::subject::OutcomeKind;

/// `divergences.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::corpus) struct DivergenceFile {
    #[serde(default)]
    divergence: Vec<DivergenceTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DivergenceTable {
    id: Spanned<String>,
    subjects: Vec<String>,
    versions: VersionReq,
    facts: BTreeSet<Fact>,
    #[serde(default)]
    absent: BTreeSet<Fact>,
    reference: judge::AnswerKind,
    outcome: OutcomeKind,
    why: String,
    link: String,
}

impl DivergenceFile {
    pub(in crate::corpus) fn lower(self, lines: &Lines) -> Result<Vec<Divergence>, CorpusError> {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        self.divergence
            .into_iter()
            .map(|table| {
                let span: Range<usize> = table.id.span();
                let DivergenceTable { id, subjects, versions, facts, absent, reference, outcome, why, link } =
                    table;
                let id = id.into_inner();
                if !seen.insert(id.clone()) {
                    return Err(lines.error(span, format!("two divergences have the id `{id}`")));
                }
                if facts.is_empty() || subjects.is_empty() {
                    return Err(lines.error(span, format!("divergence `{id}` needs a subject and a fact")));
                }
                let same = matches!(
                    (reference, outcome),
                    (judge::AnswerKind::Recovered, OutcomeKind::Recovered)
                        | (judge::AnswerKind::Rejected, OutcomeKind::Rejected | OutcomeKind::WrongKey)
                );
                if same {
                    let message = format!("divergence `{id}`: `outcome` is what the reference does (another key than the reference's is `wrong-key`)");
                    return Err(lines.error(span, message));
                }
                Ok(Divergence { id, subjects, versions, facts, absent, reference, outcome, why, link })
            })
            .collect()
    }
}
