//! Contracts on a node, asked by `eth_call`: what they return, or what they revert with, whatever the node's way is
//! to say that.

use serde_json::Value;

use super::http::Trouble;
use super::rpc::{Client, REVERTED, Request, RpcError};
use super::{bytes, quantity};
use crate::input::bytes::{Bytes, from_hex};
use crate::input::key::Address;
use crate::outsider::{OutsiderError, Settings};

/// A node whose contracts are read. It is never sent a transaction.
#[derive(Debug)]
pub struct Reader {
    client: Client,
    /// Its chain's id.
    pub chain: u64,
    /// What it calls itself, if it says that.
    pub version: Option<String>,
}

/// What a call of a contract came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallAnswer {
    /// It returned these bytes.
    Returned(Vec<u8>),
    /// It reverted with these bytes.
    Reverted(Vec<u8>),
    /// It ended in no other way that a contract chooses: out of gas, a bad jump. The node's words.
    Stopped(String),
}

impl Reader {
    /// Asks which chain this is, and what the node is.
    ///
    /// # Errors
    /// No node answers there, or one of another chain than this.
    pub fn open(url: &str, chain: Option<u64>, settings: &Settings) -> Result<Self, OutsiderError> {
        let is_url = url.starts_with("http://") || url.starts_with("https://");
        let Some(client) = Client::new(url, settings).filter(|_| is_url) else {
            return Err(OutsiderError::new("node", "not a URL: expected http://HOST:PORT or https://HOST/…"));
        };
        let mut reader = Self { client, chain: 0, version: None };
        let found = reader.asked(reader.client.ask(Request::ChainId), "eth_chainId")?;
        let found = quantity(&found).and_then(|found| u64::try_from(found).ok());
        reader.chain = found.ok_or_else(|| reader.error("eth_chainId gives no number"))?;
        if let Some(expected) = chain.filter(|expected| *expected != reader.chain) {
            return Err(reader.error(format!("is of the chain {}, expected {expected}", reader.chain)));
        }
        if let Ok(Ok(Value::String(version))) = reader.client.ask(Request::ClientVersion) {
            reader.version = Some(reader.client.quoted(&version));
        }
        Ok(reader)
    }

    /// Scheme, host and port: the rest of a URL may be a secret.
    pub fn place(&self) -> String {
        self.client.place()
    }

    /// An error that is about this node.
    pub fn error(&self, why: impl std::fmt::Display) -> OutsiderError {
        OutsiderError::new(format!("node {}", self.place()), why)
    }

    /// The code at an address; none if there is no contract.
    ///
    /// # Errors
    /// The node does not answer, or does not say.
    pub fn code(&self, address: Address) -> Result<Vec<u8>, OutsiderError> {
        let code = self.asked(self.client.ask(Request::Code(address)), "eth_getCode")?;
        bytes(&Ok(code)).map_err(|why| self.error(format!("eth_getCode gives {why}")))
    }

    /// Calls a contract with each of these calldata, for itself, on the newest block.
    ///
    /// # Errors
    /// The node does not answer one, or answers with an error that is its own and not the contract's.
    pub fn call(
        &self,
        from: Option<Address>,
        to: Address,
        calldata: impl IntoIterator<Item = Vec<u8>>,
    ) -> Result<Vec<CallAnswer>, OutsiderError> {
        let request = |data| Request::Call { from, to: Some(to), data: Bytes(data) };
        let requests: Vec<_> = calldata.into_iter().map(request).collect();
        let answers = self.client.ask_all(&requests);
        answers.into_iter().map(|answer| self.called(answer)).collect()
    }

    fn called(&self, answer: super::Answer) -> Result<CallAnswer, OutsiderError> {
        let error = match answer.map_err(|trouble| self.silent(&trouble, "eth_call"))? {
            Ok(result) => {
                let returned =
                    bytes(&Ok(result)).map_err(|why| self.error(format!("eth_call gives {why}")))?;
                return Ok(CallAnswer::Returned(returned));
            }
            Err(error) => error,
        };
        error.of_the_contract().ok_or_else(|| self.error(format!("does not make an eth_call: {error}")))
    }

    fn asked(&self, answer: super::Answer, what: &str) -> Result<Value, OutsiderError> {
        let result = answer.map_err(|trouble| self.silent(&trouble, what))?;
        result.map_err(|error| self.error(format!("does not answer {what}: {error}")))
    }

    fn silent(&self, trouble: &Trouble, what: &str) -> OutsiderError {
        self.error(format!("{trouble} ({what})"))
    }
}

impl RpcError {
    /// What the contract did, where the error is its doing: nodes have no common code for it.
    fn of_the_contract(&self) -> Option<CallAnswer> {
        let data = revert_data(&self.data, 0);
        if self.code == REVERTED || data.as_ref().is_some_and(|data| !data.is_empty()) {
            return Some(CallAnswer::Reverted(data.unwrap_or_default()));
        }
        let words = self.message.to_lowercase();
        let says = |any_of: &[&str]| any_of.iter().any(|what| words.contains(what));
        // INVALID (0xfe), which `assert` was before Solidity 0.8: a refusal without a word.
        if says(&["invalidfeopcode", "opcode 0xfe", "designated invalid", "invalid opcode: invalid"]) {
            return Some(CallAnswer::Reverted(Vec::new()));
        }
        if says(&[
            "out of gas",
            "outofgas",
            "gas required exceeds",
            "invalid opcode",
            "opcode 0x",
            "invalid jump",
        ]) || says(&[
            "invalidjump",
            "stack overflow",
            "stack underflow",
            "stackoverflow",
            "stackunderflow",
        ]) {
            return Some(CallAnswer::Stopped(self.message.clone()));
        }
        (data.is_some() || says(&["revert"])).then(|| CallAnswer::Reverted(Vec::new()))
    }
}

/// What a contract reverted with, as it stands in an error's `data`: hex (geth, reth, anvil, besu, erigon), hex after
/// the word Reverted (OpenEthereum, older Nethermind), or hex in an object: `data` (Hardhat), `result` (Ganache 7),
/// `return` in an object that is named by a transaction's hash (older Ganache).
fn revert_data(data: &Value, depth: usize) -> Option<Vec<u8>> {
    const DEEPEST: usize = 4;
    const NAMES: [&str; 3] = ["data", "result", "return"];
    match data {
        Value::String(text) => {
            let text = text.strip_prefix("Reverted").unwrap_or(text).trim();
            from_hex(text.strip_prefix("0x")?).ok()
        }
        Value::Object(members) if depth < DEEPEST => {
            let inside = |value| revert_data(value, depth + 1);
            let named = NAMES.iter().find_map(|name| members.get(*name).and_then(inside));
            named.or_else(|| members.values().filter(|value| value.is_object()).find_map(inside))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(code: i64, message: &str, data: Value) -> Option<CallAnswer> {
        RpcError { code, message: message.to_owned(), data }.of_the_contract()
    }

    /// The shapes in which nodes say what a contract reverted with.
    #[test]
    fn a_revert_is_understood_in_every_shape() {
        let reverted = Some(CallAnswer::Reverted(vec![0x12, 0x34, 0x56, 0x78]));
        let hash = format!("0x{}", "ab".repeat(32));
        for (client, code, message, data) in [
            ("anvil", 3, "execution reverted: custom error 0x12345678", json!("0x12345678")),
            ("geth", 3, "execution reverted", json!("0x12345678")),
            ("besu", -32000, "Execution reverted", json!("0x12345678")),
            (
                "hardhat",
                -32603,
                "Error: VM Exception while processing transaction: reverted with an unrecognized custom error (return data: 0x12345678)",
                json!({"message": "Error: VM Exception", "txHash": hash, "data": "0x12345678"}),
            ),
            ("hardhat 3", 3, "execution reverted", json!({"data": {"data": "0x12345678"}})),
            ("ganache 7", -32000, "VM Exception while processing transaction: revert", json!("0x12345678")),
            (
                "ganache 7, of a transaction",
                -32000,
                "VM Exception while processing transaction: revert",
                json!({"hash": null, "programCounter": 9, "result": "0x12345678", "reason": null, "message": "revert"}),
            ),
            (
                "ganache 2",
                -32000,
                "VM Exception while processing transaction: revert",
                json!({hash: {"error": "revert", "program_counter": 9, "return": "0x12345678"}, "stack": "c: VM", "name": "c"}),
            ),
            ("openethereum", -32015, "VM execution error.", json!("Reverted 0x12345678")),
        ] {
            assert_eq!(answer(code, message, data), reverted, "{client}");
        }
        let nothing = Some(CallAnswer::Reverted(Vec::new()));
        assert_eq!(answer(-32000, "execution reverted", Value::Null), nothing);
        assert_eq!(answer(3, "execution reverted", json!("0x")), nothing);
        assert_eq!(answer(-32003, "EVM error InvalidFEOpcode", Value::Null), nothing);
        assert_eq!(answer(-32000, "invalid opcode: INVALID", Value::Null), nothing);
    }

    #[test]
    fn what_a_contract_does_not_choose_is_told_from_what_a_node_does_not_do() {
        for words in
            ["out of gas", "EVM error OutOfGas", "invalid jump destination", "stack underflow (0 <=> 1)"]
        {
            assert_eq!(answer(-32000, words, Value::Null), Some(CallAnswer::Stopped(words.to_owned())));
        }
        for words in ["header not found", "execution timeout", "the method eth_call does not exist"] {
            assert_eq!(answer(-32000, words, Value::Null), None, "{words}");
        }
        // An object without end is not searched without end.
        let mut deep = json!("0x12345678");
        for _ in 0..100 {
            deep = json!({ "data": deep });
        }
        assert_eq!(revert_data(&deep, 0), None);
    }
}
