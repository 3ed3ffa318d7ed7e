//! A node on this machine's loopback that does what a test tells it. Its calls are made in revm.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ecrecheck::input::bytes::{from_hex, to_hex};
use revm::context::TxEnv;
use revm::context::result::ExecutionResult;
use revm::database::{CacheDB, EmptyDB};
use revm::primitives::{TxKind, address};
use revm::{Context, ExecuteEvm as _, MainBuilder as _, MainContext as _};
use serde_json::{Value, json};

/// What the node does with a request.
pub(crate) enum Reply {
    /// Answers with HTTP 200 and this JSON.
    Json(Value),
    /// Answers with a status, header lines and a body.
    Http(u16, Vec<String>, String),
    /// Holds the connection and says nothing.
    Hang,
    /// Answers as [`Reply::Json`], and ends the connection when the next request comes by it.
    ThenClose(Value),
}

/// What was asked: a request's head, and its body.
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) body: Value,
}

pub(crate) struct Fake {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    stop: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
}

/// The longest that a connection is held.
const LONGEST: Duration = Duration::from_secs(20);

impl Fake {
    /// Starts it on a free port.
    pub(crate) fn new(reply: impl Fn(&Value) -> Reply + Send + Sync + 'static) -> Self {
        // The crate's provider of cryptography, and not one that this file's calls would install.
        ecrecheck::subject::all().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, stop) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let server = {
            let (asked, stop, reply) = (Arc::clone(&asked), Arc::clone(&stop), Arc::new(reply));
            thread::spawn(move || {
                while let Ok((stream, _)) = listener.accept() {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let (asked, stop, reply) = (Arc::clone(&asked), Arc::clone(&stop), Arc::clone(&reply));
                    thread::spawn(move || serve(stream, &asked, &stop, reply.as_ref()));
                }
            })
        };
        Self { address, asked, stop, server: Some(server) }
    }

    /// One that answers each request of a batch for itself.
    pub(crate) fn answering(answer: impl Fn(&Value) -> Value + Send + Sync + 'static) -> Self {
        Self::new(move |body| Reply::Json(each(body, &answer)))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// What was asked so far.
    pub(crate) fn asked<T>(&self, of: impl Fn(&Asked) -> T) -> Vec<T> {
        self.asked.lock().unwrap().iter().map(of).collect()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // So that it stops waiting for a connection.
        drop(TcpStream::connect(self.address));
        self.server.take().map(JoinHandle::join);
    }
}

fn serve(
    mut stream: TcpStream,
    asked: &Mutex<Vec<Asked>>,
    stop: &AtomicBool,
    reply: &(impl Fn(&Value) -> Reply + ?Sized),
) {
    stream.set_read_timeout(Some(LONGEST)).unwrap();
    let Some(request) = read(&stream) else {
        drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"));
        return;
    };
    let reply = reply(&request.body);
    asked.lock().unwrap().push(request);
    let json = |body: &Value| (200, vec!["content-type: application/json".to_owned()], body.to_string());
    let announced = !matches!(reply, Reply::ThenClose(_));
    let (status, mut headers, body) = match reply {
        Reply::Json(body) | Reply::ThenClose(body) => json(&body),
        Reply::Http(status, headers, body) => (status, headers, body),
        Reply::Hang => {
            let mut held = Duration::ZERO;
            while held < LONGEST && !stop.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(20));
                held += Duration::from_millis(20);
            }
            return;
        }
    };
    if announced {
        headers.push("connection: close".to_owned());
    }
    headers.push(format!("content-length: {}", body.len()));
    let answer = format!("HTTP/1.1 {status} Said\r\n{}\r\n\r\n{body}", headers.join("\r\n"));
    // One that hears no more is no concern of a server's.
    drop(stream.write_all(answer.as_bytes()));
    if !announced {
        drop(stream.read(&mut [0]));
    }
}

/// Reads a request. `None`: that is none.
fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let read = reader.by_ref().take(1 << 14).read_line(&mut head).ok()?;
        if read == 0 || !head.starts_with("POST ") || head.len() > 1 << 16 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
    })?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { head, body: serde_json::from_slice(&body).ok()? })
}

/// Answers a request, or each of a batch.
pub(crate) fn each(body: &Value, answer: &impl Fn(&Value) -> Value) -> Value {
    match body {
        Value::Array(requests) => requests.iter().map(answer).collect(),
        request => answer(request),
    }
}

/// What a sound node answers to a request.
pub(crate) fn sound(request: &Value) -> Value {
    match request["method"].as_str().unwrap() {
        "web3_clientVersion" => result(request, "Fake/v1.2.3-test/loopback"),
        "eth_chainId" => result(request, "0x7a69"),
        "eth_call" => match call(request, 16_000_000) {
            Ok(returned) => result(request, &to_hex(&returned)),
            Err(how) => error(request, -32000, &how),
        },
        other => error(request, -32601, &format!("the method {other} does not exist")),
    }
}

pub(crate) fn result(request: &Value, result: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": request["id"], "result": result })
}

pub(crate) fn error(request: &Value, code: i64, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": request["id"], "error": { "code": code, "message": message } })
}

/// Whether a request is the call of a contract's creation.
pub(crate) fn is_creation(request: &Value) -> bool {
    request["method"] == "eth_call" && request["params"][0].get("to").is_none()
}

/// Makes an `eth_call` with so much gas.
pub(crate) fn call(request: &Value, gas: u64) -> Result<Vec<u8>, String> {
    let asked = &request["params"][0];
    let kind = if is_creation(request) {
        TxKind::Create
    } else {
        assert_eq!(asked["to"], "0x0000000000000000000000000000000000000001");
        TxKind::Call(address!("0000000000000000000000000000000000000001"))
    };
    let data = from_hex(asked["data"].as_str().unwrap()).unwrap();
    let transaction = TxEnv { kind, data: data.into(), gas_limit: gas, ..TxEnv::default() };
    let mut evm = Context::mainnet().with_db(CacheDB::new(EmptyDB::new())).build_mainnet();
    match evm.transact_one(transaction) {
        Ok(ExecutionResult::Success { output, .. }) => Ok(output.into_data().to_vec()),
        other => Err(format!("{other:?}")),
    }
}
