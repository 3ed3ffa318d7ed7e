//! `investigation.toml`: the KMS signature investigation.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::field_value::{FieldTable, fields};
use super::{Source, expression};
use crate::corpus::case::ExpectedAddress;
use crate::corpus::investigation::{Claim, Evidence, Investigation, Written};
use crate::corpus::read::{CorpusError, Lines};
use crate::input::bytes::Bytes;
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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTable {
    words: String,
    digest: Spanned<String>,
    address: Option<ExpectedAddress>,
}

impl InvestigationFile {
    pub(in crate::corpus) fn lower(self, lines: &Lines) -> Result<Investigation, CorpusError> {
        let signature = self
            .wire
            .decode(&self.signature.get_ref().0, None)
            .map_err(|error| lines.error(self.signature.span(), error.to_string()))?;
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
        Ok(Investigation { about: self.about, source: self.source.to_string(), signature, fields, claims })
    }
}
