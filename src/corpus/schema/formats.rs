//! `formats/*.toml`: known message formats.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::{FieldValue, expression};
use crate::corpus::case::Place;
use crate::corpus::read::{CorpusError, Lines};
use crate::format::{FieldKind, FieldSpec, KnownFormat};
use crate::input::signature::Wire;

/// `formats/*.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::corpus) struct FormatFile {
    format: Vec<FormatTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormatTable {
    name: Spanned<String>,
    about: String,
    digest: Spanned<String>,
    signer: String,
    wire: Wire,
    since: Option<String>,
    until: Option<String>,
    source: String,
    fields: BTreeMap<String, FieldTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldTable {
    kind: FieldKind,
    length: Option<usize>,
    #[serde(default)]
    optional: bool,
    bits: Option<usize>,
    #[serde(default)]
    examples: Vec<FieldValue>,
    about: String,
}

impl FormatFile {
    pub(in crate::corpus) fn lower(self, lines: &Lines) -> Result<Vec<(KnownFormat, Place)>, CorpusError> {
        self.format.into_iter().map(|table| table.lower(lines)).collect()
    }
}

impl FormatTable {
    fn lower(self, lines: &Lines) -> Result<(KnownFormat, Place), CorpusError> {
        let place = lines.place(self.name.span());
        let (at, name) = (self.name.span(), self.name.into_inner());
        if !name.contains('.')
            || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c))
        {
            let message = format!("expected a format's name, ecosystem.name in lowercase, found `{name}`");
            return Err(lines.error(at, message));
        }
        let span = self.digest.span();
        let digest = expression(&self.digest, &format!("format `{name}`"), lines)?;
        let used: BTreeSet<&str> = digest.fields().into_iter().collect();
        let declared: BTreeSet<&str> = self.fields.keys().map(String::as_str).collect();
        if let Some(field) = used.symmetric_difference(&declared).next() {
            let what =
                if used.contains(field) { "uses but does not declare" } else { "declares but does not use" };
            return Err(lines.error(span, format!("format `{name}` {what} the field `{field}`")));
        }
        let mut fields = BTreeMap::new();
        for (field, table) in self.fields {
            let FieldTable { kind, length, optional, bits, examples, about } = table;
            let examples = examples.into_iter().map(|example| example.0).collect();
            let spec = FieldSpec { kind, length, optional, bits, examples, about };
            spec.is_sound(&field)
                .map_err(|why| lines.error(span.clone(), format!("format `{name}`: {why}")))?;
            fields.insert(field, spec);
        }
        let Self { about, signer, wire, since, until, source, .. } = self;
        Ok((KnownFormat { name, about, digest, signer, wire, since, until, source, fields }, place))
    }
}
