//! An artifact and a mapping that fit each other: what deploys a contract and asks it.

use std::path::Path;

use super::artifact::{Artifact, ArtifactError};
use super::call::Call;
use super::interface::Interface;
use super::mapping::{Mapping, SETUP_FIELDS};
use super::mismatch::AdapterError;
use crate::corpus::{CorpusError, read};

/// A contract that can be deployed and asked.
#[derive(Debug, Clone)]
pub struct Adapter {
    pub(super) bytecode: Vec<u8>,
    pub(super) constructor: Call,
    pub(super) setup: Vec<Call>,
    /// How it is asked, and how it answers.
    pub interface: Interface,
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
        let interface =
            Interface::new(abi, mapping.verify, mapping.policy, mapping.faults, mapping.deployed)?;
        interface.is_told_the_purpose(setup.iter().chain([&constructor]).flat_map(Call::fields))?;
        Ok(Self { bytecode, constructor, setup, interface })
    }
}
