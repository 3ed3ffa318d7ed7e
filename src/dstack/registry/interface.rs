//! How a verifier contract is asked, and what its answers mean, wherever it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use alloy_json_abi::{Error, Function, JsonAbi};
use revm::primitives::Log;

use super::artifact::{ArtifactError, interface_of};
use super::call::Call;
use super::mapping::{
    Accepts, DeployedCalls, ErrorNames, Mapping, PROOF_FIELDS, Policy, SETUP_FIELDS, VerifyCall,
};
use super::mismatch::AdapterError;
use super::said::{ContractRefusal, RevertReason, Said};
use crate::corpus::{CorpusError, read};
use crate::dstack::chain::{Proof, ProofFault};
use crate::format::Fields;
use crate::input::key::Address;

/// How a contract is asked, and how it answers.
#[derive(Debug, Clone)]
pub struct Interface {
    pub(super) abi: JsonAbi,
    verify: Call,
    pub(super) accepts: Accepts,
    root: Option<Call>,
    /// The contract's own rules.
    pub policy: Policy,
    faults: BTreeMap<String, Vec<String>>,
}

/// The fields that a deployment is made with.
pub(super) fn setup_fields(root: Address, purpose: &[u8]) -> Fields {
    Fields::from_iter([("root", root.0.to_vec()), ("expected_purpose", purpose.to_vec())])
}

impl Interface {
    /// Reads a mapping, and an artifact (or its `abi` alone), of a contract that is deployed. Without an artifact
    /// the mapping names functions and errors by their signatures.
    ///
    /// # Errors
    /// A file that cannot be read or understood, or the two do not fit.
    pub fn load(artifact: Option<&Path>, mapping: &Path) -> Result<Self, CorpusError> {
        let read_mapping = read::toml::<Mapping>(mapping)?.lower(|mapping, _| Ok(mapping))?;
        let wrong = |error: AdapterError| CorpusError::whole(mapping, error.to_string());
        let abi = match artifact {
            Some(artifact) => interface_of(&read::text(artifact)?)
                .map_err(|error: ArtifactError| CorpusError::whole(artifact, error.to_string()))?,
            None => signatures(&read_mapping).map_err(wrong)?,
        };
        let Mapping { verify, deployed, policy, faults, .. } = read_mapping;
        Self::new(abi, verify, policy, faults, deployed).map_err(wrong)
    }

    pub(super) fn new(
        abi: JsonAbi,
        verify: VerifyCall,
        policy: Policy,
        names: BTreeMap<String, ErrorNames>,
        deployed: DeployedCalls,
    ) -> Result<Self, AdapterError> {
        let fields: Vec<_> = SETUP_FIELDS.into_iter().chain(PROOF_FIELDS).collect();
        let call = Call::of_function(&abi, "verify", &verify.function, verify.arguments, &fields)?;
        let seen: BTreeSet<&str> = call.fields().collect();
        let must_see = PROOF_FIELDS.into_iter().filter(|field| *field != "purpose" && *field != "app_key");
        if let Some(unseen) = must_see.into_iter().find(|field| !seen.contains(field)) {
            return Err(AdapterError::Unused(unseen));
        }
        let root = deployed.root.map(|name| Call::of_root(&abi, &name)).transpose()?;
        let faults = faults(&abi, names.into_iter().map(|(fault, words)| (fault, words.0)))?;
        Ok(Self { verify: call, accepts: verify.accepts, root, policy, faults, abi })
    }

    /// Whether somebody says which purpose is asked for: the deployment with these fields, the call, or the policy.
    pub(super) fn is_told_the_purpose<'a>(
        &self,
        mut deployment: impl Iterator<Item = &'a str>,
    ) -> Result<(), AdapterError> {
        let is_purpose = |field: &str| field == "expected_purpose";
        let told = self.policy.purpose.is_some()
            || deployment.any(is_purpose)
            || self.verify.fields().any(is_purpose);
        if told { Ok(()) } else { Err(AdapterError::NoPurpose) }
    }

    /// The calldata that asks a deployed contract for its root; none where the mapping names no function for it.
    pub fn root_calldata(&self) -> Option<Vec<u8>> {
        // A function without parameters can be called whatever the fields are.
        self.root.as_ref().and_then(|call| call.encode(&setup_fields(Address([0; 20]), &[])).ok())
    }

    /// How the contract names a fault; none where it may do so as it likes.
    pub fn words(&self, fault: &str) -> Option<&[String]> {
        self.faults.get(fault).map(Vec::as_slice)
    }

    /// What a proof is handed over with.
    ///
    /// # Errors
    /// Why it cannot be said in the parameters' types.
    pub(super) fn calldata(&self, mut fields: Fields, proof: &Proof) -> Result<Vec<u8>, String> {
        for (name, value) in proof.parts() {
            fields.set(name, value);
        }
        self.verify.encode(&fields)
    }

    /// What it means that a call returns.
    pub(super) fn returned(
        &self,
        accepts: Accepts,
        returned: Vec<u8>,
        logs: Vec<Log>,
        before_the_proof: bool,
    ) -> Said {
        let zero = returned.first_chunk::<32>().is_none_or(|word| *word == [0; 32]);
        if accepts == Accepts::NonZero && zero {
            Said::Refused(ContractRefusal { before_the_proof, data: returned, words: RevertReason::Zero })
        } else {
            Said::Accepted { returned, logs }
        }
    }

    /// What it means that a call reverts.
    pub(super) fn reverted(&self, data: Vec<u8>, before_the_proof: bool) -> Said {
        let words = RevertReason::of(&self.abi, &data);
        Said::Refused(ContractRefusal { before_the_proof, data, words })
    }
}

/// The interface that the signatures of a mapping make.
fn signatures(mapping: &Mapping) -> Result<JsonAbi, AdapterError> {
    let no_signature = |place: &str, name: &str, example| {
        let (place, name) = (place.to_owned(), name.to_owned());
        AdapterError::NoSignature { place, name, example }
    };
    let mut abi = JsonAbi::new();
    let verify = ("verify.function", mapping.verify.function.as_str(), "check(bytes20,bytes,bytes)");
    let root = mapping.deployed.root.as_deref().map(|root| ("deployed.root", root, "kmsRoot()"));
    for (place, text, example) in [verify].into_iter().chain(root) {
        let function = Function::parse(text).map_err(|_| no_signature(place, text, example))?;
        abi.functions.entry(function.name.clone()).or_default().push(function);
    }
    for (fault, names) in &mapping.faults {
        for text in names.0.iter().filter(|text| !text.starts_with("text:")) {
            let place = format!("faults.{fault}");
            let error = Error::parse(text).map_err(|_| {
                no_signature(&place, text, "WrongRoot(address,address), or `text:` and a reason")
            })?;
            abi.errors.entry(error.name.clone()).or_default().push(error);
        }
    }
    Ok(abi)
}

/// Checks that there are such faults, and such errors. Gives the errors' names.
fn faults(
    abi: &JsonAbi,
    faults: impl Iterator<Item = (String, Vec<String>)>,
) -> Result<BTreeMap<String, Vec<String>>, AdapterError> {
    let known: Vec<&str> = abi.errors.keys().map(String::as_str).collect();
    let mut checked = BTreeMap::new();
    for (fault, words) in faults {
        if !ProofFault::NAMES.contains(&fault.as_str()) {
            return Err(AdapterError::unknown("faults", "unknown fault", &fault, &ProofFault::NAMES));
        }
        let name = |word: String| match word.split_once('(') {
            Some((name, _)) if !word.starts_with("text:") => name.to_owned(),
            _ => word,
        };
        let words: Vec<String> = words.into_iter().map(name).collect();
        let mut names = words.iter().map(String::as_str).filter(|word| !word.starts_with("text:"));
        if let Some(name) = names.find(|name| !known.contains(name)) {
            let place = format!("faults.{fault}");
            let mut error = AdapterError::unknown(&place, "the contract has no error", name, &known);
            if let AdapterError::Unknown { hint, .. } = &mut error {
                hint.push_str("; the reason of a `require` is written `text:…`");
            }
            return Err(error);
        }
        checked.insert(fault, words);
    }
    Ok(checked)
}
