//! The EVM: revm executes a transaction to a contract that STATICCALLs `ecrecover` (address 0x01) with its
//! calldata, on a backend of our choice.
//!
//! revm takes its crypto from one provider a process. The one that `backend` installs asks the backend
//! that the running thread has chosen, so that one process compares them all, one that a user supplies
//! included.

pub(crate) mod backend;

use std::sync::{Arc, LazyLock};

use revm::bytecode::{Bytecode, opcode};
use revm::context::TxEnv;
use revm::context::result::{ExecutionResult, Output};
use revm::database::{CacheDB, EmptyDB};
use revm::precompile::{Crypto, DefaultCrypto};
use revm::primitives::{Bytes, TxKind, address};
use revm::state::AccountInfo;
use revm::{Context, ExecuteEvm as _, MainBuilder as _, MainContext as _};
use ruint::aliases::U256;

pub use self::backend::OtherProvider;
use self::backend::{K256Crypto, with_backend};
use super::{Identity, Lineage, Outcome, Subject, locked};
use crate::input::{CallInput, ScalarInput};

const ENTRY: &str = "a transaction to a contract that STATICCALLs 0x01";

/// revm executing `ecrecover` on one crypto backend.
pub struct Evm {
    identity: Identity,
    backend: Arc<dyn Crypto>,
}

impl Evm {
    /// revm on its libsecp256k1 backend, the default.
    pub(super) fn libsecp256k1() -> Self {
        let lineage = Lineage { code: "secp256k1", version: locked!("VERSION_REVM_SECP256K1") };
        Self::of_revm("evm-libsecp256k1", lineage, Arc::new(DefaultCrypto))
    }

    /// revm on its k256 backend.
    pub(super) fn k256() -> Self {
        let lineage = Lineage { code: "k256", version: locked!("VERSION_REVM_K256") };
        Self::of_revm("evm-k256", lineage, Arc::new(K256Crypto))
    }

    fn of_revm(name: &'static str, lineage: Lineage, backend: Arc<dyn Crypto>) -> Self {
        Self { identity: Identity { name, version: locked!("VERSION_REVM"), lineage, entry: ENTRY }, backend }
    }

    /// revm on a backend that the caller supplies, who says what it is; only its `secp256k1_ecrecover` is used.
    pub fn on(identity: Identity, backend: Arc<dyn Crypto>) -> Self {
        Self { identity: identity.through(ENTRY), backend }
    }
}

impl Subject for Evm {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The recovery id becomes v = 27 + id, a number of 256 bits, so that every id can be said.
    fn recover(&self, input: &ScalarInput) -> Outcome {
        self.call(&CallInput::with_v(input, U256::from(27 + u32::from(input.recovery_id))))
    }

    fn call(&self, input: &CallInput) -> Outcome {
        match with_backend(&self.backend, || call_ecrecover(input)).map_err(String::from).flatten() {
            Err(how) => Outcome::Malformed { how },
            Ok(Returned { success, returndata }) => Outcome::returned(success, &returndata),
        }
    }
}

/// What a call came back with.
struct Returned {
    success: bool,
    returndata: Vec<u8>,
}

/// Calls 0x01 from a contract, in a transaction of its own.
fn call_ecrecover(call: &CallInput) -> Result<Returned, String> {
    let contract = address!("c0de00000000000000000000000000000000c0de");
    let mut database = CacheDB::new(EmptyDB::new());
    database.insert_account_info(contract, AccountInfo::from_bytecode(FORWARDER.clone()));
    // Calldata of any length must reach the precompile: what forwards it has no limit of its own.
    let context = Context::mainnet().modify_cfg_chained(|cfg| cfg.tx_gas_limit_cap = Some(u64::MAX));
    let mut evm = context.with_db(database).build_mainnet();
    let gas = U256::from(call.gas).to_be_bytes::<32>();
    let transaction = TxEnv {
        kind: TxKind::Call(contract),
        data: [&gas, call.calldata.0.as_slice()].concat().into(),
        gas_limit: u64::MAX,
        ..TxEnv::default()
    };
    match evm.transact_one(transaction) {
        Ok(ExecutionResult::Success { output: Output::Call(output), .. }) => {
            let (success, returndata) = output.split_at_checked(32).ok_or("the contract returned no word")?;
            Ok(Returned { success: success.last() == Some(&1), returndata: returndata.to_vec() })
        }
        Ok(other) => Err(format!("the transaction ended with {other:?}")),
        Err(error) => Err(format!("the transaction was refused: {error}")),
    }
}

/// A contract that calls 0x01 with the gas that its calldata's first word says and the rest of its calldata,
/// and returns the success flag as a word, then the returndata.
static FORWARDER: LazyLock<Bytecode> = LazyLock::new(|| {
    use opcode::*;
    #[rustfmt::skip]
    let code = [
        // memory[0..] = calldata[32..], and zeros after it
        CALLDATASIZE, PUSH1, 0x20, PUSH0, CALLDATACOPY,
        // staticcall(gas, 0x01, 0, calldatasize - 32, 0, 0)
        PUSH0, PUSH0, PUSH1, 0x20, CALLDATASIZE, SUB, PUSH0, PUSH1, 0x01, PUSH0, CALLDATALOAD, STATICCALL,
        // memory = success, returndata
        PUSH0, MSTORE,
        RETURNDATASIZE, PUSH0, PUSH1, 0x20, RETURNDATACOPY,
        RETURNDATASIZE, PUSH1, 0x20, ADD, PUSH0, RETURN,
    ];
    Bytecode::new_raw(Bytes::copy_from_slice(&code))
});

#[cfg(test)]
mod tests {
    use revm::precompile::PrecompileHalt;

    use super::backend::no_choice;
    use super::*;
    use crate::input::Input;
    use crate::input::bytes::Bytes;
    use crate::input::key::Address;
    use crate::subject::ask;

    /// A backend that gives one address for everything, or panics.
    #[derive(Debug)]
    struct Fixed(Option<[u8; 20]>);

    impl Crypto for Fixed {
        fn secp256k1_ecrecover(&self, _: &[u8; 64], _: u8, _: &[u8; 32]) -> Result<[u8; 32], PrecompileHalt> {
            let mut word = [0; 32];
            word[12..].copy_from_slice(&self.0.expect("a backend that panics"));
            Ok(word)
        }
    }

    fn on(backend: Fixed) -> Evm {
        Evm::on(Identity::new("fixed", "1.0.0", "fixed"), Arc::new(backend))
    }

    fn call() -> Input {
        let calldata = [[1; 32], U256::from(27).to_be_bytes(), [2; 32], [3; 32]].concat();
        Input::Call(CallInput { calldata: Bytes(calldata), gas: 3_000 })
    }

    fn gives(evm: &Evm, address: [u8; 20]) {
        assert_eq!(ask(evm, &call()), Outcome::Recovered { address: Address(address), public_key: None });
    }

    #[test]
    fn each_evm_reaches_its_own_backend() {
        let (one, two) = (on(Fixed(Some([1; 20]))), on(Fixed(Some([2; 20]))));
        gives(&one, [1; 20]);
        gives(&two, [2; 20]);
        gives(&one, [1; 20]);
    }

    /// 16 MiB, each byte of it as dear as bytes are: far above what a transaction of mainnet may cost.
    #[test]
    fn long_calldata_reaches_the_precompile() {
        let Input::Call(mut call) = call() else { panic!("a call") };
        call.calldata.0.resize(16 << 20, 0xff);
        let outcome = ask(&on(Fixed(Some([1; 20]))), &Input::Call(call));
        assert_eq!(outcome, Outcome::Recovered { address: Address([1; 20]), public_key: None });
    }

    #[test]
    fn threads_choose_for_themselves() {
        std::thread::scope(|scope| {
            for address in 1..=4 {
                scope.spawn(move || {
                    let evm = on(Fixed(Some([address; 20])));
                    (0..50).for_each(|_| gives(&evm, [address; 20]));
                });
            }
        });
    }

    #[test]
    fn a_choice_ends_with_its_call_after_a_panic_too() {
        let outcome = ask(&on(Fixed(None)), &call());
        assert_eq!(outcome, Outcome::Panicked { message: "a backend that panics".into() });
        assert!(no_choice());
        gives(&on(Fixed(Some([7; 20]))), [7; 20]);
        assert!(no_choice());
    }

    #[test]
    fn evm_k256_runs_k256() {
        // revm's k256 backend panics on such an id, its libsecp256k1 backend too, each in its own words.
        let backends = [Evm::k256(), Evm::libsecp256k1()].map(|evm| evm.backend);
        let message = |backend: &Arc<dyn Crypto>| {
            let recover = || backend.secp256k1_ecrecover(&[1; 64], 4, &[1; 32]);
            crate::subject::panic::catch(recover).expect_err("recovery id 4").message
        };
        assert_eq!(message(&backends[0]), "recovery ID is valid");
        assert_eq!(message(&backends[1]), "recovery ID is valid: InvalidRecoveryId");
    }
}
