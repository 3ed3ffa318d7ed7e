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
        let mut all = Vec::with_capacity(self.divergence.len());
        for table in self.divergence {
            let span: Range<usize> = table.id.span();
            let DivergenceTable { id, subjects, versions, facts, absent, reference, outcome, why, link } =
                table;
            let id = id.into_inner();
            let divergence =
                Divergence { id, subjects, versions, facts, absent, reference, outcome, why, link };
            divergence.check(&all).map_err(|error| lines.error(span, error))?;
            all.push(divergence);
        }
        Ok(all)
    }
}
