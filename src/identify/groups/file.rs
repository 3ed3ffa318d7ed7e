//! Files of groups, `[[group]]` tables in TOML: several signatures that are believed to be by one signer.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::Group;
use crate::corpus::CorpusError;
use crate::corpus::read::{self, Lines};
use crate::identify::value::Value;
use crate::input::bytes::from_hex;

/// Reads a file of groups.
///
/// # Errors
/// A file that cannot be read or understood.
pub fn load(file: &Path) -> Result<Vec<Group>, CorpusError> {
    parse(file, &read::text(file)?)
}

/// Reads the groups that a file's text holds.
///
/// # Errors
/// It is no TOML, or no groups.
pub fn parse(file: &Path, text: &str) -> Result<Vec<Group>, CorpusError> {
    read::parse(file, text)?.lower(GroupFile::lower)
}

/// A file of groups.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupFile {
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
    fn lower(self, lines: &Lines) -> Result<Vec<Group>, CorpusError> {
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
