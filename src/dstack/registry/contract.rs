//! Deploying a contract in revm and asking it: what it says to a proof.

use std::sync::{Arc, LazyLock};

use revm::context::TxEnv;
use revm::context::result::{ExecutionResult, HaltReason, Output};
use revm::database::{CacheDB, EmptyDB};
use revm::precompile::{Crypto, DefaultCrypto};
use revm::primitives::{Address, Bytes, TxKind, address};
use revm::{Context, ExecuteCommitEvm as _, MainBuilder as _, MainContext as _};

use super::adapter::Adapter;
use super::interface::setup_fields;
use super::mapping::Accepts;
use super::said::Said;
use crate::dstack::chain::Proof;
use crate::format::Fields;
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
        let setup = setup_fields(root, purpose);
        let database = CacheDB::new(EmptyDB::new());
        let mut contract = Self { adapter, backend, database, address: Address::ZERO, setup };
        let arguments = adapter.constructor.encode(&contract.setup).map_err(Said::NotAsked)?;
        let code = [adapter.bytecode.as_slice(), &arguments].concat();
        match contract.commit(TxKind::Create, code).map_err(Said::Stopped)? {
            ExecutionResult::Success { output: Output::Create(_, Some(address)), .. } => {
                contract.address = address;
            }
            other => return Err(contract.said(other, Accepts::NoRevert, true)),
        }
        for call in &adapter.setup {
            let calldata = call.encode(&contract.setup).map_err(Said::NotAsked)?;
            let result = contract.commit(TxKind::Call(contract.address), calldata).map_err(Said::Stopped)?;
            if !result.is_success() {
                return Err(contract.said(result, Accepts::NoRevert, true));
            }
        }
        Ok(contract)
    }

    /// Hands over a proof, and forgets what the contract stored.
    pub fn verify(&self, proof: &Proof) -> Said {
        self.calldata(proof).map_or_else(Said::NotAsked, |calldata| self.clone().send(calldata))
    }

    /// Hands over a proof; what the contract stores stays.
    pub fn register(&mut self, proof: &Proof) -> Said {
        self.calldata(proof).map_or_else(Said::NotAsked, |calldata| self.send(calldata))
    }

    /// Calls a function that is not the verifier, and forgets what the contract stored.
    pub fn view(&self, calldata: Vec<u8>) -> Said {
        let result = self.clone().commit(TxKind::Call(self.address), calldata);
        result.map_or_else(Said::Stopped, |result| self.said(result, Accepts::NoRevert, false))
    }

    /// Its address.
    pub fn address(&self) -> key::Address {
        key::Address(self.address.into_array())
    }

    fn calldata(&self, proof: &Proof) -> Result<Vec<u8>, String> {
        self.adapter.interface.calldata(self.setup.clone(), proof)
    }

    fn send(&mut self, calldata: Vec<u8>) -> Said {
        let result = self.commit(TxKind::Call(self.address), calldata);
        let accepts = self.adapter.interface.accepts;
        result.map_or_else(Said::Stopped, |result| self.said(result, accepts, false))
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

impl Contract<'_> {
    fn said(&self, result: ExecutionResult, accepts: Accepts, before_the_proof: bool) -> Said {
        let interface = &self.adapter.interface;
        match result {
            ExecutionResult::Success { output, logs, .. } => {
                interface.returned(accepts, output.into_data().to_vec(), logs, before_the_proof)
            }
            ExecutionResult::Revert { output, .. } => interface.reverted(output.to_vec(), before_the_proof),
            // What `assert` was before Solidity 0.8: a refusal without a word.
            ExecutionResult::Halt { reason: HaltReason::InvalidFEOpcode, .. } => {
                interface.reverted(Vec::new(), before_the_proof)
            }
            ExecutionResult::Halt { reason, .. } => Said::Stopped(format!("{reason:?}")),
        }
    }
}
