//! JSON that holds secrets: every text is wiped when it is dropped, and no error quotes a value.
//!
//! serde's own errors do quote (`invalid type: string "e0e5…"`), so files are read into this first.
//! What serde_json unescapes passes through a buffer of its own, which is not wiped: a PEM's does, hex does
//! not.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use super::claim::KeyAlgorithm;
use super::secret::SecretError;
use crate::format::nearest;

/// What is wrong with a file of keys, or of a proof. It quotes no value.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Not JSON, or a field that is there twice; line and column are in its words.
    #[error("not the expected JSON: {0}")]
    // Not its source: its words are here, and a chain of causes would tell them twice.
    Json(serde_json::Error),
    /// A field that must be there is not.
    #[error("the field `{field}` is missing{}", .instead.as_ref().map(|name| format!("; found the unknown field `{name}`")).unwrap_or_default())]
    Missing {
        /// Its name, with those of the objects that it should be in.
        field: String,
        /// An unknown field with a name that is much like it.
        instead: Option<String>,
    },
    /// A field that a proof does not have.
    #[error(
        "unknown field `{0}`: a proof has app_id, purpose, app_key, derived_key, claim_signature and issued_signature"
    )]
    Unknown(String),
    /// A value of another type.
    #[error("{}: expected {expected}, found {found}", .field.as_ref().map_or("the file".to_owned(), |field| format!("`{field}`")))]
    Type {
        /// The field; none for the file as a whole.
        field: Option<String>,
        /// The type that is asked for.
        expected: &'static str,
        /// The type that is there.
        found: &'static str,
    },
    /// A key or bytes that cannot be read.
    #[error("`{field}`: {why}")]
    Secret {
        /// The field.
        field: String,
        /// Why.
        why: SecretError,
    },
    /// Both names of a field that was renamed.
    #[error("`{old}` is the old name of `{new}`: give one of them, not both")]
    Renamed {
        /// The old name.
        old: &'static str,
        /// The new name.
        new: &'static str,
    },
    /// A public key that is not that of the private key beside it.
    #[error("`public_key` is not the public key of `key` as one of {0}")]
    PublicKey(KeyAlgorithm),
    /// An algorithm that derived keys do not have.
    #[error("`algorithm`: expected `secp256k1` or `ed25519`")]
    Algorithm,
    /// A domain that is no text.
    #[error("`domain`: expected UTF-8 in hex")]
    Domain,
    /// A key provider of another kind than the known ones.
    #[error("`key_provider`: expected an object with one of `None`, `Local`, `Tpm` and `Kms`")]
    KeyProvider,
    /// Another number of signatures than a chain has.
    #[error("`signature_chain` has {}: expected two, the app key's claim and then the KMS root's kms-issued signature", match .0 {
        1 => "1 link".to_owned(),
        3 => "3 links (a Sign response has three, a GetKey response two)".to_owned(),
        found => format!("{found} links"),
    })]
    Links(usize),
}

/// A JSON value.
pub(super) enum Json {
    Text(Zeroizing<String>),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    /// What no key file holds; by name.
    Other(&'static str),
}

impl Json {
    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
            Self::Other(kind) => kind,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_str<E>(self, text: &str) -> Result<Json, E> {
                Ok(Json::Text(Zeroizing::new(text.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Json::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
                let mut fields: Vec<(String, Json)> = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if fields.iter().any(|(seen, _)| *seen == name) {
                        return Err(A::Error::custom(format!("the field `{}` is given twice", shown(&name))));
                    }
                    fields.push((name, map.next_value()?));
                }
                Ok(Json::Object(fields))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
                Ok(Json::Other("true or false"))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Json, E> {
                Ok(Json::Other("a number"))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
                Ok(Json::Other("a number"))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
                Ok(Json::Other("a number"))
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Other("null"))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// An object whose fields are taken one by one.
pub(super) struct Object {
    /// The names of the objects that it is in, each with a dot.
    within: String,
    fields: Vec<(String, Json)>,
}

impl Object {
    pub(super) fn parse(text: &str) -> Result<Self, KeyFileError> {
        // Some editors begin a file with a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value = serde_json::from_str(text).map_err(KeyFileError::Json)?;
        Self::of(value, String::new(), None)
    }

    /// An object that did not come as JSON.
    pub(super) fn of_fields(fields: Vec<(String, Json)>) -> Self {
        Self { within: String::new(), fields }
    }

    fn of(value: Json, within: String, field: Option<&str>) -> Result<Self, KeyFileError> {
        match value {
            Json::Object(fields) => Ok(Self { within, fields }),
            other => Err(wrong_type(field, "an object", &other)),
        }
    }

    /// The field's name with those of the objects that it is in.
    pub(super) fn path(&self, name: &str) -> String {
        format!("{}{name}", self.within)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    pub(super) fn optional(&mut self, name: &str) -> Option<Json> {
        let at = self.fields.iter().position(|(field, _)| field == name)?;
        Some(self.fields.swap_remove(at).1)
    }

    fn required(&mut self, name: &str) -> Result<Json, KeyFileError> {
        self.optional(name).ok_or_else(|| {
            let names = self.fields.iter().map(|(name, _)| name.as_str());
            let instead = nearest(name, names).map(shown);
            KeyFileError::Missing { field: self.path(name), instead }
        })
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Zeroizing<String>, KeyFileError> {
        let field = self.path(name);
        text(self.required(name)?, &field)
    }

    pub(super) fn list(&mut self, name: &str) -> Result<Vec<Json>, KeyFileError> {
        match self.required(name)? {
            Json::List(items) => Ok(items),
            other => Err(wrong_type(Some(&self.path(name)), "a list", &other)),
        }
    }

    pub(super) fn object(&mut self, name: &str) -> Result<Self, KeyFileError> {
        let path = self.path(name);
        Self::of(self.required(name)?, format!("{path}."), Some(&path))
    }

    /// The names of what was not taken, sorted, as they may be shown.
    pub(super) fn rest(&self) -> Vec<String> {
        let mut names: Vec<_> = self.fields.iter().map(|(name, _)| self.path(&shown(name))).collect();
        names.sort();
        names
    }
}

pub(super) fn text(value: Json, field: &str) -> Result<Zeroizing<String>, KeyFileError> {
    match value {
        Json::Text(text) => Ok(text),
        other => Err(wrong_type(Some(field), "text", &other)),
    }
}

fn wrong_type(field: Option<&str>, expected: &'static str, found: &Json) -> KeyFileError {
    KeyFileError::Type { field: field.map(str::to_owned), expected, found: found.kind() }
}

/// A field's name as far as it may be shown: a value in the place of a name could be a key.
pub(super) fn shown(name: &str) -> String {
    let is_name = name.len() <= 24 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_name { name.to_owned() } else { format!("(a name of {} characters)", name.chars().count()) }
}
