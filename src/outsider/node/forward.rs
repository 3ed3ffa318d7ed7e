//! Code that calls `ecrecover` and returns all that it saw. It runs as a contract's creation by `eth_call`, so that
//! nothing is deployed, and the calldata rides behind it.

use revm::bytecode::opcode;

use crate::input::CallInput;
use crate::input::bytes::{Bytes, to_hex};

/// The most bytes that a contract's creation may have (EIP-3860).
const MAX_INITCODE: usize = 49_152;

/// The most bytes of calldata that fit behind the code.
pub(super) const MAX_CALLDATA: usize = MAX_INITCODE - CODE_BYTES;

/// How many bytes the code has.
const CODE_BYTES: usize = 180;

/// Fills the output area before the call: what the call must leave alone.
const PATTERN: [u8; 32] = [0xa5; 32];

/// Six words come first, each a number.
const WORDS: usize = 6;
/// Then the output area.
const AREA: usize = 32 * WORDS;
const AREA_BYTES: usize = 2 * PATTERN.len();
/// Then the returndata, where the calldata has been before.
const DATA: usize = AREA + AREA_BYTES;

/// The code for a call, and its calldata behind it.
///
/// It calls 0x01 twice by STATICCALL, and reads GAS before and after. The first call gets no gas, and so takes what
/// the opcode itself costs; the second is the one that was asked for. `None`: the calldata does not fit.
pub(super) fn code(call: &CallInput) -> Option<Bytes> {
    use opcode::*;

    let calldata = &call.calldata.0;
    let length = u16::try_from(calldata.len()).ok().filter(|_| calldata.len() <= MAX_CALLDATA)?.to_be_bytes();
    let mut code = Vec::with_capacity(CODE_BYTES + calldata.len());
    let push = |code: &mut Vec<u8>, bytes: &[u8]| {
        code.push(PUSH1 - 1 + bytes.len() as u8);
        code.extend_from_slice(bytes);
    };
    let offset = |number: usize| (number as u16).to_be_bytes();
    let store = |code: &mut Vec<u8>, at: usize| {
        push(code, &offset(at));
        code.push(MSTORE);
    };
    // The output area, filled; the calldata; so that no call grows the memory.
    for at in [AREA, AREA + 32] {
        push(&mut code, &PATTERN);
        store(&mut code, at);
    }
    push(&mut code, &length);
    push(&mut code, &offset(CODE_BYTES));
    push(&mut code, &offset(DATA));
    code.push(CODECOPY);
    for (gas, area_bytes, words) in [(0, 0, [0, 1]), (call.gas, AREA_BYTES, [2, 3])] {
        // staticcall(gas, 0x01, DATA, length, AREA, area_bytes)
        push(&mut code, &offset(area_bytes));
        push(&mut code, &offset(AREA));
        push(&mut code, &length);
        push(&mut code, &offset(DATA));
        push(&mut code, &[1]);
        push(&mut code, &gas.to_be_bytes());
        code.push(GAS);
        store(&mut code, 32 * words[0]);
        code.push(STATICCALL);
        code.push(GAS);
        store(&mut code, 32 * words[1]);
        // The flag: that of the call of interest is stored last.
        store(&mut code, 32 * 4);
    }
    code.push(RETURNDATASIZE);
    store(&mut code, 32 * 5);
    code.push(RETURNDATASIZE);
    push(&mut code, &[0]);
    push(&mut code, &offset(DATA));
    code.push(RETURNDATACOPY);
    code.push(RETURNDATASIZE);
    push(&mut code, &offset(DATA));
    code.push(ADD);
    push(&mut code, &[0]);
    code.push(RETURN);
    assert_eq!(code.len(), CODE_BYTES, "the calldata is read from behind the code");
    code.extend_from_slice(calldata);
    Some(Bytes(code))
}

/// What the code saw.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// The flag that STATICCALL left.
    pub(super) success: bool,
    /// What RETURNDATACOPY gave.
    pub(super) returndata: Vec<u8>,
    /// What the callee took.
    pub(super) gas_used: u64,
    /// The most gas that the call could be given: all but a 64th of what was there (EIP-150).
    pub(super) most_gas: u64,
}

impl Seen {
    /// Reads what the code returned.
    ///
    /// # Errors
    /// It is not what any EVM makes of the code, in words.
    pub(super) fn read(returned: &[u8]) -> Result<Self, String> {
        let short = || format!("{} bytes from code that returns at least {DATA}", returned.len());
        let (words, rest) = returned.split_at_checked(AREA).ok_or_else(short)?;
        let (area, returndata) = rest.split_at_checked(AREA_BYTES).ok_or_else(short)?;
        let mut numbers = [0; WORDS];
        for (number, word) in numbers.iter_mut().zip(words.chunks(32)) {
            *number = match word.split_at(24) {
                (zeros, low) if zeros.iter().all(|byte| *byte == 0) => {
                    low.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
                }
                _ => return Err(format!("the word {} where gas, flag or size stands", to_hex(word))),
            };
        }
        let [free_before, free_after, before, after, flag, size] = numbers;
        if flag > 1 {
            return Err(format!("the success flag {flag}"));
        }
        if size != returndata.len() as u64 {
            return Err(format!("RETURNDATASIZE {size} and {} bytes of returndata", returndata.len()));
        }
        // What was returned lies over the pattern; what is longer than the area is cut.
        let mut expected = [PATTERN, PATTERN].concat();
        let written = returndata.len().min(AREA_BYTES);
        expected[..written].copy_from_slice(&returndata[..written]);
        if area != expected {
            return Err(format!("{} in the output area, expected {}", to_hex(area), to_hex(&expected)));
        }
        let gas = || {
            let opcode = free_before.checked_sub(free_after)?;
            let left = before.checked_sub(opcode)?;
            Some((before.checked_sub(after)?.checked_sub(opcode)?, left - left / 64))
        };
        let wrong = || format!("GAS {free_before}, {free_after}, {before}, {after} around two calls");
        let (gas_used, most_gas) = gas().ok_or_else(wrong)?;
        Ok(Self { success: flag == 1, returndata: returndata.to_vec(), gas_used, most_gas })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use revm::context::TxEnv;
    use revm::context::result::{ExecutionResult, Output};
    use revm::database::{CacheDB, EmptyDB};
    use revm::precompile::{Crypto, DefaultCrypto};
    use revm::primitives::TxKind;
    use revm::{Context, ExecuteEvm as _, MainBuilder as _, MainContext as _};

    use super::*;
    use crate::input::ScalarInput;
    use crate::input::bytes::{Word, array_from_hex};
    use crate::subject::evm::backend::with_backend;

    const SIGNER: &str = "0x0000000000000000000000009d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";

    /// EIP-155's example.
    fn call(gas: u64) -> CallInput {
        let word = |hex: &str| Word(array_from_hex(hex).unwrap());
        let scalar = ScalarInput {
            digest: word("0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53"),
            r: word("0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"),
            s: word("0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"),
            recovery_id: 0,
        };
        CallInput { gas, ..CallInput::of(&scalar).unwrap() }
    }

    fn returned(call: &CallInput) -> Vec<u8> {
        let transaction = TxEnv {
            kind: TxKind::Create,
            data: code(call).unwrap().0.into(),
            gas_limit: 16_000_000,
            ..TxEnv::default()
        };
        let backend: Arc<dyn Crypto> = Arc::new(DefaultCrypto);
        let mut evm = Context::mainnet().with_db(CacheDB::new(EmptyDB::new())).build_mainnet();
        match with_backend(&backend, || evm.transact_one(transaction)).unwrap().unwrap() {
            ExecutionResult::Success { output: Output::Create(returned, _), .. } => returned.to_vec(),
            other => panic!("{other:?}"),
        }
    }

    fn seen(call: &CallInput) -> (bool, String, u64) {
        let seen = Seen::read(&returned(call)).unwrap();
        assert!((10_000_000..16_000_000).contains(&seen.most_gas), "{}", seen.most_gas);
        (seen.success, to_hex(&seen.returndata), seen.gas_used)
    }

    #[test]
    fn the_call_gets_the_gas_that_was_asked_for_and_what_it_takes_is_seen() {
        for gas in [3_000, 3_001, 100_000, 10_000_000] {
            assert_eq!(seen(&call(gas)), (true, SIGNER.to_owned(), 3_000), "{gas}");
        }
        for gas in [0, 1, 2_999] {
            assert_eq!(seen(&call(gas)), (false, "0x".to_owned(), gas), "{gas}");
        }
        let greedy = Seen::read(&returned(&call(u64::MAX))).unwrap();
        assert!(greedy.most_gas < 16_000_000, "less than was asked for, and known to be");
    }

    #[test]
    fn calldata_has_any_length_up_to_what_a_creation_holds() {
        let of = |calldata: Vec<u8>| CallInput { calldata: Bytes(calldata), gas: 3_000 };
        assert_eq!(seen(&of(Vec::new())), (true, "0x".to_owned(), 3_000));
        let mut long = call(3_000).calldata.0;
        long.resize(MAX_CALLDATA, 0xff);
        assert_eq!(seen(&of(long.clone())), (true, SIGNER.to_owned(), 3_000));
        assert_eq!(code(&of(long.clone())).unwrap().0.len(), 49_152);
        long.push(0);
        assert_eq!(code(&of(long)), None);
    }

    #[test]
    fn what_no_evm_returns_is_told_in_words() {
        let good = returned(&call(3_000));
        assert_eq!(good.len(), DATA + 32);
        let told = |change: fn(&mut Vec<u8>)| {
            let mut bytes = good.clone();
            change(&mut bytes);
            Seen::read(&bytes).unwrap_err()
        };
        assert_eq!(told(Vec::clear), "0 bytes from code that returns at least 256");
        assert_eq!(told(|bytes| bytes.truncate(255)), "255 bytes from code that returns at least 256");
        assert_eq!(told(|bytes| bytes[32 * 5 - 1] = 2), "the success flag 2");
        assert_eq!(told(|bytes| bytes.push(0)), "RETURNDATASIZE 32 and 33 bytes of returndata");
        assert!(told(|bytes| bytes[0] = 1).starts_with("the word 0x01"));
        assert!(told(|bytes| bytes[32 * 4 - 1 - 4] += 1).starts_with("GAS "));
        for at in [AREA, AREA + 31, AREA + 32, AREA + 63] {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            let told = Seen::read(&bytes).unwrap_err();
            assert!(told.contains(" in the output area, expected "), "{told}");
        }
    }

    #[test]
    fn the_code_has_no_opcode_younger_than_staticcall() {
        // PUSH0 came with Shanghai, and chains are older.
        let empty = CallInput { calldata: Bytes(Vec::new()), gas: 0 };
        let code = code(&empty).unwrap().0;
        let mut at = 0;
        while at < code.len() {
            let opcode = code[at];
            assert_ne!(opcode, opcode::PUSH0);
            let is_push = (opcode::PUSH1..=opcode::PUSH32).contains(&opcode);
            at += 1 + if is_push { usize::from(opcode - opcode::PUSH0) } else { 0 };
        }
    }
}
