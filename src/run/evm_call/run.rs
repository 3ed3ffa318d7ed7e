//! Running a call: as a transaction to a contract that is written for it, and as plain functions.

use std::sync::Arc;

use revm::bytecode::{Bytecode, opcode};
use revm::context::TxEnv;
use revm::context::result::{ExecutionResult, Output};
use revm::database::{CacheDB, EmptyDB};
use revm::precompile::secp256k1::ec_recover_run;
use revm::precompile::{Crypto, EthPrecompileOutput, PrecompileHalt, crypto};
use revm::primitives::{Address, Bytes, TxKind, address};
use revm::state::AccountInfo;
use revm::{Context, ExecuteEvm as _, MainBuilder as _, MainContext as _};
use ruint::aliases::U256;

use super::{CallKind, Effect, Situation};
use crate::input::bytes::to_hex;
use crate::reference::answer::{Answer, ECRECOVER_GAS, Expectation, Refusal};
use crate::subject::evm::backend::with_backend;

const CALLER: Address = address!("c0de00000000000000000000000000000000c0de");
const ECRECOVER: Address = address!("0000000000000000000000000000000000000001");

/// More than any situation uses, and less than a transaction may have (EIP-7825).
const TRANSACTION_GAS: u64 = 16_000_000;

impl Situation {
    /// What revm does on a backend.
    ///
    /// # Errors
    /// The transaction did not come to its end, in words.
    pub fn executed(&self, backend: &Arc<dyn Crypto>) -> Result<Effect, String> {
        with_backend(backend, || self.transact())?
    }

    fn transact(&self) -> Result<Effect, String> {
        let memory = self.memory();
        let mut database = CacheDB::new(EmptyDB::new());
        let code = Bytecode::new_raw(Bytes::from(self.code(memory.len())));
        database.insert_account_info(CALLER, account(self.balance, Some(code)));
        if self.callee_balance > 0 {
            database.insert_account_info(ECRECOVER, account(self.callee_balance, None));
        }
        let mut evm = Context::mainnet().with_db(database).build_mainnet();
        let transaction = TxEnv {
            kind: TxKind::Call(CALLER),
            data: Bytes::from(memory.clone()),
            gas_limit: TRANSACTION_GAS,
            ..TxEnv::default()
        };
        let ended = evm.transact(transaction).map_err(|error| format!("refused transaction: {error}"))?;
        let ExecutionResult::Success { output: Output::Call(output), .. } = ended.result else {
            return Err(format!("the transaction ended with {:?}", ended.result));
        };
        let callee = ended.state.get(&ECRECOVER).map(|account| account.info.balance);
        let callee_balance = callee.map_or(self.callee_balance, |balance| balance.saturating_to());
        read(&output, memory.len(), callee_balance, self.pushes())
            .ok_or_else(|| format!("the contract returned {}", to_hex(&output)))
    }

    /// How many words the opcode takes from the stack.
    fn pushes(&self) -> u64 {
        if matches!(self.kind, CallKind::Call { .. } | CallKind::CallCode { .. }) { 7 } else { 6 }
    }

    /// A contract that fills its memory from its calldata, makes the call, and returns its memory followed by
    /// words: the gas before, the success flag, the gas after, RETURNDATASIZE; and the returndata.
    fn code(&self, memory: usize) -> Vec<u8> {
        use opcode::*;
        let mut code = Code(Vec::new());
        code.op(CALLDATASIZE).op(PUSH0).op(PUSH0).op(CALLDATACOPY).op(GAS);
        code.push(self.output_size).push(self.output).push(self.call.calldata.0.len()).push(self.input);
        if let CallKind::Call { value } | CallKind::CallCode { value } = self.kind {
            code.push(value);
        }
        code.push(1).push(self.call.gas);
        code.op(match self.kind {
            CallKind::Call { .. } => CALL,
            CallKind::StaticCall => STATICCALL,
            CallKind::DelegateCall => DELEGATECALL,
            CallKind::CallCode { .. } => CALLCODE,
        });
        code.op(GAS);
        code.push(memory + 64).op(MSTORE).push(memory + 32).op(MSTORE).push(memory).op(MSTORE);
        code.op(RETURNDATASIZE).push(memory + 96).op(MSTORE);
        code.op(RETURNDATASIZE).op(PUSH0).push(memory + 128).op(RETURNDATACOPY);
        code.op(RETURNDATASIZE).push(memory + 128).op(ADD).op(PUSH0).op(RETURN);
        code.0
    }

    /// What the precompile as a function and the provider alone say that they must not.
    pub(super) fn unlike_functions(&self, answer: &Answer, backend: &Arc<dyn Crypto>) -> Vec<String> {
        let word = match answer.expectation {
            Expectation::Rejected(Refusal::OutOfGas) => Err(PrecompileHalt::OutOfGas),
            Expectation::Rejected(_) => Ok(Bytes::new()),
            Expectation::Recovered { address, .. } => {
                Ok(Bytes::from([[0; 12].as_slice(), &address.0].concat()))
            }
        };
        let within = self.call_within();
        let functions = with_backend(backend, || {
            let provider = answer.scalar.map(|scalar| {
                crypto().secp256k1_ecrecover(&scalar.rs(), scalar.recovery_id, &scalar.digest.0)
            });
            (ec_recover_run(&within.calldata.0, within.gas), provider)
        });
        let (precompile, provider) = match functions {
            Ok(functions) => functions,
            Err(other) => return vec![other.to_string()],
        };
        let mut differences = Vec::new();
        let right = word.clone().map(|bytes| EthPrecompileOutput::new(ECRECOVER_GAS, bytes));
        if precompile != right {
            differences.push(format!("the precompile gives {precompile:?}, must give {right:?}"));
        }
        if let Some(provider) = provider {
            let gives = provider.map(Bytes::from).unwrap_or_default();
            if Ok(&gives) != word.as_ref() {
                differences.push(format!("the provider gives {gives}, must give {word:?}"));
            }
        }
        differences
    }
}

fn account(balance: u64, code: Option<Bytecode>) -> AccountInfo {
    let account = code.map_or_else(AccountInfo::default, AccountInfo::from_bytecode);
    AccountInfo { balance: U256::from(balance), ..account }
}

/// Reads what the contract returned.
fn read(output: &[u8], memory: usize, callee_balance: u64, pushes: u64) -> Option<Effect> {
    let (memory, rest) = output.split_at_checked(memory)?;
    let (words, returndata) = rest.split_at_checked(128)?;
    let mut words = words.chunks(32).map(U256::from_be_slice);
    let [before, success, after, size] = [words.next()?, words.next()?, words.next()?, words.next()?];
    // Between the two looks at the gas: the pushes, the call, and the second GAS.
    let between: u64 = (before.checked_sub(after)?).try_into().ok()?;
    (size == U256::from(returndata.len()) && success <= U256::ONE).then_some(Effect {
        success: success == U256::ONE,
        returndata: returndata.to_vec(),
        gas: between.checked_sub(3 * pushes + 2)?,
        memory: memory.to_vec(),
        callee_balance,
    })
}

/// Code being written.
struct Code(Vec<u8>);

impl Code {
    fn op(&mut self, op: u8) -> &mut Self {
        self.0.push(op);
        self
    }

    /// Always PUSH32, so that what it costs does not depend on the number.
    fn push(&mut self, number: impl TryInto<u64>) -> &mut Self {
        let number = U256::from(number.try_into().unwrap_or(u64::MAX));
        self.0.push(opcode::PUSH32);
        self.0.extend(number.to_be_bytes::<32>());
        self
    }
}
