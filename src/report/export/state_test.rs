//! State tests of Ethereum's execution layer: a transaction to a contract that makes the vector's call and stores
//! what came of it, and the root of the state afterwards. A file a vector.
//!
//! What is expected is computed from the vector's answer: no EVM runs here. Gas is free (base fee and price are 0),
//! so that the root depends on the call alone: on the contract's storage and the sender's nonce.

use std::collections::BTreeMap;

use alloy_trie::TrieAccount;
use alloy_trie::root::{state_root_unhashed, storage_root_unhashed};
use revm::primitives::{Address, B256, address, b256};
use ruint::aliases::U256;
use serde::{Deserialize, Serialize};

use super::{Export, call, call_fails, returned};
use crate::corpus::proxy::{self, GAS_SLOT};
use crate::corpus::vector::{Vector, VectorAnswer};
use crate::input::CallInput;
use crate::input::bytes::{Bytes, Word, to_hex};
use crate::input::hash::keccak256;
use crate::reference::answer::Expectation;

/// The contract.
const PROXY: Address = address!("0x00000000000000000000000000000000000ec0de");
/// The sender of the ethereum/tests repository, with its published key.
const SENDER: Address = address!("0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b");
const SENDER_KEY: B256 = b256!("0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8");
const BALANCE: U256 = U256::ONE;
/// The forks, and the most gas that a transaction may have in each: EIP-7825 bounds it from Osaka on.
const FORKS: [(&str, u64); 2] = [("Osaka", 1 << 24), ("Prague", BLOCK_GAS)];
/// The block's gas limit: the most that a header can have.
const BLOCK_GAS: u64 = i64::MAX as u64;
/// Keccak-256 of the RLP of no logs.
const NO_LOGS: [u8; 1] = [0xc0];

/// A state test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateTest {
    /// About the test.
    #[serde(rename = "_info")]
    pub info: StateTestInfo,
    /// What all forks need.
    pub config: StateTestConfig,
    /// The block.
    pub env: BTreeMap<String, String>,
    /// The accounts before.
    pub pre: BTreeMap<String, StateTestAccount>,
    /// The transaction: lists of one.
    pub transaction: StateTestTransaction,
    /// What must be there afterwards, by fork.
    pub post: BTreeMap<String, Vec<StateTestPost>>,
}

/// About a state test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StateTestInfo {
    /// The vector's comment, and what must come out.
    pub comment: String,
    /// Who wrote it.
    pub generated_by: String,
    /// The vector's source.
    pub source: String,
    /// The vector's facts.
    pub facts: Vec<String>,
}

/// The chain of a state test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateTestConfig {
    /// Its id.
    pub chainid: String,
}

/// An account of a state test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateTestAccount {
    /// How many transactions it sent.
    pub nonce: String,
    /// Wei.
    pub balance: String,
    /// Its code.
    pub code: Bytes,
    /// Its slots that are not zero.
    pub storage: BTreeMap<String, String>,
}

/// The transaction of a state test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StateTestTransaction {
    /// The vector's calldata.
    pub data: Vec<Bytes>,
    /// Enough for the contract and for the gas that the call is given.
    pub gas_limit: Vec<String>,
    /// Nothing is paid for gas.
    pub gas_price: String,
    /// The sender's.
    pub nonce: String,
    /// Signs it.
    pub secret_key: Word,
    /// Who signs it.
    pub sender: String,
    /// The contract.
    pub to: String,
    /// No value is sent.
    pub value: Vec<String>,
}

/// What must be there after a state test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateTestPost {
    /// The state root.
    pub hash: Word,
    /// Keccak-256 of the logs' RLP.
    pub logs: Word,
    /// Which of the transaction's data, gas limits and values: the first.
    pub indexes: BTreeMap<String, u8>,
    /// The accounts.
    pub state: BTreeMap<String, StateTestAccount>,
}

pub(super) fn export(vectors: &[Vector], export: &mut Export) {
    for (name, test) in export.hold(vectors, |vector| Ok((vector.id.clone(), state_test(vector)?))) {
        let file = format!("{}.json", name.replacen("::", "/", 1));
        export.add(file, &BTreeMap::from([(name, test)]));
    }
}

/// The call that a test makes, what must come out of it, and the transaction's gas.
pub(super) fn held(vector: &Vector) -> Result<(CallInput, Expectation, u64), &'static str> {
    let (call, expected) = call(vector)?;
    let gas_limit = gas_limit(&call).filter(|limit| *limit <= BLOCK_GAS);
    let gas_limit = gas_limit.ok_or("a call with more gas than a block may have")?;
    Ok((call, expected, gas_limit))
}

fn state_test(vector: &Vector) -> Result<StateTest, &'static str> {
    let (call, expected, gas_limit) = held(vector)?;
    let account = |nonce: u64, balance: U256, code: &[u8], storage: &BTreeMap<u64, U256>| {
        let slots = storage.iter().filter(|(_, value)| !value.is_zero());
        StateTestAccount {
            nonce: quantity(U256::from(nonce)),
            balance: quantity(balance),
            code: Bytes(code.to_vec()),
            storage: slots.map(|(slot, value)| (quantity(U256::from(*slot)), quantity(*value))).collect(),
        }
    };
    let code = proxy::code();
    let none = BTreeMap::new();
    let gas_slot = BTreeMap::from([(GAS_SLOT, U256::from(call.gas))]);
    let stored = proxy::stored(call.gas, returned(&expected), call_fails(&expected));
    let accounts = |nonce: u64, storage: &BTreeMap<u64, U256>| {
        let (sender, proxy) = (account(nonce, BALANCE, &[], &none), account(1, U256::ZERO, &code, storage));
        BTreeMap::from([(to_hex(SENDER), sender), (to_hex(PROXY), proxy)])
    };
    let after = StateTestPost {
        hash: Word(root(&code, &stored).0),
        logs: Word(keccak256(&NO_LOGS)),
        indexes: ["data", "gas", "value"].map(|list| (list.to_owned(), 0)).into(),
        state: accounts(1, &stored),
    };
    let forks = FORKS.iter().filter(|(_, most)| gas_limit <= *most);
    Ok(StateTest {
        info: StateTestInfo {
            comment: format!("{} ({})", vector.comment, in_words(&vector.expect)),
            generated_by: format!("ecrecheck {}", env!("CARGO_PKG_VERSION")),
            source: vector.source.clone(),
            facts: vector.facts.iter().map(|fact| fact.name().to_owned()).collect(),
        },
        config: StateTestConfig { chainid: "0x01".into() },
        env: env(),
        pre: accounts(0, &gas_slot),
        transaction: StateTestTransaction {
            data: vec![call.calldata],
            gas_limit: vec![quantity(U256::from(gas_limit))],
            gas_price: quantity(U256::ZERO),
            nonce: quantity(U256::ZERO),
            secret_key: Word(SENDER_KEY.0),
            sender: to_hex(SENDER),
            to: to_hex(PROXY),
            value: vec![quantity(U256::ZERO)],
        },
        post: forks.map(|(fork, _)| ((*fork).to_owned(), vec![after.clone()])).collect(),
    })
}

/// The state root afterwards: the sender's nonce is 1, and the contract has stored.
fn root(code: &[u8], stored: &BTreeMap<u64, U256>) -> B256 {
    let slots = stored.iter().filter(|(_, value)| !value.is_zero());
    let storage = slots.map(|(slot, value)| (B256::from(U256::from(*slot)), *value));
    let sender = TrieAccount { nonce: 1, balance: BALANCE, ..TrieAccount::default() };
    let proxy = TrieAccount {
        nonce: 1,
        storage_root: storage_root_unhashed(storage),
        code_hash: B256::from(keccak256(code)),
        ..TrieAccount::default()
    };
    state_root_unhashed([(SENDER, sender), (PROXY, proxy)])
}

/// Gas for the transaction: what its data costs at most (EIP-7623), the contract, its memory, and enough that 63 of
/// 64 parts of what is left (EIP-150) are the call's gas.
fn gas_limit(call: &CallInput) -> Option<u64> {
    let length = call.calldata.0.len() as u64;
    let words = length.div_ceil(32) + 2;
    let own = 21_000 + 40 * length + proxy::OWN_GAS + 6 * words + words * words / 512;
    call.gas.checked_add(call.gas / 63 + 64)?.checked_add(own)
}

fn env() -> BTreeMap<String, String> {
    let word = |last: u8| to_hex(U256::from(last).to_be_bytes::<32>());
    let entries = [
        ("currentCoinbase", "0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba".to_owned()),
        ("currentGasLimit", quantity(U256::from(BLOCK_GAS))),
        ("currentNumber", quantity(U256::ONE)),
        ("currentTimestamp", quantity(U256::from(1_000))),
        ("currentDifficulty", quantity(U256::ZERO)),
        ("currentRandom", word(0)),
        ("currentBaseFee", quantity(U256::ZERO)),
        ("currentExcessBlobGas", quantity(U256::ZERO)),
    ];
    entries.map(|(name, value)| (name.to_owned(), value)).into()
}

/// A number as these files have it: whole bytes in hex, at least one.
fn quantity(number: U256) -> String {
    let bytes = number.to_be_bytes_trimmed_vec();
    to_hex(if bytes.is_empty() { vec![0] } else { bytes })
}

/// What must come out, in a few words.
fn in_words(answer: &VectorAnswer) -> String {
    match answer {
        VectorAnswer::Recovered { address, .. } => format!("recovers {address}"),
        VectorAnswer::Rejected { rejected } => format!("rejected: {rejected}"),
    }
}
