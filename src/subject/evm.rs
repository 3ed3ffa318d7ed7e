//! The EVM: revm executes a transaction to a contract that STATICCALLs `ecrecover` (address 0x01) with its
//! calldata, on a backend of our choice.
//!
//! revm takes its crypto from one provider a process. The one installed here asks the backend that the
//! running thread has chosen, so that one process compares them all, one that a user supplies included.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};

use revm::bytecode::{Bytecode, opcode};
use revm::context::TxEnv;
use revm::context::result::{ExecutionResult, Output};
use revm::database::{CacheDB, EmptyDB};
use revm::precompile::{Crypto, DefaultCrypto, PrecompileHalt, install_crypto, secp256k1};
use revm::primitives::{Bytes, TxKind, address};
use revm::state::AccountInfo;
use revm::{Context, ExecuteEvm as _, MainBuilder as _, MainContext as _};
use ruint::aliases::U256;

use super::revm::address_word;
use super::{Identity, Lineage, Outcome, Subject, locked};
use crate::bytes::to_hex;
use crate::case::Scalar;

/// revm executing `ecrecover` on one crypto backend.
pub struct Evm {
    identity: Identity,
    backend: Arc<dyn Crypto>,
}

impl Evm {
    /// revm on its libsecp256k1 backend, the default.
    pub(super) fn libsecp256k1() -> Self {
        let lineage = Lineage { code: "secp256k1", version: locked!("VERSION_REVM_SECP256K1") };
        Self::on("evm-libsecp256k1", lineage, Arc::new(DefaultCrypto))
    }

    /// revm on its k256 backend.
    pub(super) fn k256() -> Self {
        let lineage = Lineage { code: "k256", version: locked!("VERSION_REVM_K256") };
        Self::on("evm-k256", lineage, Arc::new(K256Crypto))
    }

    /// revm on a backend that the caller supplies; only its `secp256k1_ecrecover` is used.
    pub fn on(name: &'static str, lineage: Lineage, backend: Arc<dyn Crypto>) -> Self {
        let entry = "a transaction to a contract that STATICCALLs 0x01";
        Self { identity: Identity { name, version: locked!("VERSION_REVM"), lineage, entry }, backend }
    }
}

impl Subject for Evm {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The recovery id becomes v = 27 + id, a number of 256 bits, so that every id can be said.
    fn recover(&self, input: &Scalar) -> Outcome {
        if let Err(how) = *DISPATCH_INSTALLED {
            return Outcome::Malformed { how: how.into() };
        }
        let v = U256::from(27 + u32::from(input.recovery_id)).to_be_bytes::<32>();
        let calldata = [input.digest.0, v, input.r.0, input.s.0].concat();
        let answer = with_backend(&self.backend, || call_ecrecover(calldata));
        match answer {
            Err(how) => Outcome::Malformed { how },
            Ok(returndata) if returndata.is_empty() => Outcome::rejected("no returndata"),
            Ok(returndata) => match returndata.as_slice().try_into() {
                Ok(word) => address_word(word),
                Err(_) => Outcome::Malformed { how: format!("returndata {}", to_hex(returndata)) },
            },
        }
    }
}

/// Calls 0x01 from a contract, in a transaction of its own, and gives the returndata.
fn call_ecrecover(calldata: Vec<u8>) -> Result<Vec<u8>, String> {
    let contract = address!("c0de00000000000000000000000000000000c0de");
    let mut database = CacheDB::new(EmptyDB::new());
    database.insert_account_info(contract, AccountInfo::from_bytecode(FORWARDER.clone()));
    let mut evm = Context::mainnet().with_db(database).build_mainnet();
    let transaction =
        TxEnv { kind: TxKind::Call(contract), data: calldata.into(), gas_limit: 200_000, ..TxEnv::default() };
    match evm.transact_one(transaction) {
        Ok(ExecutionResult::Success { output: Output::Call(output), .. }) => {
            let (success, returndata) = output.split_at_checked(32).ok_or("the contract returned no word")?;
            match success.last() {
                Some(1) => Ok(returndata.to_vec()),
                _ => Err("the call to 0x01 failed".into()),
            }
        }
        Ok(other) => Err(format!("the transaction ended with {other:?}")),
        Err(error) => Err(format!("the transaction was refused: {error}")),
    }
}

/// A contract that forwards its calldata to 0x01 and returns the success flag as a word, then the returndata.
static FORWARDER: LazyLock<Bytecode> = LazyLock::new(|| {
    use opcode::*;
    #[rustfmt::skip]
    let code = [
        CALLDATASIZE, PUSH0, PUSH0, CALLDATACOPY,
        PUSH0, PUSH0, CALLDATASIZE, PUSH0, PUSH1, 0x01, GAS, STATICCALL,
        PUSH0, MSTORE,
        RETURNDATASIZE, PUSH0, PUSH1, 0x20, RETURNDATACOPY,
        RETURNDATASIZE, PUSH1, 0x20, ADD, PUSH0, RETURN,
    ];
    Bytecode::new_raw(Bytes::copy_from_slice(&code))
});

/// revm's k256 backend as a provider.
#[derive(Debug)]
struct K256Crypto;

impl Crypto for K256Crypto {
    fn secp256k1_ecrecover(
        &self,
        sig: &[u8; 64],
        recid: u8,
        msg: &[u8; 32],
    ) -> Result<[u8; 32], PrecompileHalt> {
        let recovered = secp256k1::k256::ecrecover(sig.into(), recid, msg.into());
        recovered.map(|word| word.0).map_err(|_| PrecompileHalt::Secp256k1RecoverFailed)
    }
}

thread_local! {
    /// The backend that this thread has chosen.
    static CHOICE: RefCell<Option<Arc<dyn Crypto>>> = const { RefCell::new(None) };
}

/// Runs `work` with the thread's choice set to `backend`, and resets it, after a panic too.
fn with_backend<T>(backend: &Arc<dyn Crypto>, work: impl FnOnce() -> T) -> T {
    struct Reset(Option<Arc<dyn Crypto>>);
    impl Drop for Reset {
        fn drop(&mut self) {
            CHOICE.set(self.0.take());
        }
    }
    let _reset = Reset(CHOICE.replace(Some(Arc::clone(backend))));
    work()
}

/// The process's provider: recovers with the thread's choice, or with revm's default where there is none.
#[derive(Debug)]
struct Dispatch;

impl Crypto for Dispatch {
    fn secp256k1_ecrecover(
        &self,
        sig: &[u8; 64],
        recid: u8,
        msg: &[u8; 32],
    ) -> Result<[u8; 32], PrecompileHalt> {
        let choice = CHOICE.with_borrow(Clone::clone);
        match choice {
            Some(backend) => backend.secp256k1_ecrecover(sig, recid, msg),
            None => DefaultCrypto.secp256k1_ecrecover(sig, recid, msg),
        }
    }
}

/// Whether this process recovers through [`Dispatch`].
static DISPATCH_INSTALLED: LazyLock<Result<(), &'static str>> = LazyLock::new(|| {
    install_crypto(Dispatch).then_some(()).ok_or("another crypto provider is installed in this process")
});
