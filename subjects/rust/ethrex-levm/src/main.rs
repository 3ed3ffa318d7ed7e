//! LEVM, the EVM of ethrex: a transaction to a contract that calls `ecrecover`.
//! `ethrex-levm` and `ethrex-levm-k256` are this file: the feature `secp256k1` of ethrex-crypto chooses the backend.

use std::sync::Arc;

use adapter::{call, Answer, Subject};
use ethrex_common::types::{
    AccountState, ChainConfig, Code, CodeMetadata, Fork, LegacyTransaction, Transaction, TxKind,
};
use ethrex_common::{Address, Bytes, H256, U256};
use ethrex_crypto::NativeCrypto;
use levm::db::gen_db::GeneralizedDatabase;
use levm::db::{CachingDatabase, Database};
use levm::errors::DatabaseError;
use levm::tracing::LevmCallTracer;
use levm::vm::{VMType, VM};
use levm::{EVMConfig, Environment};

/// Calls 0x01 with the gas that the first word of the calldata says and with the rest of the calldata. Returns three
/// words, which are GAS before and after the call and its flag, and then the returndata.
const FORWARDER: &[u8] = &[
    // calldatacopy(0x60, 0x20, calldatasize)
    0x36, 0x60, 0x20, 0x60, 0x60, 0x37, //
    // staticcall(calldataload(0), 1, 0x60, calldatasize - 0x20, 0, 0): its arguments
    0x5f, 0x5f, 0x60, 0x20, 0x36, 0x03, 0x60, 0x60, 0x60, 0x01, 0x5f, 0x35, //
    // mstore(0, gas); the call; mstore(0x20, gas); mstore(0x40, its flag)
    0x5a, 0x5f, 0x52, 0xfa, 0x5a, 0x60, 0x20, 0x52, 0x60, 0x40, 0x52, //
    // returndatacopy(0x60, 0, returndatasize)
    0x3d, 0x5f, 0x60, 0x60, 0x3e, //
    // return(0, returndatasize + 0x60)
    0x3d, 0x60, 0x60, 0x01, 0x5f, 0xf3,
];

/// What stands between the two GAS beside the callee: PUSH0, MSTORE, a call of a warm address, GAS.
const BETWEEN: u64 = 2 + 3 + 100 + 2;

/// More than any call needs, though not more than a transaction may have.
const GAS_LIMIT: u64 = 1 << 40;

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let (name, code) = match env!("CARGO_PKG_NAME") {
        "ethrex-levm" => ("ethrex-levm", "secp256k1-sys 0.10."),
        _ => ("ethrex-levm-k256", "k256 0.13."),
    };
    // With the cache of precompiles that a node has for a block.
    let store = Arc::new(CachingDatabase::new(Arc::new(Chain::new()), true));
    call(&Subject { lock, name, package: "ethrex-levm 31.", code }, |calldata, gas| {
        let word = U256::from(gas).to_big_endian();
        let output = transact(store.clone(), [&word, calldata].concat());
        let (words, returndata) = output.split_at(96);
        let [before, after, flag] = [0, 32, 64].map(|at| U256::from_big_endian(&words[at..at + 32]).as_u64());
        match flag {
            1 => Answer::Returned(returndata.into(), before - after - BETWEEN),
            _ => Answer::Failed,
        }
    });
}

/// What the contract returns to a transaction with this data.
fn transact(store: Arc<dyn Database>, data: Vec<u8>) -> Bytes {
    let transaction = Transaction::LegacyTransaction(LegacyTransaction {
        gas: GAS_LIMIT,
        to: TxKind::Call(contract()),
        data: data.into(),
        ..Default::default()
    });
    let fork = Fork::Osaka;
    let environment = Environment {
        gas_limit: GAS_LIMIT,
        block_gas_limit: GAS_LIMIT,
        config: EVMConfig::new(fork, EVMConfig::canonical_values(fork)),
        disable_gas_allowance_check: true,
        ..Default::default()
    };
    let mut database = GeneralizedDatabase::new(store);
    let tracer = LevmCallTracer::disabled();
    let vm = VM::new(environment, &mut database, &transaction, tracer, VMType::L1, &NativeCrypto, None);
    let report = vm.expect("a VM").execute().expect("a valid transaction");
    assert!(report.is_success(), "{:?}", report.result);
    report.output
}

fn contract() -> Address {
    Address::repeat_byte(0xc0)
}

/// A chain with nothing but the contract.
struct Chain(Code);

impl Chain {
    fn new() -> Self {
        Self(Code::from_bytecode(FORWARDER.into(), &NativeCrypto))
    }
}

impl Database for Chain {
    fn get_account_state(&self, address: Address) -> Result<AccountState, DatabaseError> {
        let nothing = AccountState::default();
        let code_hash = if address == contract() { self.0.hash } else { nothing.code_hash };
        Ok(AccountState { code_hash, ..nothing })
    }

    fn get_account_code(&self, hash: H256) -> Result<Code, DatabaseError> {
        Ok(if hash == self.0.hash { self.0.clone() } else { Code::default() })
    }

    fn get_code_metadata(&self, hash: H256) -> Result<CodeMetadata, DatabaseError> {
        let length = if hash == self.0.hash { FORWARDER.len() } else { 0 };
        Ok(CodeMetadata { length: length as u64 })
    }

    fn get_storage_value(&self, _: Address, _: H256) -> Result<U256, DatabaseError> {
        Ok(U256::zero())
    }

    fn get_block_hash(&self, _: u64) -> Result<H256, DatabaseError> {
        Ok(H256::zero())
    }

    fn get_chain_config(&self) -> Result<ChainConfig, DatabaseError> {
        Ok(ChainConfig::default())
    }
}
