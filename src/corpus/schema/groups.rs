//! Files for `identify --groups`: several signatures that are believed to be by one signer.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::bytes::from_hex;
use crate::corpus::read::{CorpusError, Lines};
use crate::identify::groups::Group;
use crate::identify::value::Value;

/// A file of groups.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::corpus) struct GroupFile {
    #[serde(default)]
    group: Vec<Spanned<GroupTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupTable {
    signature: Spanned<String>,
    #[serde(default)]
    values: BTreeMap<Spanned<String>, Spanned<String>>,
}

impl GroupFile {
    pub(in crate::corpus) fn lower(self, lines: &Lines) -> Result<Vec<Group>, CorpusError> {
        self.group
            .into_iter()
            .map(|table| {
                let place = lines.place(table.span());
                let GroupTable { signature, values } = table.into_inner();
                let bytes = from_hex(signature.get_ref())
                    .map_err(|error| lines.error(signature.span(), format!("signature: {error}")))?;
                let values = values
                    .into_iter()
                    .map(|(name, text)| {
                        let value: Result<Value, _> =
                            format!("{}={}", name.get_ref(), text.get_ref()).parse();
                        value.map_err(|error| lines.error(text.span(), error.to_string()))
                    })
                    .collect::<Result<_, _>>()?;
                Ok(Group { place: place.to_string(), signature: bytes, values })
            })
            .collect()
    }
}
