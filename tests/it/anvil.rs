//! anvil, and contracts that tests deploy there.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use ecrecheck::input::bytes::{from_hex, to_hex};
use ecrecheck::input::key::Address;
use serde_json::{Value, json};

use crate::support::skipped;

/// anvil on a free port of the loopback, until it is dropped.
pub(crate) struct Anvil {
    child: Child,
    pub(crate) url: String,
}

impl Anvil {
    /// `None`, and a skip on stderr: it is not installed.
    pub(crate) fn start(what: &str) -> Option<Self> {
        let program =
            PathBuf::from("subjects/javascript/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join(program);
        if !program.exists() {
            skipped(what, "`npm ci` in subjects");
            return None;
        }
        let mut command = Command::new(program);
        command.args(["--host", "127.0.0.1", "--port", "0", "--accounts", "1"]);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (found, place) = mpsc::channel();
        // To its end, so that anvil never waits for a reader.
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some(address) = line.strip_prefix("Listening on ") {
                    drop(found.send(format!("http://{address}")));
                }
            }
        });
        let url = place.recv_timeout(Duration::from_secs(30));
        let mut anvil = Self { child, url: String::new() };
        anvil.url = url.expect("anvil listens");
        Some(anvil)
    }
}

impl Anvil {
    /// Deploys an artifact of ours, with a root and the purpose "ethereum".
    pub(crate) fn deploy(&self, artifact: &str, root: Address) -> Address {
        let artifact: Value = serde_json::from_str(artifact).unwrap();
        let code = from_hex(artifact["bytecode"].as_str().unwrap()).unwrap();
        let word = |number: u8| [vec![0; 31], vec![number]].concat();
        let purpose = [b"ethereum".to_vec(), vec![0; 24]].concat();
        // (address, bytes): the address, where the bytes begin, how many they are, the bytes.
        let arguments = [[0; 12].to_vec(), root.0.to_vec(), word(64), word(8), purpose].concat();
        let data = to_hex([code, arguments].concat());
        // anvil holds the key of its first account.
        let from = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
        let sent =
            self.ask("eth_sendTransaction", &json!([{ "from": from, "data": data, "gas": "0x1c9c380" }]));
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let receipt = self.ask("eth_getTransactionReceipt", &json!([sent]));
            if let Some(address) = receipt["contractAddress"].as_str() {
                assert_eq!(receipt["status"], "0x1");
                return address.parse().unwrap();
            }
            assert!(Instant::now() < until, "{receipt}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn ask(&self, method: &str, parameters: &Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters }).to_string();
        let request = ureq::post(&self.url).header("content-type", "application/json");
        let answer = request.send(&body).unwrap().into_body().read_to_string().unwrap();
        let mut answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].take()
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
