//! The contract of the state tests: a precompile proxy, which calls `ecrecover` with the transaction's data and the
//! gas that slot 7 says, and stores all that can be seen of the call.
//!
//! The call writes into a window of two words behind the calldata in memory, which hold a sentinel before: so a
//! result of another size, or one written where there is none, is seen. The returndata are stored apart from it.

use std::collections::BTreeMap;

use revm::bytecode::opcode::*;
use ruint::aliases::U256;

use crate::reference::answer::ECRECOVER_GAS;

/// 1 if the call succeeded.
pub const SUCCESS_SLOT: u64 = 0;
/// How many bytes it returned.
pub const SIZE_SLOT: u64 = 1;
/// How much gas it took, without what CALL itself costs.
pub const USED_SLOT: u64 = 2;
/// The two words of its window in memory.
pub const WINDOW_SLOTS: [u64; 2] = [3, 4];
/// The first two words of its returndata.
pub const RETURNED_SLOTS: [u64; 2] = [5, 6];
/// How much gas it is given.
pub const GAS_SLOT: u64 = 7;

/// What the window's words hold before the call.
pub const SENTINEL: U256 = U256::MAX;

/// What the contract costs at most, without data, memory and the call: eight slots, of which seven are new (22,100)
/// and one is read (2,100), and some fifty cheap instructions.
pub const OWN_GAS: u64 = 170_000;

/// What lies between the two readings of the gas, besides what the call takes: STATICCALL to an address that is warm
/// (100, EIP-2929), PUSH1, CALLDATASIZE twice, PUSH0, PUSH1, DUP7, and the second GAS: 3 + 2 + 2 + 2 + 3 + 3 + 2.
const AROUND: u8 = 117;

/// What the contract stores of a call with this gas that returns this word or nothing, or fails for want of gas: by
/// slot, zeros included.
pub fn stored(gas: u64, output: Option<[u8; 32]>, fails: bool) -> BTreeMap<u64, U256> {
    let word = output.map(U256::from_be_bytes);
    let (zero, one) = (U256::ZERO, U256::ONE);
    [
        (SUCCESS_SLOT, if fails { zero } else { one }),
        (SIZE_SLOT, if word.is_some() { U256::from(32) } else { zero }),
        // A call that fails for want of gas takes what it was given.
        (USED_SLOT, U256::from(if fails { gas } else { ECRECOVER_GAS })),
        (WINDOW_SLOTS[0], word.unwrap_or(SENTINEL)),
        (WINDOW_SLOTS[1], SENTINEL),
        (RETURNED_SLOTS[0], word.unwrap_or(zero)),
        (RETURNED_SLOTS[1], zero),
        (GAS_SLOT, U256::from(gas)),
    ]
    .into()
}

/// The contract's code.
#[rustfmt::skip]
pub fn code() -> Vec<u8> {
    const S: [u8; 8] = [0, 1, 2, 3, 4, 5, 6, 7];
    [
        // memory = calldata, then the sentinel twice
        CALLDATASIZE, PUSH0, PUSH0, CALLDATACOPY,
        PUSH0, NOT, CALLDATASIZE, MSTORE,
        PUSH0, NOT, CALLDATASIZE, PUSH1, 32, ADD, MSTORE,
        // gas before = gas; success = staticcall(gas of slot 7, 1, 0, calldatasize, calldatasize, 64); gas after
        PUSH1, S[7], SLOAD,
        GAS,
        PUSH1, 64, CALLDATASIZE, CALLDATASIZE, PUSH0, PUSH1, 1, DUP7, STATICCALL,
        GAS,
        // slot 0 = success
        SWAP1, PUSH0, SSTORE,
        // slot 2 = gas before - gas after - what is around the call
        SWAP1, SUB, PUSH1, AROUND, SWAP1, SUB, PUSH1, S[2], SSTORE,
        // slot 1 = returndatasize
        RETURNDATASIZE, PUSH1, S[1], SSTORE,
        // slots 3 and 4 = the window
        CALLDATASIZE, MLOAD, PUSH1, S[3], SSTORE,
        CALLDATASIZE, PUSH1, 32, ADD, MLOAD, PUSH1, S[4], SSTORE,
        // memory[0..64] = 0, then the returndata from 0 on; slots 5 and 6 = memory[0..64]
        PUSH0, PUSH0, MSTORE,
        PUSH0, PUSH1, 32, MSTORE,
        RETURNDATASIZE, PUSH0, PUSH0, RETURNDATACOPY,
        PUSH0, MLOAD, PUSH1, S[5], SSTORE,
        PUSH1, 32, MLOAD, PUSH1, S[6], SSTORE,
        STOP,
    ].to_vec()
}
