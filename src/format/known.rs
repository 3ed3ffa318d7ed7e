//! Known formats: an expression with who signs it, its wire layout, when it was in use, and its source.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::{Expr, Fields, FormatError, FormatFault, Message, nearest, typed_data};
use crate::format::function::number;
use crate::input::key::PublicKey;
use crate::input::signature::Wire;

/// A format that some ecosystem signs, or once signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFormat {
    /// Such as `dstack.kms-issued.current`.
    pub name: String,
    /// Who signs what, and why.
    pub about: String,
    /// How the digest is made.
    pub digest: Expr,
    /// Who signs.
    pub signer: String,
    /// How the signature stands on the wire.
    pub wire: Wire,
    /// The version or date from which it is in use.
    pub since: Option<String>,
    /// The version or date from which it no longer is.
    pub until: Option<String>,
    /// Where it is defined.
    pub source: String,
    /// What each field holds.
    pub fields: BTreeMap<String, FieldSpec>,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSpec {
    /// What its bytes say.
    pub kind: FieldKind,
    /// How many bytes it has; for `bytes` only, any number where this is missing.
    pub length: Option<usize>,
    /// Whether it may be empty all the same.
    pub optional: bool,
    /// How many bits its number has at most, where that is not 256.
    pub bits: Option<usize>,
    /// What it is like, where few values are such a field: generated messages take one of these.
    pub examples: Vec<Vec<u8>>,
    /// What it means.
    pub about: String,
}

/// What a field's bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldKind {
    /// Bytes.
    Bytes,
    /// UTF-8.
    Text,
    /// A number in decimal digits.
    Number,
    /// A public key in SEC 1's form.
    PublicKey,
    /// EIP-712's typed data in JSON.
    TypedData,
}

/// Why a field is not what its format asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The format has no such field.
    #[error("unknown field `{name}`; {}", match .nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("the format's fields are {}", .known.join(", ")),
    })]
    Unknown {
        /// Its name.
        name: String,
        /// The format's field that is most like it.
        nearest: Option<String>,
        /// The format's fields.
        known: Vec<String>,
    },
    /// A field of the format is not given.
    #[error("field `{0}` is missing")]
    Missing(String),
    /// A field of another length than the format's.
    #[error("field `{name}`: expected {expected} bytes, found {found}")]
    Length {
        /// The field.
        name: String,
        /// Its length in this format.
        expected: usize,
        /// The value's length.
        found: usize,
    },
    /// A number with more bits than the format's.
    #[error("field `{name}`: expected a number of at most {bits} bits")]
    Bits {
        /// The field.
        name: String,
        /// How many bits it has at most in this format.
        bits: usize,
    },
    /// A field that is not of its kind.
    #[error("field `{name}`: expected {kind}{}", .why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default())]
    Kind {
        /// The field.
        name: String,
        /// Its kind.
        kind: FieldKind,
        /// What is wrong with a public key or with typed data.
        why: Option<FormatFault>,
    },
}

impl fmt::Display for FieldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Text => "UTF-8 text",
            Self::Number => "a number in decimal digits",
            Self::PublicKey => "a public key",
            Self::TypedData => "typed data in JSON",
        })
    }
}

impl KnownFormat {
    /// Holds fields to what the format asks for: none missing, none besides, lengths and kinds right.
    ///
    /// An expression alone does not ask for lengths, and some formats are only unambiguous with them.
    ///
    /// # Errors
    /// The first field that is not as it should be.
    pub fn check(&self, fields: &Fields) -> Result<(), FieldError> {
        if let Some(name) = fields.names().find(|name| !self.fields.contains_key(*name)) {
            let known: Vec<_> = self.fields.keys().cloned().collect();
            let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
            return Err(FieldError::Unknown { name: name.to_owned(), nearest, known });
        }
        for (name, spec) in &self.fields {
            let value = fields.value(name).ok_or_else(|| FieldError::Missing(name.clone()))?;
            spec.check(name, value)?;
        }
        Ok(())
    }

    /// The message that these fields make.
    ///
    /// # Errors
    /// The expression has no value over them.
    pub fn message(&self, fields: Fields) -> Result<Message, FormatError> {
        let digest = self.digest.digest(&fields)?;
        Ok(Message { format: Some(self.name.clone()), expression: self.digest.clone(), fields, digest })
    }
}

impl FieldSpec {
    /// A field of this kind, without more that is asked for.
    pub fn any(kind: FieldKind) -> Self {
        Self { kind, length: None, optional: false, bits: None, examples: Vec::new(), about: String::new() }
    }

    /// Whether it asks for what its kind can have, and its examples are such fields.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(crate) fn is_sound(&self, name: &str) -> Result<(), String> {
        let Self { kind, length, optional, bits, examples, .. } = self;
        let wrong = if length.is_some() && *kind != FieldKind::Bytes {
            "`length` is for bytes"
        } else if *optional && length.is_none() {
            "`optional` is for bytes of a `length`"
        } else if bits.is_some() && *kind != FieldKind::Number {
            "`bits` is for numbers"
        } else if bits.is_some_and(|bits| !(1..=256).contains(&bits)) {
            "`bits` is 1 to 256"
        } else {
            let wrong = examples.iter().find_map(|example| self.check(name, example).err());
            return wrong.map_or(Ok(()), |why| Err(format!("an example is none: {why}")));
        };
        Err(format!("field `{name}`: {wrong}"))
    }

    /// Whether a value has the length and the kind that are asked for.
    pub fn admits(&self, value: &[u8]) -> bool {
        self.check("", value).is_ok()
    }

    fn check(&self, name: &str, value: &[u8]) -> Result<(), FieldError> {
        if self.optional && value.is_empty() {
            return Ok(());
        }
        if let Some(expected) = self.length.filter(|length| *length != value.len()) {
            return Err(FieldError::Length { name: name.to_owned(), expected, found: value.len() });
        }
        let (right, why) = match self.kind {
            FieldKind::Bytes => (true, None),
            FieldKind::Text => (str::from_utf8(value).is_ok(), None),
            FieldKind::Number => (number(value).is_ok(), None),
            FieldKind::PublicKey => {
                let error = PublicKey::from_sec1(value).err();
                (error.is_none(), error.map(FormatFault::PublicKey))
            }
            FieldKind::TypedData => {
                let error = typed_data::preimage(value).err();
                (error.is_none(), error.map(FormatFault::TypedData))
            }
        };
        if let Some(bits) = self.bits
            && number(value).is_ok_and(|number| number.bit_len() > bits)
        {
            return Err(FieldError::Bits { name: name.to_owned(), bits });
        }
        if right { Ok(()) } else { Err(FieldError::Kind { name: name.to_owned(), kind: self.kind, why }) }
    }
}
