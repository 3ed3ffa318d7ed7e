//! Format expressions: how a digest is made from named fields, written down.
//!
//! ```text
//! keccak256("dstack-kms-issued:" + app_id + compressed(app_key))
//! ```
//!
//! Every expression is a byte string: `"text"`, `0x…` literals, numbers (their decimal digits), field
//! names, `+`, and [functions](Function). [`parse()`] reads one, `Display` writes it, and
//! [`Expr::evaluate`] gives its value over some [`Fields`]; each says where in the text an error is.
//!
//! ```
//! use ecrecheck::format::{Fields, parse};
//!
//! let format = parse(r#"keccak256(purpose + ":" + hex(key))"#)?;
//! let fields = Fields::from_iter([("purpose", "ethereum"), ("key", "ab")]);
//! assert_eq!(format.evaluate(&fields)?.len(), 32);
//! assert_eq!(format.digest(&fields)?.preimage.unwrap(), b"ethereum:6162");
//! assert_eq!(format.to_string(), r#"keccak256(purpose + ":" + hex(key))"#);
//!
//! let error = parse("keccak265(key)").unwrap_err();
//! assert_eq!(error.to_string(), "at character 1: unknown function `keccak265`; did you mean `keccak256`?");
//! # Ok::<(), ecrecheck::format::FormatError>(())
//! ```

mod encoding;
mod evaluate;
pub mod explain;
mod fact;
mod function;
mod generate;
mod known;
mod parse;
mod print;
mod typed_data;

use std::collections::BTreeMap;

pub use evaluate::{Digest, FormatFault};
pub(crate) use fact::facts;
pub use fact::{MessageFact, UnknownFact};
pub use function::{Function, Parameter};
pub use known::{FieldError, FieldKind, FieldSpec, KnownFormat};
pub use parse::parse;
pub use typed_data::TypedDataError;

/// The longest text of an expression, in bytes.
pub const MAX_TEXT: usize = 64 << 10;
/// The deepest nesting of calls.
pub const MAX_DEPTH: usize = 64;
/// The longest value of an expression or of a part of it, in bytes.
pub const MAX_VALUE: usize = 1 << 20;
/// The most that all parts of an expression may come to together, in bytes: a bound on time and memory.
pub const MAX_WORK: usize = 16 << 20;

/// An expression: what it is, and where it stands in the text that it was read from.
///
/// Where it stands does not count when two are compared.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub term: Term,
    /// Where it begins: characters of the text before it.
    pub at: usize,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// `"text"`: its UTF-8 bytes.
    Text(String),
    /// `0x…`: these bytes.
    Hex(Vec<u8>),
    /// A number: its decimal digits.
    Number(u64),
    /// A field's value.
    Field(String),
    /// Two or more parts, one after the other. No part is itself a concatenation.
    Concat(Vec<Expr>),
    /// A function's value.
    Call(Function, Vec<Expr>),
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.term == other.term
    }
}

impl Eq for Expr {}

impl From<Term> for Expr {
    /// An expression that was not read from a text.
    fn from(term: Term) -> Self {
        Self { term, at: 0 }
    }
}

impl Expr {
    /// The fields that it uses, each once, in the order in which they first stand there.
    pub fn fields(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.collect_fields(&mut found);
        found
    }

    /// How large it is: its literals, fields and function calls, counted.
    pub fn size(&self) -> usize {
        match &self.term {
            Term::Text(_) | Term::Hex(_) | Term::Number(_) | Term::Field(_) => 1,
            Term::Concat(parts) => parts.iter().map(Self::size).sum(),
            Term::Call(_, arguments) => 1 + arguments.iter().map(Self::size).sum::<usize>(),
        }
    }

    /// A function's call.
    pub fn call(function: Function, arguments: impl IntoIterator<Item = Self>) -> Self {
        Term::Call(function, arguments.into_iter().collect()).into()
    }

    /// Several expressions one after the other; one alone is itself, and none is no bytes.
    pub fn concat(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part.term {
                Term::Concat(inner) => flat.extend(inner),
                _ => flat.push(part),
            }
        }
        match flat.pop() {
            None => Term::Text(String::new()).into(),
            Some(only) if flat.is_empty() => only,
            Some(last) => {
                flat.push(last);
                Term::Concat(flat).into()
            }
        }
    }

    /// Its parts, one after the other: itself alone where it is no concatenation.
    pub fn parts(&self) -> &[Self] {
        match &self.term {
            Term::Concat(parts) => parts,
            _ => std::slice::from_ref(self),
        }
    }

    /// The same expression with something else in place of each field.
    pub fn substitute(&self, value: &impl Fn(&str) -> Self) -> Self {
        match &self.term {
            Term::Field(name) => value(name),
            Term::Concat(parts) => Self::concat(parts.iter().map(|part| part.substitute(value))),
            Term::Call(function, arguments) => {
                Self::call(*function, arguments.iter().map(|argument| argument.substitute(value)))
            }
            Term::Text(_) | Term::Hex(_) | Term::Number(_) => self.term.clone().into(),
        }
    }

    fn collect_fields<'a>(&'a self, found: &mut Vec<&'a str>) {
        match &self.term {
            Term::Text(_) | Term::Hex(_) | Term::Number(_) => {}
            Term::Field(name) => {
                if !found.contains(&name.as_str()) {
                    found.push(name);
                }
            }
            Term::Concat(parts) | Term::Call(_, parts) => {
                parts.iter().for_each(|part| part.collect_fields(found))
            }
        }
    }
}

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {}: {fault}", .at + 1)]
pub struct FormatError {
    /// What is wrong.
    pub fault: FormatFault,
    /// Where: characters of the expression's text before it.
    pub at: usize,
}

/// The values of named fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, Vec<u8>>);

impl Fields {
    /// Sets a field; gives what it was before.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Option<Vec<u8>> {
        self.0.insert(name.into(), value.into())
    }

    /// A field's value.
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// Names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// The names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl<N: Into<String>, V: Into<Vec<u8>>> FromIterator<(N, V)> for Fields {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// The value of an expression without fields, for examples.
///
/// # Errors
/// See [`FormatError`].
pub fn value(text: &str) -> Result<Vec<u8>, FormatError> {
    parse(text)?.evaluate(&Fields::default())
}

/// The name that is most like `name`, if one is much like it.
pub(crate) fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

/// What was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The known format's name, if it is one.
    pub format: Option<String>,
    /// How the digest is made.
    pub expression: Expr,
    /// The fields' values.
    pub fields: Fields,
    /// The expression's digest.
    pub digest: Digest,
}
