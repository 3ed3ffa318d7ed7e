//! Why an artifact and a mapping do not fit each other.

use crate::format::nearest;

/// Why an artifact and a mapping do not fit each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdapterError {
    /// A name of a function, a field, a fault or an error that is not known.
    #[error("{place}: {what} `{name}`; {hint}")]
    Unknown {
        /// Where in the mapping.
        place: String,
        /// What does not know it.
        what: &'static str,
        /// The name.
        name: String,
        /// The name that was meant, or every name that is known.
        hint: String,
    },
    /// Several functions of this name.
    #[error("{place}: the name is overloaded: give the whole signature, {}", .signatures.join(" or "))]
    Overloaded {
        /// Where in the mapping.
        place: String,
        /// Their signatures.
        signatures: Vec<String>,
    },
    /// Too few or too many arguments.
    #[error("{place}: {what} takes {expected}, the mapping gives {found}")]
    Arguments {
        /// Where in the mapping.
        place: String,
        /// What takes them, with its parameters.
        what: String,
        /// How many it takes.
        expected: usize,
        /// How many the mapping gives.
        found: usize,
    },
    /// A value where a list belongs, or the other way round.
    #[error("{place}: expected {expected}, for a parameter of the type {ty}")]
    Shape {
        /// Where in the mapping.
        place: String,
        /// What belongs there.
        expected: &'static str,
        /// The parameter's type.
        ty: String,
    },
    /// A parameter of a type that no argument can be made for.
    #[error("{place}: parameters of the type `{ty}` are not supported")]
    Type {
        /// Where in the mapping.
        place: String,
        /// The type.
        ty: String,
    },
    /// A name where there is no artifact to look it up in.
    #[error(
        "{place}: `{name}` is no signature: without an artifact, write it with its parameters' types, {example}"
    )]
    NoSignature {
        /// Where in the mapping.
        place: String,
        /// The name.
        name: String,
        /// A signature.
        example: &'static str,
    },
    /// A function that is to give the root, and gives something else than one address.
    #[error("deployed.root: `{0}` does not return one address without being told anything")]
    NotARoot(String),
    /// A contract that is not told a purpose, and a mapping that does not say which one it knows.
    #[error(
        "the mapping never uses `expected_purpose`: set policy.purpose to the purpose that the contract accepts"
    )]
    NoPurpose,
    /// A proof's part that is never handed over.
    #[error("verify.arguments never use `{0}`: the verifier cannot check what it is not given")]
    Unused(&'static str),
}

impl AdapterError {
    pub(super) fn unknown(place: &str, what: &'static str, name: &str, known: &[&str]) -> Self {
        let hint = did_you_mean(nearest(name, known.iter().copied()), known);
        Self::Unknown { place: place.to_owned(), what, name: name.to_owned(), hint }
    }
}

pub(super) fn did_you_mean(nearest: Option<&str>, known: &[&str]) -> String {
    match (nearest, known) {
        (Some(name), _) => format!("did you mean `{name}`?"),
        (None, []) => "it has none".to_owned(),
        (None, known) => format!("the known ones are {}", known.join(", ")),
    }
}
