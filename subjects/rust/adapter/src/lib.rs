//! What all subjects in Rust share: ecrecheck's protocol (docs/protocol.md).

use std::any::Any;
use std::fmt::Debug;
use std::io::{stdin, stdout, Write};
use std::panic::{catch_unwind, set_hook, AssertUnwindSafe};

use serde_json::{json, Value};

/// Who a subject is. Packages are looked up in the lockfile, so that nobody types a version.
pub struct Subject<'a> {
    /// The lockfile that it was built with.
    pub lock: &'a str,
    /// What reports call it.
    pub name: &'a str,
    /// Its package and the beginning of its version: `k256 0.13`.
    pub package: &'a str,
    /// The package whose arithmetic runs, likewise.
    pub code: &'a str,
}

/// A question about a key.
pub struct Signed {
    pub digest: [u8; 32],
    pub r: [u8; 32],
    pub s: [u8; 32],
    pub recovery_id: u8,
}

impl Signed {
    pub fn rs(&self) -> [u8; 64] {
        [self.r, self.s].concat().try_into().expect("32 bytes each")
    }

    pub fn rs_and_id(&self) -> [u8; 65] {
        [&self.rs()[..], &[self.recovery_id]].concat().try_into().expect("64 bytes and one")
    }
}

pub enum Answer {
    Key(Vec<u8>),
    Address(Vec<u8>),
    /// What a call came back with, and the gas that it took.
    Returned(Vec<u8>, u64),
    /// The call failed.
    Failed,
    /// The interface cannot express the question.
    Unsupported(&'static str),
}

/// What the library says no with. Any of its errors becomes one by `?`.
pub struct Rejected(String);

impl<E: Debug> From<E> for Rejected {
    fn from(error: E) -> Self {
        Self(format!("{error:?}"))
    }
}

/// Serves a library that recovers.
pub fn recover(subject: &Subject<'_>, ask: impl Fn(&Signed) -> Result<Answer, Rejected>) {
    serve(subject, "recover", |question| {
        ask(&Signed {
            digest: word(&question["digest"]),
            r: word(&question["r"]),
            s: word(&question["s"]),
            recovery_id: question["recovery_id"].as_u64().and_then(|id| id.try_into().ok()).expect("a byte"),
        })
    });
}

/// Serves a precompile.
pub fn call(subject: &Subject<'_>, ask: impl Fn(&[u8], u64) -> Answer) {
    serve(subject, "call", |question| {
        Ok(ask(&bytes(&question["calldata"]), question["gas"].as_u64().expect("a number")))
    });
}

fn serve(subject: &Subject<'_>, operation: &str, ask: impl Fn(&Value) -> Result<Answer, Rejected>) {
    set_hook(Box::new(|_| {})); // the answer says what it said
    let (_, version) = locked(subject.lock, subject.package);
    let (code, code_version) = locked(subject.lock, subject.code);
    say(&json!({
        "ecrecheck": 1, "name": subject.name, "version": version,
        "code": code, "code_version": code_version, "operations": [operation],
    }));
    for line in stdin().lines() {
        let question: Value = serde_json::from_str(&line.expect("text")).expect("JSON");
        let mut answer = match catch_unwind(AssertUnwindSafe(|| ask(&question))) {
            Ok(Ok(Answer::Key(key))) => json!({ "key": hex(&key) }),
            Ok(Ok(Answer::Address(address))) => json!({ "address": hex(&address) }),
            Ok(Ok(Answer::Returned(data, gas))) => {
                json!({ "returndata": hex(&data), "success": true, "gas_used": gas })
            }
            Ok(Ok(Answer::Failed)) => json!({ "returndata": "0x", "success": false }),
            Ok(Ok(Answer::Unsupported(why))) => json!({ "unsupported": why }),
            Ok(Err(Rejected(words))) => json!({ "rejected": words }),
            Err(panic) => json!({ "panicked": words(&*panic) }),
        };
        answer["id"] = question["id"].clone();
        say(&answer);
    }
}

fn say(line: &Value) {
    let mut stdout = stdout();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).expect("somebody reads");
}

/// Name and version of a package in a lockfile.
fn locked<'a>(lock: &'a str, package: &'a str) -> (&'a str, &'a str) {
    let (name, beginning) = package.split_once(' ').expect("a name and a version");
    let before = format!("name = \"{name}\"\nversion = \"");
    let version = lock
        .split(&before)
        .skip(1)
        .filter_map(|after| after.split('"').next())
        .find(|version| version.starts_with(beginning));
    (name, version.unwrap_or_else(|| panic!("{package} is not in the lockfile")))
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no words")
}

fn bytes(value: &Value) -> Vec<u8> {
    let digits = value.as_str().and_then(|text| text.strip_prefix("0x")).expect("hex");
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex")).collect()
}

fn word(value: &Value) -> [u8; 32] {
    bytes(value).try_into().expect("32 bytes")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("0x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}
