//! Field values, in files and on the command line.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use crate::format::Fields;
use crate::input::bytes::{HexError, from_hex};

/// A field's value as people write it: `0x…` bytes, `text:…`, or an integer (its decimal digits).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldValue(pub Vec<u8>);

/// Why a text is no field value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldValueError {
    /// Neither of the two forms: hex digits alone could be bytes or text.
    #[error("expected 0x… (bytes) or text:… (text), found {0:?}")]
    Form(String),
    /// Not hex after `0x`.
    #[error(transparent)]
    Hex(#[from] HexError),
}

impl FromStr for FieldValue {
    type Err = FieldValueError;

    fn from_str(text: &str) -> Result<Self, FieldValueError> {
        match text.strip_prefix("text:") {
            Some(text) => Ok(Self(text.into())),
            None if text.starts_with("0x") => Ok(Self(from_hex(text)?)),
            None => Err(FieldValueError::Form(text.chars().take(24).collect())),
        }
    }
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;
        impl Visitor<'_> for Value {
            type Value = FieldValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"0x…\" bytes, \"text:…\", or an integer")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<FieldValue, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<FieldValue, E> {
                let number =
                    u64::try_from(number).map_err(|_| E::custom("expected a number of 0 or more"))?;
                Ok(FieldValue(number.to_string().into()))
            }
        }
        deserializer.deserialize_any(Value)
    }
}

pub(super) type FieldTable = BTreeMap<String, FieldValue>;

pub(super) fn fields(table: FieldTable) -> Fields {
    table.into_iter().map(|(name, value)| (name, value.0)).collect()
}
