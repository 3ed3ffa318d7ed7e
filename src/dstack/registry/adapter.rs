//! An artifact and a mapping that fit each other: what turns a proof into a contract's calldata.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use alloy_json_abi::JsonAbi;

use super::artifact::{Artifact, ArtifactError};
use super::call::Call;
use super::mapping::{Accepts, Mapping, PROOF_FIELDS, Policy, SETUP_FIELDS};
use crate::corpus::{CorpusError, read};
use crate::dstack::chain::ProofFault;
use crate::format::nearest;

/// A contract that can be deployed and asked.
#[derive(Debug, Clone)]
pub struct Adapter {
    pub(super) bytecode: Vec<u8>,
    pub(super) abi: JsonAbi,
    pub(super) constructor: Call,
    pub(super) setup: Vec<Call>,
    pub(super) verify: Call,
    pub(super) accepts: Accepts,
    /// The contract's own rules.
    pub policy: Policy,
    faults: BTreeMap<String, Vec<String>>,
}

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

impl Adapter {
    /// Reads an artifact and a mapping from files.
    ///
    /// # Errors
    /// A file that cannot be read or understood, or the two do not fit.
    pub fn load(artifact: &Path, mapping: &Path) -> Result<Self, CorpusError> {
        let read_artifact: Artifact = read::text(artifact)?
            .parse()
            .map_err(|error: ArtifactError| CorpusError::whole(artifact, error.to_string()))?;
        let read_mapping = read::toml::<Mapping>(mapping)?.lower(|mapping, _| Ok(mapping))?;
        Self::new(read_artifact, read_mapping).map_err(|error| CorpusError::whole(mapping, error.to_string()))
    }

    /// Brings an artifact and a mapping together.
    ///
    /// # Errors
    /// See [`AdapterError`].
    pub fn new(artifact: Artifact, mapping: Mapping) -> Result<Self, AdapterError> {
        let Artifact { abi, bytecode } = artifact;
        let inputs = abi.constructor.as_ref().map_or(&[][..], |constructor| &constructor.inputs);
        let constructor = Call::new(
            "constructor",
            "the constructor",
            None,
            inputs,
            mapping.constructor.arguments,
            &SETUP_FIELDS,
        )?;
        let mut setup = Vec::new();
        for (at, step) in mapping.setup.into_iter().enumerate() {
            setup.push(Call::of_function(
                &abi,
                &format!("setup[{at}]"),
                &step.function,
                step.arguments,
                &SETUP_FIELDS,
            )?);
        }
        let all_fields: Vec<_> = SETUP_FIELDS.into_iter().chain(PROOF_FIELDS).collect();
        let verify = mapping.verify;
        let verify_call = Call::of_function(&abi, "verify", &verify.function, verify.arguments, &all_fields)?;

        let told: BTreeSet<&str> =
            setup.iter().chain([&constructor, &verify_call]).flat_map(Call::fields).collect();
        if mapping.policy.purpose.is_none() && !told.contains("expected_purpose") {
            return Err(AdapterError::NoPurpose);
        }
        let seen: BTreeSet<&str> = verify_call.fields().collect();
        let must_see = PROOF_FIELDS.into_iter().filter(|field| *field != "purpose" && *field != "app_key");
        if let Some(unseen) = must_see.into_iter().find(|field| !seen.contains(field)) {
            return Err(AdapterError::Unused(unseen));
        }
        let faults = faults(&abi, mapping.faults.into_iter().map(|(fault, words)| (fault, words.0)))?;
        Ok(Self {
            bytecode,
            constructor,
            setup,
            verify: verify_call,
            accepts: verify.accepts,
            policy: mapping.policy,
            faults,
            abi,
        })
    }

    /// How the contract names a fault; none where it may do so as it likes.
    pub fn words(&self, fault: &str) -> Option<&[String]> {
        self.faults.get(fault).map(Vec::as_slice)
    }
}

/// Checks that there are such faults, and such errors.
fn faults(
    abi: &JsonAbi,
    faults: impl Iterator<Item = (String, Vec<String>)>,
) -> Result<BTreeMap<String, Vec<String>>, AdapterError> {
    let errors: Vec<&str> = abi.errors.keys().map(String::as_str).collect();
    let mut checked = BTreeMap::new();
    for (fault, words) in faults {
        if !ProofFault::NAMES.contains(&fault.as_str()) {
            return Err(AdapterError::unknown("faults", "unknown fault", &fault, &ProofFault::NAMES));
        }
        let mut names = words.iter().map(String::as_str).filter(|word| !word.starts_with("text:"));
        if let Some(name) = names.find(|name| !errors.contains(name)) {
            let place = format!("faults.{fault}");
            let mut error = AdapterError::unknown(&place, "the contract has no error", name, &errors);
            if let AdapterError::Unknown { hint, .. } = &mut error {
                hint.push_str("; the reason of a `require` is written `text:…`");
            }
            return Err(error);
        }
        checked.insert(fault, words);
    }
    Ok(checked)
}
