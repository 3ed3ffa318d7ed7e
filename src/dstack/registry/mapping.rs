//! A mapping: how a verifier contract is deployed and asked, and what its own rules are. A TOML file.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};

use crate::format::{Expr, parse};

/// How a contract is deployed and asked. `src/dstack/registry/mapping.toml` is one, with comments.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What the constructor is given.
    #[serde(default)]
    pub constructor: ConstructorCall,
    /// Calls that follow the deployment, in their order.
    #[serde(default)]
    pub setup: Vec<SetupCall>,
    /// The call that is under test.
    pub verify: VerifyCall,
    /// What a contract that is deployed already is asked about itself.
    #[serde(default)]
    pub deployed: DeployedCalls,
    /// Rules that contracts may choose.
    #[serde(default)]
    pub policy: Policy,
    /// What the contract says for a fault: the names of its custom errors, or `text:` and the reason of a
    /// `require`. A fault that is not named may be refused in any words.
    #[serde(default)]
    pub faults: BTreeMap<String, ErrorNames>,
}

/// See [`Mapping::constructor`].
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConstructorCall {
    /// Of `root` and `expected_purpose`.
    pub arguments: Vec<Argument>,
}

/// See [`Mapping::setup`].
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetupCall {
    /// A function's name, or its signature.
    pub function: String,
    /// Of `root` and `expected_purpose`.
    pub arguments: Vec<Argument>,
}

/// See [`Mapping::verify`].
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyCall {
    /// A function's name, or its signature.
    pub function: String,
    /// Of the deployment's fields and the proof's.
    pub arguments: Vec<Argument>,
    /// How it says yes.
    #[serde(default)]
    pub accepts: Accepts,
}

/// See [`Mapping::deployed`].
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeployedCalls {
    /// A function without parameters that returns the KMS root's address: its name, or its signature.
    pub root: Option<String>,
}

/// What a deployment is made with: `root` is the KMS root's address, and `expected_purpose` the purpose that
/// the contract is to ask for.
pub(super) const SETUP_FIELDS: [&str; 2] = ["root", "expected_purpose"];
/// What a proof consists of: keys are x then y, signatures r, s and v.
pub(super) const PROOF_FIELDS: [&str; 6] =
    ["app_id", "purpose", "app_key", "derived_key", "claim_signature", "issued_signature"];

/// How a contract says yes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accepts {
    /// It does not revert.
    #[default]
    NoRevert,
    /// It does not revert, and the first word that it returns is not zero: `true`, or an address.
    NonZero,
}

/// Rules that contracts may choose.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Which form of v it takes.
    #[serde(default)]
    pub v: VForm,
    /// Whether it takes a high s.
    #[serde(default)]
    pub high_s: HighS,
    /// The one purpose that it knows, where it is not told one.
    pub purpose: Option<String>,
}

/// A form of v.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
pub enum VForm {
    /// 0 or 1, as on dstack's wire.
    #[default]
    #[serde(rename = "0-1")]
    RecoveryId,
    /// 27 or 28, as `ecrecover` has it.
    #[serde(rename = "27-28")]
    Ethereum,
    /// Any of these four.
    #[serde(rename = "either")]
    Either,
}

/// Whether s > n/2 is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HighS {
    /// Not: a signature has one form.
    #[default]
    Refused,
    /// It is, where nothing depends on a signature's bytes.
    Accepted,
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A value: a format expression over the fields.
    Value(Expr),
    /// The members of a struct, or the elements of an array.
    List(Vec<Self>),
}

/// The errors by which a contract refuses: one, or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorNames(pub Vec<String>);

impl Argument {
    /// The fields that it uses.
    pub fn fields(&self) -> Vec<&str> {
        match self {
            Self::Value(expression) => expression.fields(),
            Self::List(members) => members.iter().flat_map(Self::fields).collect(),
        }
    }
}

impl<'de> Deserialize<'de> for Argument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Argument;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an expression in quotes, or a list of them")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Argument, E> {
                parse(text).map(Argument::Value).map_err(|error| E::custom(format!("{text}: {error}")))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Argument, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = list.next_element()? {
                    members.push(member);
                }
                Ok(Argument::List(members))
            }
        }

        deserializer.deserialize_any(Read)
    }
}

impl<'de> Deserialize<'de> for ErrorNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = ErrorNames;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a custom error, `text:` and a reason, or a list of these")
            }

            fn visit_str<E>(self, text: &str) -> Result<ErrorNames, E> {
                Ok(ErrorNames(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ErrorNames, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = list.next_element()? {
                    words.push(word);
                }
                if words.is_empty() {
                    Err(A::Error::custom("an empty list names no error"))
                } else {
                    Ok(ErrorNames(words))
                }
            }
        }

        deserializer.deserialize_any(Read)
    }
}
