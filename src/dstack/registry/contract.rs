//! Deploying a contract in revm and asking it: what it says to a proof.

use std::fmt;
use std::sync::{Arc, LazyLock};

use alloy_dyn_abi::JsonAbiExt as _;
use alloy_json_abi::JsonAbi;
use revm::context::TxEnv;
use revm::context::result::{ExecutionResult, HaltReason, Output};
use revm::database::{CacheDB, EmptyDB};
use revm::precompile::{Crypto, DefaultCrypto};
use revm::primitives::{Address, Bytes, Log, TxKind, address};
use revm::{Context, ExecuteCommitEvm as _, MainBuilder as _, MainContext as _};
use ruint::aliases::U256;

use super::adapter::Adapter;
use super::mapping::Accepts;
use crate::dstack::chain::Proof;
use crate::format::Fields;
use crate::input::bytes::to_hex;
use crate::input::key;
use crate::subject::evm::backend::with_backend;

const SENDER: Address = address!("5e4de75e4de75e4de75e4de75e4de75e4de75e4d");

/// The gas of a deployment and of a call: far more than a verifier needs, and an end to one that has none.
const GAS: u64 = 30_000_000;
/// The largest contract that is deployed, in bytes: more than a network takes, for builds that are not
/// optimised.
const MAX_CODE: usize = 1 << 20;

/// A deployed contract.
#[derive(Clone)]
pub struct Contract<'a> {
    adapter: &'a Adapter,
    backend: Arc<dyn Crypto>,
    database: CacheDB<EmptyDB>,
    address: Address,
    setup: Fields,
}

/// What a contract said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It took the proof.
    Accepted {
        /// What it returned.
        returned: Vec<u8>,
        /// What it logged.
        logs: Vec<Log>,
    },
    /// It did not.
    Refused(ContractRefusal),
    /// It gave no answer: it ran out of gas, or reached an invalid instruction.
    Stopped(String),
    /// It was not asked: what it was to be asked cannot be said in its parameters' types.
    Unsayable(String),
}

/// How a contract refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractRefusal {
    /// Whether it was the deployment, or a call of the setup, that it refused.
    pub before_the_proof: bool,
    /// What it reverted with; or what it returned, where that was zero and means no.
    pub data: Vec<u8>,
    /// The data in words.
    pub words: RevertReason,
}

/// What a contract reverts with, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevertReason {
    /// A custom error.
    Error {
        /// Its name.
        name: String,
        /// Its arguments, as people write them.
        arguments: Vec<String>,
    },
    /// The reason of a `require`.
    Text(String),
    /// Solidity's own checks: the code says which.
    Panic(U256),
    /// No words at all.
    Nothing,
    /// It returned zero.
    Zero,
    /// Data that is neither.
    Unknown,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted { .. } => f.write_str("accepted"),
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
            Self::Stopped(how) => write!(f, "no answer: {how}"),
            Self::Unsayable(why) => write!(f, "not asked: {why}"),
        }
    }
}

impl fmt::Display for ContractRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.words {
            RevertReason::Error { name, arguments } => write!(f, "{name}({})", arguments.join(", "))?,
            RevertReason::Text(text) => write!(f, "{text:?}")?,
            RevertReason::Panic(code) => write!(f, "Panic(0x{code:02x})")?,
            RevertReason::Nothing => f.write_str("without a word")?,
            RevertReason::Zero => f.write_str("returned zero")?,
            RevertReason::Unknown => write!(f, "unknown data {}", to_hex(&self.data))?,
        }
        if self.before_the_proof { f.write_str(" when it was deployed") } else { Ok(()) }
    }
}

impl Adapter {
    /// Deploys a fresh contract for a root and a purpose, on revm's default backend, and hands it a proof.
    pub fn ask(&self, proof: &Proof, root: key::Address, purpose: &[u8]) -> Said {
        static DEFAULT: LazyLock<Arc<dyn Crypto>> = LazyLock::new(|| Arc::new(DefaultCrypto));
        match Contract::deploy(self, Arc::clone(&DEFAULT), root, purpose) {
            Ok(contract) => contract.verify(proof),
            Err(said) => said,
        }
    }
}

impl<'a> Contract<'a> {
    /// Deploys the contract for a root and a purpose, on a backend.
    ///
    /// # Errors
    /// What it said instead.
    pub fn deploy(
        adapter: &'a Adapter,
        backend: Arc<dyn Crypto>,
        root: key::Address,
        purpose: &[u8],
    ) -> Result<Self, Said> {
        let setup = Fields::from_iter([("root", root.0.to_vec()), ("expected_purpose", purpose.to_vec())]);
        let database = CacheDB::new(EmptyDB::new());
        let mut contract = Self { adapter, backend, database, address: Address::ZERO, setup };
        let arguments = adapter.constructor.encode(&contract.setup).map_err(Said::Unsayable)?;
        let code = [adapter.bytecode.as_slice(), &arguments].concat();
        match contract.commit(TxKind::Create, code).map_err(Said::Stopped)? {
            ExecutionResult::Success { output: Output::Create(_, Some(address)), .. } => {
                contract.address = address;
            }
            other => return Err(adapter.said(other, Accepts::NoRevert, true)),
        }
        for call in &adapter.setup {
            let calldata = call.encode(&contract.setup).map_err(Said::Unsayable)?;
            let result = contract.commit(TxKind::Call(contract.address), calldata).map_err(Said::Stopped)?;
            if !result.is_success() {
                return Err(adapter.said(result, Accepts::NoRevert, true));
            }
        }
        Ok(contract)
    }

    /// Hands over a proof, and forgets what the contract stored.
    pub fn verify(&self, proof: &Proof) -> Said {
        self.calldata(proof).map_or_else(Said::Unsayable, |calldata| self.clone().send(calldata))
    }

    /// Hands over a proof; what the contract stores stays.
    pub fn register(&mut self, proof: &Proof) -> Said {
        self.calldata(proof).map_or_else(Said::Unsayable, |calldata| self.send(calldata))
    }

    /// Calls a function that is not the verifier, and forgets what the contract stored.
    pub fn view(&self, calldata: Vec<u8>) -> Said {
        let result = self.clone().commit(TxKind::Call(self.address), calldata);
        result.map_or_else(Said::Stopped, |result| self.adapter.said(result, Accepts::NoRevert, false))
    }

    /// Its address.
    pub fn address(&self) -> key::Address {
        key::Address(self.address.into_array())
    }

    fn calldata(&self, proof: &Proof) -> Result<Vec<u8>, String> {
        let mut fields = self.setup.clone();
        for (name, value) in proof.parts() {
            fields.set(name, value);
        }
        self.adapter.verify.encode(&fields)
    }

    fn send(&mut self, calldata: Vec<u8>) -> Said {
        let result = self.commit(TxKind::Call(self.address), calldata);
        result.map_or_else(Said::Stopped, |result| self.adapter.said(result, self.adapter.accepts, false))
    }

    fn commit(&mut self, kind: TxKind, data: Vec<u8>) -> Result<ExecutionResult, String> {
        let context = Context::mainnet().with_db(&mut self.database).modify_cfg_chained(|cfg| {
            cfg.disable_nonce_check = true;
            cfg.tx_gas_limit_cap = Some(GAS);
            cfg.limit_contract_code_size = Some(MAX_CODE);
            cfg.limit_contract_initcode_size = Some(2 * MAX_CODE);
        });
        let mut evm = context.build_mainnet();
        let transaction =
            TxEnv { caller: SENDER, kind, data: Bytes::from(data), gas_limit: GAS, ..TxEnv::default() };
        let result = with_backend(&self.backend, || evm.transact_commit(transaction))?;
        result.map_err(|error| format!("the transaction was refused: {error}"))
    }
}

impl Adapter {
    fn said(&self, result: ExecutionResult, accepts: Accepts, before_the_proof: bool) -> Said {
        let refused = |data: Vec<u8>, words| Said::Refused(ContractRefusal { before_the_proof, data, words });
        match result {
            ExecutionResult::Success { output, logs, .. } => {
                let returned = output.into_data().to_vec();
                let zero = returned.first_chunk::<32>().is_none_or(|word| *word == [0; 32]);
                if accepts == Accepts::NonZero && zero {
                    refused(returned, RevertReason::Zero)
                } else {
                    Said::Accepted { returned, logs }
                }
            }
            ExecutionResult::Revert { output, .. } => {
                let words = understand(&self.abi, &output);
                refused(output.to_vec(), words)
            }
            // What `assert` was before Solidity 0.8: a refusal without a word.
            ExecutionResult::Halt { reason: HaltReason::InvalidFEOpcode, .. } => {
                refused(Vec::new(), RevertReason::Nothing)
            }
            ExecutionResult::Halt { reason, .. } => Said::Stopped(format!("{reason:?}")),
        }
    }
}

fn understand(abi: &JsonAbi, data: &[u8]) -> RevertReason {
    let Some((selector, arguments)) = data.split_first_chunk::<4>() else {
        return if data.is_empty() { RevertReason::Nothing } else { RevertReason::Unknown };
    };
    // Error(string) and Panic(uint256), which every compiler writes.
    let builtin = |signature: &str| alloy_json_abi::Error::parse(signature).ok();
    let known = abi.errors().cloned().chain(builtin("Error(string)")).chain(builtin("Panic(uint256)"));
    let Some(error) = known.into_iter().find(|error| error.selector() == *selector) else {
        return RevertReason::Unknown;
    };
    let Ok(values) = error.abi_decode_input(arguments) else { return RevertReason::Unknown };
    match (error.name.as_str(), values.as_slice()) {
        ("Error", [text]) if text.as_str().is_some() => {
            RevertReason::Text(text.as_str().unwrap_or_default().to_owned())
        }
        ("Panic", [code]) if code.as_uint().is_some() => {
            RevertReason::Panic(code.as_uint().map(|(code, _)| code).unwrap_or_default())
        }
        _ => RevertReason::Error { name: error.name, arguments: values.iter().map(argument).collect() },
    }
}

/// As people write it.
fn argument(value: &alloy_dyn_abi::DynSolValue) -> String {
    use alloy_dyn_abi::DynSolValue;
    match value {
        DynSolValue::Address(address) => key::Address(address.into_array()).to_string(),
        DynSolValue::Uint(number, _) => number.to_string(),
        DynSolValue::Int(number, _) => number.to_string(),
        DynSolValue::Bool(truth) => truth.to_string(),
        DynSolValue::FixedBytes(word, size) => to_hex(&word[..*size]),
        DynSolValue::Bytes(bytes) => to_hex(bytes),
        DynSolValue::String(text) => format!("{text:?}"),
        other => to_hex(other.abi_encode()),
    }
}
