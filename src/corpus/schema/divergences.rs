//! `divergences.toml`: what legitimately differs.

use std::collections::BTreeSet;

use semver::VersionReq;
use serde::Deserialize;
use toml::Spanned;

use crate::corpus::read::{CorpusError, Lines};
use crate::format::MessageFact;
use crate::judge::fact::Fact;
use crate::judge::{self, DigestDivergence, Divergence};
use crate::subject::OutcomeKind;

/// `divergences.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::corpus) struct DivergenceFile {
    #[serde(default)]
    divergence: Vec<DivergenceTable>,
    #[serde(default)]
    digest: Vec<DigestTable>,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DigestTable {
    id: Spanned<String>,
    subjects: Vec<String>,
    versions: VersionReq,
    formats: BTreeSet<String>,
    #[serde(default)]
    facts: BTreeSet<MessageFact>,
    #[serde(default)]
    absent: BTreeSet<MessageFact>,
    outcome: OutcomeKind,
    why: String,
    link: String,
}

impl DivergenceFile {
    /// What differs in recovery, and what differs in what is hashed.
    pub(in crate::corpus) fn lower(
        self,
        lines: &Lines,
    ) -> Result<(Vec<Divergence>, Vec<DigestDivergence>), CorpusError> {
        let mut recoveries = Vec::with_capacity(self.divergence.len());
        for table in self.divergence {
            let span = table.id.span();
            let DivergenceTable { id, subjects, versions, facts, absent, reference, outcome, why, link } =
                table;
            let (id, scope) = (id.into_inner(), reference);
            let divergence = Divergence { id, subjects, versions, facts, absent, scope, outcome, why, link };
            divergence.check(&recoveries).map_err(|error| lines.error(span, error))?;
            recoveries.push(divergence);
        }
        let mut digests = Vec::with_capacity(self.digest.len());
        for table in self.digest {
            let span = table.id.span();
            let DigestTable { id, subjects, versions, formats, facts, absent, outcome, why, link } = table;
            let (id, scope) = (id.into_inner(), formats);
            let divergence = Divergence { id, subjects, versions, facts, absent, scope, outcome, why, link };
            divergence.check(&digests).map_err(|error| lines.error(span, error))?;
            digests.push(divergence);
        }
        Ok((recoveries, digests))
    }
}
