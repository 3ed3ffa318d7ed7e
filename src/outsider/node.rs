//! An Ethereum node: its `ecrecover`, asked over JSON-RPC by `eth_call`, which writes nothing.
//!
//! Each call is made in two ways, which must say the same. By STATICCALL from code that `eth_call` runs as a
//! contract's creation: the callee gets the gas that the input says, and flag, returndata, memory and gas are seen.
//! And straight: `eth_call` to 0x01. There the node decides on the gas, and it is always enough, so that the
//! straight call is compared where the STATICCALL succeeds, and says nothing where that fails.

mod forward;
mod http;
mod reader;
mod rpc;

use ruint::aliases::U256;
use serde_json::Value;

use self::forward::Seen;
use self::http::Trouble;
pub(super) use self::http::place;
pub use self::reader::{CallAnswer, Reader};
use self::rpc::{Answer, Client, Request, RpcError};
use super::{OutsiderError, Settings, protocol};
use crate::input::bytes::{Bytes, from_hex, to_hex};
use crate::input::key::Address;
use crate::input::{CallInput, Input};
use crate::subject::{Identity, Outcome, Subject, ask};

const ECRECOVER: Address = Address([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

/// A node behind a URL.
#[derive(Debug)]
pub(super) struct Node {
    identity: Identity,
    /// How it was named, unless the URL may hold a secret.
    spec: Option<String>,
    client: Client,
}

impl Node {
    /// Asks who it is, and whether it allows what a call of `ecrecover` takes.
    ///
    /// # Errors
    /// No node answers there, or one that does not allow it.
    pub(super) fn open(url: &str, name: Option<&str>, settings: &Settings) -> Result<Self, OutsiderError> {
        let Some(client) = Client::new(url, settings) else {
            return Err(OutsiderError::new("node", "not a URL: expected http://HOST:PORT or https://HOST/…"));
        };
        let place = format!("node {}", client.place());
        let refused = |why: String| OutsiderError::new(&place, why);
        let trouble = |trouble: Trouble| refused(trouble.to_string());

        let chain = match client.ask(Request::ChainId).map_err(trouble)? {
            Ok(chain) => quantity(&chain).ok_or_else(|| refused("eth_chainId gives no number".into()))?,
            Err(error) => return Err(refused(format!("does not answer eth_chainId: {error}"))),
        };
        let told = match client.ask(Request::ClientVersion).map_err(trouble)? {
            Ok(Value::String(version)) => Ok(client.quoted(&version)),
            Ok(_) => Err("no text".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        let (version, (code, number)) = match (told, name) {
            (Ok(version), _) => (version.clone(), client_of(&version)),
            (Err(_), Some(name)) => {
                ("a client that does not say which".into(), (name.to_owned(), "0.0.0".to_owned()))
            }
            (Err(why), None) => {
                return Err(refused(format!(
                    "does not answer web3_clientVersion, so that it needs a name, NAME=URL: {why}"
                )));
            }
        };
        let entry = format!("eth_call of 0x01, by STATICCALL and straight, of {version}, chain {chain}");
        let identity = Identity::new(name.unwrap_or(&code), &number, &code).through(&entry);
        let public = url.trim_end_matches('/') == client.place();
        let named = name.map(|name| format!("{name}=")).unwrap_or_default();
        let spec = public.then(|| format!("{named}{url}"));
        let node = Self { identity, spec, client };
        node.allows_calls().map_err(refused)?;
        Ok(node)
    }

    /// Whether it makes a call in both ways. What comes of the call is another question.
    fn allows_calls(&self) -> Result<(), String> {
        let empty = CallInput { calldata: Bytes(Vec::new()), gas: CallInput::AMPLE_GAS };
        let ways = ["eth_call without `to`, of a contract's creation", "eth_call of 0x01"];
        for (way, request) in ways.into_iter().zip([by_staticcall(&empty), Some(straight(&empty))]) {
            let Some(request) = request else { continue };
            match self.client.ask(request) {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(format!("does not allow {way}: {error}")),
                Err(trouble) => return Err(format!("does not answer {way}: {trouble}")),
            }
        }
        Ok(())
    }

    /// Makes calls, all of them in flight together.
    fn make(&self, calls: &[&CallInput]) -> Vec<Outcome> {
        let codes: Vec<Option<Request>> = calls.iter().map(|call| by_staticcall(call)).collect();
        let fitting = calls.iter().zip(&codes).filter(|(_, code)| code.is_some());
        let mut requests: Vec<Request> = codes.iter().flatten().cloned().collect();
        requests.extend(fitting.map(|(call, _)| straight(call)));
        let answers = self.client.ask_all(&requests);
        let (by_staticcall, straight) = answers.split_at(requests.len() / 2);
        let mut answers = by_staticcall.iter().zip(straight);
        let outcome = |(call, code): (&&CallInput, &Option<Request>)| match code
            .as_ref()
            .and_then(|_| answers.next())
        {
            Some((by_staticcall, straight)) => outcome(call, by_staticcall, straight),
            None => Outcome::unsupported(&format!(
                "{} bytes of calldata: {} fit into a contract's creation, which makes the call",
                call.calldata.0.len(),
                forward::MAX_CALLDATA
            )),
        };
        calls.iter().zip(&codes).map(outcome).collect()
    }
}

impl Subject for Node {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn spec(&self) -> Option<String> {
        self.spec.clone()
    }

    fn call(&self, input: &CallInput) -> Outcome {
        let mut outcomes = self.make(&[input]);
        outcomes.pop().unwrap_or_else(|| unreachable!("one call has one outcome"))
    }

    fn answer_all(&self, inputs: &[&Input]) -> Vec<Outcome> {
        let call = |input: &&Input| match input {
            Input::Call(call) => Some(call.clone()),
            Input::Scalar(scalar) => CallInput::of(scalar),
            Input::Prehash(_) => None,
        };
        let calls: Vec<Option<CallInput>> = inputs.iter().map(call).collect();
        let made: Vec<&CallInput> = calls.iter().flatten().collect();
        let mut made = self.make(&made).into_iter();
        // What is no call is unsupported, in the words that every precompile has for it.
        let outcome = |(input, call): (&&Input, &Option<CallInput>)| {
            call.as_ref().and_then(|_| made.next()).unwrap_or_else(|| ask(self, input))
        };
        inputs.iter().zip(&calls).map(outcome).collect()
    }
}

/// `eth_call` of a contract's creation, whose code makes the call. `None`: the calldata does not fit behind it.
fn by_staticcall(call: &CallInput) -> Option<Request> {
    forward::code(call).map(|data| Request::Call { from: None, to: None, data })
}

/// `eth_call` of 0x01 itself.
fn straight(call: &CallInput) -> Request {
    Request::Call { from: None, to: Some(ECRECOVER), data: call.calldata.clone() }
}

/// What came of a call, by the answers to its two requests.
fn outcome(call: &CallInput, by_staticcall: &Answer, straight: &Answer) -> Outcome {
    let malformed = |how: String| Outcome::Malformed { how };
    let (by_staticcall, straight) = match (by_staticcall, straight) {
        (Err(trouble), _) | (_, Err(trouble)) => return trouble.outcome(),
        (Ok(by_staticcall), Ok(straight)) => (bytes(by_staticcall), bytes(straight)),
    };
    let said = |said: &Result<Vec<u8>, String>| said.as_ref().map_or_else(String::clone, to_hex);
    let seen = match by_staticcall.as_ref().map_err(String::clone).and_then(|returned| Seen::read(returned)) {
        Ok(seen) => seen,
        Err(how) => return malformed(format!("by STATICCALL {how}; straight {}", said(&straight))),
    };
    if call.gas > seen.most_gas {
        return Outcome::unsupported(&format!(
            "{} gas: this node's eth_call leaves a call {} at most",
            call.gas, seen.most_gas
        ));
    }
    if seen.success && straight.as_ref() != Ok(&seen.returndata) {
        return malformed(format!(
            "by STATICCALL {}; straight {}",
            to_hex(&seen.returndata),
            said(&straight)
        ));
    }
    protocol::returned(seen.success, &seen.returndata, Some(seen.gas_used), call.gas)
}

/// The bytes that a call gives, or what it gives in their place.
fn bytes(answer: &Result<Value, RpcError>) -> Result<Vec<u8>, String> {
    match answer {
        Ok(Value::String(hex)) if hex.starts_with("0x") => from_hex(hex).map_err(|error| error.to_string()),
        Ok(_) => Err("no bytes".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

impl Trouble {
    /// What becomes of the input that was asked.
    fn outcome(&self) -> Outcome {
        let how = self.to_string();
        match self {
            Self::Hung(_) => Outcome::Hung { how },
            Self::Lost(_) => Outcome::Died { how },
            Self::TooLarge(_) => Outcome::unsupported(&format!("a request of this size: {how}")),
            Self::Limited { .. } | Self::Foreign(_) => Outcome::Malformed { how },
        }
    }
}

/// A number as JSON-RPC writes it: hex digits after 0x.
fn quantity(value: &Value) -> Option<U256> {
    U256::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok()
}

/// A client's name and version, from what `web3_clientVersion` gives: `Geth/v1.13.14-stable-2bd6bd01/linux-amd64`.
///
/// The name is the first segment in lowercase. The version is up to three numbers of the first segment after it that
/// begins with a number, and 0.0.0 if there is none.
fn client_of(text: &str) -> (String, String) {
    let mut segments = text.split('/');
    let first = segments.next().unwrap_or_default().trim().to_lowercase();
    let in_names = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = first.chars().take(40).map(in_names).collect();
    let version = segments.find_map(|segment| {
        let numbers = segment.trim().trim_start_matches(['v', 'V']);
        let numbers = numbers.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
        let mut numbers = numbers.split('.').map(|number| number.parse::<u64>().ok());
        let major = numbers.next()??;
        let mut further = || numbers.next().flatten().unwrap_or(0);
        Some(format!("{major}.{}.{}", further(), further()))
    });
    let name = if name.is_empty() { "node".to_owned() } else { name };
    (name, version.unwrap_or_else(|| "0.0.0".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_says_its_name_and_version_in_many_ways() {
        for (text, name, version) in [
            ("anvil/v1.7.1", "anvil", "1.7.1"),
            ("Geth/v1.13.14-stable-2bd6bd01/linux-amd64/go1.21.7", "geth", "1.13.14"),
            ("Geth/mine/v1.16.0-unstable/linux-amd64/go1.24", "geth", "1.16.0"),
            ("reth/v1.3.12-6f8e725/x86_64-unknown-linux-gnu", "reth", "1.3.12"),
            ("erigon/3.0.2/linux-amd64/go1.23.1", "erigon", "3.0.2"),
            ("Nethermind/v1.31.10+1d9fd1b4/linux-x64/dotnet9.0.4", "nethermind", "1.31.10"),
            ("besu/v24.03.1/linux-x86_64/openjdk-java-21", "besu", "24.3.1"),
            ("Parity-Ethereum//v2.7/x86_64-linux-gnu/rustc1.41.0", "parity-ethereum", "2.7.0"),
            ("EthereumJS TestRPC/v2.13.2/ethereum-js", "ethereumjs-testrpc", "2.13.2"),
            ("mine", "mine", "0.0.0"),
            ("", "node", "0.0.0"),
        ] {
            assert_eq!(client_of(text), (name.to_owned(), version.to_owned()), "{text}");
        }
    }
}
