//! Verifier contracts: ours, and any other through an [`Adapter`].
//!
//! `registry/Registry.sol` is a registry that takes an instance only with a chain that holds, and says why it
//! refuses any other. Its compiled form, `registry/artifact.json`, is committed; `registry/build.mjs` makes it.
//! [`agree`] holds what it says, run in revm, to what [`verify`](super::chain::verify) says.

mod adapter;
mod artifact;
mod call;
mod contract;
#[cfg(feature = "outsiders")]
mod deployed;
mod interface;
mod mapping;
mod mismatch;
mod said;

use std::sync::{Arc, LazyLock};

use alloy_dyn_abi::{DynSolValue, JsonAbiExt as _};
use revm::precompile::{Crypto, DefaultCrypto};
use ruint::aliases::U256;

pub use self::adapter::Adapter;
pub use self::artifact::{Artifact, ArtifactError};
pub use self::contract::Contract;
#[cfg(feature = "outsiders")]
pub use self::deployed::{Deployed, DeployedAt};
pub use self::interface::Interface;
pub use self::mapping::{Accepts, Argument, HighS, Mapping, Policy, VForm};
pub use self::mismatch::AdapterError;
pub use self::said::{ContractRefusal, RevertReason, Said};
use super::chain::{Proof, ProofFault, verify_by};
use super::generate::GeneratedChain;
use crate::input::ScalarInput;
use crate::input::bytes::to_hex;
use crate::input::key::Address;
use crate::subject::evm::backend::K256Crypto;

/// Our contract's artifact: `registry/artifact.json`.
pub const ARTIFACT: &str = include_str!("registry/artifact.json");
/// Our contract's mapping: `registry/mapping.toml`.
pub const MAPPING: &str = include_str!("registry/mapping.toml");

/// Our contract.
pub fn ours() -> &'static Adapter {
    static OURS: LazyLock<Adapter> = LazyLock::new(|| {
        let artifact = ARTIFACT.parse().unwrap_or_else(|error| unreachable!("artifact.json: {error}"));
        let mapping = toml::from_str(MAPPING).unwrap_or_else(|error| unreachable!("mapping.toml: {error}"));
        Adapter::new(artifact, mapping).unwrap_or_else(|error| unreachable!("mapping.toml: {error}"))
    });
    &OURS
}

/// Our contract and the Rust verifier say different things.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("on {backend} the contract says {contract}, the Rust verifier {verifier}; root {root}, purpose {}, {proof:?}", to_hex(.purpose))]
pub struct Disagreement {
    /// revm's backend.
    pub backend: &'static str,
    /// What the contract says.
    pub contract: String,
    /// What the Rust verifier says.
    pub verifier: String,
    /// The root that was expected.
    pub root: Address,
    /// The purpose that was expected.
    pub purpose: Vec<u8>,
    /// The proof.
    pub proof: Proof,
}

/// Holds our contract, deployed for a root and a purpose on each of revm's backends, to the Rust verifier:
/// success and the address of the instance, or the same fault with the same arguments, byte for byte.
///
/// # Errors
/// They say different things.
pub fn agree(proof: &Proof, root: Address, purpose: &[u8]) -> Result<(), Box<Disagreement>> {
    agree_with(ours(), proof, root, purpose)
}

/// As [`agree`], for a contract that has our interface and our errors.
///
/// # Errors
/// They say different things.
pub fn agree_with(
    adapter: &Adapter,
    proof: &Proof,
    root: Address,
    purpose: &[u8],
) -> Result<(), Box<Disagreement>> {
    static BACKENDS: LazyLock<[(&str, Arc<dyn Crypto>); 2]> =
        LazyLock::new(|| [("libsecp256k1", Arc::new(DefaultCrypto)), ("k256", Arc::new(K256Crypto))]);
    let outcome = verify_by(ScalarInput::recover_by_twin, proof, root, purpose).outcome;
    for (backend, crypto) in &*BACKENDS {
        let deployed = Contract::deploy(adapter, Arc::clone(crypto), root, purpose);
        let said = deployed.map_or_else(|said| said, |contract| contract.verify(proof));
        let same = match (&said, &outcome) {
            (Said::Accepted { returned, .. }, Ok(instance)) => {
                *returned == [[0; 12].as_slice(), &instance.0].concat()
            }
            (Said::Refused(refusal), Err(fault)) => {
                refusal.before_the_proof == (*fault == ProofFault::ZeroRoot)
                    && refusal.data == revert_data(fault)
            }
            _ => false,
        };
        if !same {
            return Err(Box::new(Disagreement {
                backend,
                contract: match &said {
                    Said::Accepted { returned, .. } => format!("accepted, {}", to_hex(returned)),
                    said => said.to_string(),
                },
                // By the reference itself, before anybody is called wrong; where it has another word, the twin is.
                verifier: match verify_by(ScalarInput::recover_by_reference, proof, root, purpose).outcome {
                    by_reference if by_reference != outcome => {
                        format!("{outcome:?} by the reference's twin, {by_reference:?} by the reference")
                    }
                    Ok(instance) => format!("accepted, {instance}"),
                    Err(fault) => format!("{fault:?}"),
                },
                root,
                purpose: purpose.to_vec(),
                proof: proof.clone(),
            }));
        }
    }
    Ok(())
}

/// As [`agree`], for a chain that was generated: for fuzz targets.
///
/// # Errors
/// They say different things.
pub fn examine(chain: &GeneratedChain) -> Result<(), Box<Disagreement>> {
    agree(&chain.proof, chain.root, &chain.purpose)
}

/// What our contract reverts with for a fault.
fn revert_data(fault: &ProofFault) -> Vec<u8> {
    let number = |number: usize| DynSolValue::Uint(U256::from(number), 256);
    let byte = |byte: u8| DynSolValue::Uint(U256::from(byte), 8);
    let address = |address: &Address| DynSolValue::Address(address.0.into());
    let arguments = match fault {
        ProofFault::ZeroRoot | ProofFault::PurposeMismatch { .. } | ProofFault::DerivedKeyOffCurve => vec![],
        ProofFault::AppIdLength { length }
        | ProofFault::AppKeyLength { length }
        | ProofFault::DerivedKeyLength { length } => vec![number(*length)],
        ProofFault::SignatureLength { link, length } => vec![byte(*link as u8), number(*length)],
        ProofFault::SignatureV { link, v } => vec![byte(*link as u8), byte(*v)],
        ProofFault::SignatureHighS { link } | ProofFault::SignatureRejected { link } => {
            vec![byte(*link as u8)]
        }
        ProofFault::AppKeyMismatch { recovered, claimed: other }
        | ProofFault::WrongRoot { recovered, expected: other } => vec![address(recovered), address(other)],
    };
    let error = ours().interface.abi.error(fault.name()).and_then(|errors| errors.first());
    error.and_then(|error| error.abi_encode_input(&arguments).ok()).unwrap_or_default()
}
