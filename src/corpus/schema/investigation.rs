//! `investigation.toml`: the KMS signature investigation.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::cases::{FixtureExpect, FixtureTable, KeyBytes, Origin};
use super::field_value::{FieldTable, fields};
use super::{Source, expression};
use crate::corpus::Formats;
use crate::corpus::case::{Case, ExpectedAddress};
use crate::corpus::investigation::{Claim, Evidence, Investigation, Written};
use crate::corpus::read::{CorpusError, Lines};
use crate::input::bytes::{Bytes, Word};
use crate::input::signature::Wire;

/// `investigation.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::corpus) struct InvestigationFile {
    about: String,
    source: Source,
    wire: Wire,
    signature: Spanned<Bytes>,
    fields: FieldTable,
    claim: Vec<ClaimTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimTable {
    name: Spanned<String>,
    address: ExpectedAddress,
    as_written: Option<WrittenTable>,
    recovered_over: Option<Spanned<String>>,
    address_is: Option<Spanned<String>>,
    why: String,
    fixture: Option<ClaimFixture>,
}

/// The fixture that a claim is too: what it was recovered over, and what comes of that.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimFixture {
    id: Spanned<String>,
    about: String,
    preimage: Bytes,
    digest: Word,
    public_key: KeyBytes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTable {
    words: String,
    digest: Spanned<String>,
    address: Option<ExpectedAddress>,
}

impl InvestigationFile {
    /// The investigation, and the fixtures that its claims are too.
    pub(in crate::corpus) fn lower(self, lines: &Lines) -> Result<(Investigation, Vec<Case>), CorpusError> {
        let signature = self
            .wire
            .decode(&self.signature.get_ref().0, None)
            .map_err(|error| lines.error(self.signature.span(), error.to_string()))?;
        let mut fixtures = Vec::new();
        for claim in &self.claim {
            fixtures.extend(claim.fixture(&self, lines)?);
        }
        let fields = fields(self.fields);
        let claims = self
            .claim
            .into_iter()
            .map(|table| {
                let (place, name) = (lines.place(table.name.span()), table.name.into_inner());
                let computed = match (&table.recovered_over, &table.address_is) {
                    (Some(text), None) => Some(Evidence::RecoveredOver(expression(text, &name, lines)?)),
                    (None, Some(text)) => Some(Evidence::AddressIs(expression(text, &name, lines)?)),
                    (None, None) => None,
                    (Some(text), Some(_)) => {
                        let message =
                            format!("`{name}`: expected `recovered_over` or `address_is`, not both");
                        return Err(lines.error(text.span(), message));
                    }
                };
                let written = match table.as_written {
                    Some(WrittenTable { words, digest, address }) => {
                        Some(Written { words, digest: expression(&digest, &name, lines)?, address })
                    }
                    None => None,
                };
                Ok(Claim { name, place, address: table.address, written, computed, why: table.why })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if claims.is_empty() {
            return Err(lines.error(0..0, "the investigation has no claim"));
        }
        let used: BTreeSet<_> = claims.iter().flat_map(Claim::fields).collect();
        if let Some(unused) = fields.names().find(|name| !used.contains(name)) {
            return Err(lines.error(0..0, format!("no claim uses the field `{unused}`")));
        }
        let (about, source) = (self.about, self.source.to_string());
        Ok((Investigation { about, source, signature, fields, claims }, fixtures))
    }
}

impl ClaimTable {
    fn fixture(&self, file: &InvestigationFile, lines: &Lines) -> Result<Option<Case>, CorpusError> {
        let Some(ClaimFixture { id, about, preimage, digest, public_key }) = &self.fixture else {
            return Ok(None);
        };
        let Some(format) = &self.recovered_over else {
            let message = format!("`{}`: a fixture needs `recovered_over`", id.get_ref());
            return Err(lines.error(id.span(), message));
        };
        let used = expression(format, self.name.get_ref(), lines)?;
        let used: BTreeSet<_> = used.fields().into_iter().collect();
        let fields = file.fields.iter().filter(|(name, _)| used.contains(name.as_str()));
        let table = FixtureTable {
            id: id.clone(),
            about: about.clone(),
            origin: Origin::Published,
            source: file.source.clone(),
            format: format.clone(),
            wire: Some(file.wire),
            signature: file.signature.get_ref().clone(),
            recovery_id: None,
            fields: fields.map(|(name, value)| (name.clone(), value.clone())).collect(),
            expect: FixtureExpect {
                mark: None,
                preimage: Some(preimage.clone()),
                digest: *digest,
                address: self.address.clone(),
                public_key: *public_key,
            },
        };
        table.lower(lines, &Formats::default()).map(Some)
    }
}
