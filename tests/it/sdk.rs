//! dstack's released SDKs against `chain serve`: what they get passes `chain verify`, what is not simulated is shown to
//! their user, and their checks of encryption keys are held to the known formats.
//!
//! The packages come from `tests/sdk`: npm (`npm ci`), pip (`requirements.txt`), cargo (`rust/`, built into
//! `target/sdk`). Where one is missing, stderr shows a skip.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ecrecheck::Fields;
use ecrecheck::dstack::{AppKeys, KeyResponse, PrivateKey, test_key};
use ecrecheck::input::bytes::{Word, from_hex, to_hex};
use ecrecheck::input::key::PublicKey;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::serving::Serving;
use crate::support::{run, skipped, stdout};

const APP_ID: &str = "1111111111111111111111111111111111111111";
const LABEL: &str = "sdk";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk")
}

/// A client that can be run here; else a skip.
fn client(sdk: &str, needs: &str, probe: &mut Command, command: impl Fn() -> Command) -> Option<Command> {
    let quiet = probe.current_dir(folder()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if quiet.status().is_ok_and(|status| status.success()) {
        return Some(command());
    }
    skipped(sdk, needs);
    None
}

fn python() -> Option<Command> {
    let mut probe = Command::new("python3");
    probe.args(["-c", "import dstack_sdk, dstack_sdk.ethereum, Crypto"]);
    client("dstack-sdk of PyPI", "python3 with tests/sdk/requirements.txt", &mut probe, || {
        let mut command = Command::new("python3");
        command.arg("client.py");
        command
    })
}

fn javascript() -> Option<Command> {
    let mut probe = Command::new("node");
    probe.args(["--input-type=module", "-e", "import '@phala/dstack-sdk'; import 'viem'"]);
    client("@phala/dstack-sdk of npm", "node, or `npm ci` in tests/sdk,", &mut probe, || {
        let mut command = Command::new("node");
        command.arg("client.mjs");
        command
    })
}

fn rust() -> Option<Command> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/sdk/debug/sdk-client");
    let mut probe = Command::new("test");
    probe.arg("-x").arg(&built);
    client("dstack-sdk of crates.io", "`cargo build` of tests/sdk/rust", &mut probe, || Command::new(&built))
}

/// What a client prints; it has a minute.
fn asked(command: Command, argument: &str, input: &str) -> Value {
    let mut command = assert_cmd::Command::from_std(command);
    // Settings of a proxy would keep a client from the loopback.
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        command.env_remove(variable);
    }
    let output = command
        .current_dir(folder())
        .arg(argument)
        .write_stdin(input)
        .timeout(std::time::Duration::from_secs(60))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn keys() -> AppKeys {
    AppKeys::issue(&test_key::of_label(LABEL).unwrap(), &[0x11; 20]).unwrap()
}

/// `chain verify` of a response that an SDK gave back.
#[track_caller]
fn verifies(response: &Value, options: &[&str]) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("response.json");
    let fields = json!({"key": response["key"], "signature_chain": response["signature_chain"]});
    fs::write(&file, fields.to_string()).unwrap();
    let root = test_key::of_label(LABEL).unwrap().public_key().to_string();
    let start =
        ["chain", "verify", "--response", file.to_str().unwrap(), "--app-id", APP_ID, "--root", &root];
    let output = run(&[start.as_slice(), options].concat());
    assert_eq!(output.status.code(), Some(0), "{response} {output:?}");
    assert!(stdout(&output).contains("verified: "), "{output:?}");
}

/// Whether a client's words have ours.
#[track_caller]
fn shows(got: &Value, words: &str) {
    assert!(got["shown"].as_str().is_some_and(|shown| shown.contains(words)), "{words}: {got}");
}

/// What every SDK gets.
fn gets_keys_that_verify(got: &Value) {
    verifies(&got["key"], &["--purpose", "ethereum"]);
    verifies(&got["default"], &[]);
    let expected = keys().get_key("wallet/0", b"ethereum").unwrap();
    let key = KeyResponse::parse(
        &json!({"key": got["key"]["key"], "signature_chain": got["key"]["signature_chain"]}).to_string(),
    );
    assert_eq!(key.unwrap().key.public_key(), expected.key.public_key());
    assert_eq!(got["account"], expected.key.public_key().address().to_string());
    for (signed, options) in [
        ("signed", ["--purpose", "signing"].as_slice()),
        ("signed_ed25519", &["--purpose", "signing", "--algorithm", "ed25519"]),
    ] {
        let signed = &got[signed];
        let algorithm = options.last().unwrap();
        let kind = if *algorithm == "ed25519" { "ed25519" } else { "secp256k1" };
        let kind = ecrecheck::dstack::claim::KeyAlgorithm::of_name(kind).unwrap();
        let wanted = ecrecheck::dstack::claim::KeyRequest::V0 { path: "vms", purpose: "signing" };
        let key = keys().claimed_key(kind, wanted).unwrap();
        assert_eq!(signed["public_key"], const_hex::encode(&key.public_key));
        let chain = signed["signature_chain"].as_array().unwrap();
        assert_eq!(chain[0], signed["signature"]);
        let as_response = json!({"key": const_hex::encode(key.key.expose()), "signature_chain": chain[1..]});
        verifies(&as_response, options);
    }
    assert_eq!(got["info"]["app_id"], APP_ID);
    assert_eq!(got["info"]["tcb_info"]["event_log"], json!([]));
    assert_eq!(got["tappd_info"]["app_id"], APP_ID);
    assert_eq!(got["version"]["version"], "0.6.0");
    assert_eq!(got["emit_event"], Value::Null);
}

/// What the SDKs of Python and JavaScript get besides.
fn gets_ed25519_and_more(got: &Value) {
    verifies(&got["ed25519"], &["--purpose", "ethereum", "--algorithm", "ed25519"]);
    let many = got["asynchronous"].as_array().unwrap();
    assert_eq!(many.len(), 8);
    for key in many {
        verifies(key, &["--purpose", "ethereum"]);
    }
    assert_eq!(got["signed"]["public_key"], got["signed_prehashed"]["public_key"]);
    assert_eq!(got["valid"], json!([true, true, true, false, false, false]));
    assert_eq!(got["is_reachable"], true);
}

#[test]
fn the_python_sdk_gets_keys_that_verify_and_is_told_what_is_not_simulated() {
    let Some(_) = python() else { return };
    let serving = Serving::start(&["--root-label", LABEL]);
    for endpoint in serving.endpoints() {
        let got = asked(python().unwrap(), &endpoint, "");
        gets_keys_that_verify(&got);
        gets_ed25519_and_more(&got);
        verifies(&got["not_ascii"], &["--purpose", "ethereum"]);
        shows(&got["tls_key"], "'501 GetTlsKey is not simulated: it needs a certificate authority'");
        shows(&got["quote"], "'501 GetQuote is not simulated: it needs a TEE'");
        shows(&got["attest"], "'501 Attest is not simulated: it needs a TEE'");
        shows(&got["tappd_key"], "'501 DeriveKey is not simulated: it needs a certificate authority'");
        shows(&got["tappd_quote"], "'501 TdxQuote is not simulated: it needs a TEE'");
        shows(&got["unsupported"], "'400 Unsupported algorithm'");
        shows(&got["too_long"], "'413 expected a body of at most 65536 bytes'");
    }
}

#[test]
fn the_javascript_sdk_gets_keys_that_verify_and_is_told_what_is_not_simulated() {
    let Some(_) = javascript() else { return };
    let serving = Serving::start(&["--root-label", LABEL]);
    let [socket, url] = serving.endpoints();
    for endpoint in [&socket, &url] {
        let got = asked(javascript().unwrap(), endpoint, "");
        gets_keys_that_verify(&got);
        gets_ed25519_and_more(&got);
        // It hands an error on in the place of a certificate.
        let error = |name: &str| json!(format!("{name} is not simulated: it needs a certificate authority"));
        assert_eq!(got["tls_key"]["error"], error("GetTlsKey"));
        assert_eq!(got["tappd_key"]["error"], error("DeriveKey"));
        shows(&got["quote"], "GetQuote is not simulated: it needs a TEE");
        shows(&got["attest"], "Attest is not simulated: it needs a TEE");
        shows(&got["tappd_quote"], "TdxQuote is not simulated: it needs a TEE");
        // It does not look for an error of GetKey, and fails on what is not there.
        shows(&got["unsupported"], "Received undefined");
        shows(&got["too_long"], "Received undefined");
        // On a socket it tells the number of characters as the length of its body, which cuts it off.
        if *endpoint == socket {
            shows(&got["not_ascii"], "Received undefined");
        } else {
            verifies(&got["not_ascii"], &["--purpose", "ethereum"]);
        }
    }
    let (_, log, _) = serving.end(rustix::process::Signal::INT);
    assert!(log.contains(r#""error":"not the expected JSON: EOF while parsing"#), "{log}");
}

#[test]
fn the_rust_sdk_gets_keys_that_verify_and_is_told_what_is_not_simulated() {
    let Some(_) = rust() else { return };
    let serving = Serving::start(&["--root-label", LABEL]);
    let [socket, url] = serving.endpoints();
    for endpoint in [&socket, &url] {
        let got = asked(rust().unwrap(), endpoint, "");
        gets_keys_that_verify(&got);
        assert_eq!(got["valid"], json!([{"valid": true}, {"valid": true}, {"valid": false}]));
        for (call, name, needs) in [
            ("tls_key", "GetTlsKey", "a certificate authority"),
            ("quote", "GetQuote", "a TEE"),
            ("attest", "Attest", "a TEE"),
            ("tappd_quote", "RawQuote", "a TEE"),
        ] {
            // On a socket it shows the status alone.
            let words = if *endpoint == socket {
                "501 Not Implemented".to_owned()
            } else {
                format!("501 {name} is not simulated: it needs {needs}")
            };
            shows(&got[call], &words);
        }
    }
}

/// What a function that recovers the signer of an encryption key gives.
#[derive(Debug, PartialEq)]
enum Gives {
    /// The KMS root.
    Root,
    /// The key of nobody: who compares it with the root refuses.
    Another,
    Nothing,
}

/// A case: the name, the arguments, what it must give.
struct EnvCase {
    name: &'static str,
    arguments: Value,
    gives: Gives,
}

const APP: &str = "ea549f02e1a25fabd1cb788380e033ec5461b2ff";
const TIMESTAMP: u64 = 1_753_000_000;

/// A digest of a known format.
fn digest(format: &str, app_id: &str, timestamp: Option<u64>, x25519_key: &[u8]) -> Word {
    let formats = ecrecheck::corpus::Formats::built_in();
    let format = formats.iter().find(|known| known.name == format).unwrap();
    let mut fields =
        Fields::from_iter([("app_id", from_hex(app_id).unwrap()), ("x25519_key", x25519_key.to_vec())]);
    if let Some(timestamp) = timestamp {
        fields.set("timestamp", timestamp.to_string());
    }
    format.check(&fields).unwrap();
    Word(format.digest.evaluate(&fields).unwrap().try_into().unwrap())
}

fn env_cases(root: &PrivateKey) -> Vec<EnvCase> {
    let key = [0x5a; 32];
    let v1 = root.sign(digest("dstack.env-encrypt.v1", APP, Some(TIMESTAMP), &key));
    let legacy = root.sign(digest("dstack.env-encrypt.legacy", APP, None, &key));
    let case = |name, key: &[u8], signature: &[u8], app_id: &str, age: Option<i64>, gives| {
        let mut arguments = json!({
            "public_key": const_hex::encode(key),
            "signature": const_hex::encode(signature),
            "app_id": app_id,
        });
        if let Some(age) = age {
            arguments["timestamp"] = TIMESTAMP.into();
            arguments["age"] = age.into();
        }
        EnvCase { name, arguments, gives }
    };
    let with = |signature: &[u8], at: usize, byte: u8| {
        let mut signature = signature.to_vec();
        signature[at] = byte;
        signature
    };
    let without = |signature: &[u8], range: std::ops::Range<usize>| {
        let mut signature = signature.to_vec();
        signature[range].fill(0);
        signature
    };
    let twin = {
        let n = from_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141").unwrap();
        let mut twin = v1.clone();
        let mut borrow = 0i16;
        for at in (0..32).rev() {
            let difference = i16::from(n[at]) - i16::from(v1[32 + at]) - borrow;
            borrow = i16::from(difference < 0);
            twin[32 + at] = difference.rem_euclid(256) as u8;
        }
        twin[64] ^= 1;
        twin
    };
    let (other_app, prefixed) = (APP.replace("ea", "eb"), format!("0x{APP}"));
    let with_timestamp = format!("{APP}{TIMESTAMP:016x}");
    use Gives::{Another, Nothing, Root};
    vec![
        case("v1, now", &key, &v1, APP, Some(0), Root),
        case("v1, as old as it may be", &key, &v1, APP, Some(300), Root),
        case("v1, too old", &key, &v1, APP, Some(301), Nothing),
        case("v1, as early as it may be", &key, &v1, APP, Some(-60), Root),
        case("v1, too early", &key, &v1, APP, Some(-61), Nothing),
        case("legacy", &key, &legacy, APP, None, Root),
        case("0x before the app id", &key, &v1, &prefixed, Some(0), Root),
        case("another key", &[0x5b; 32], &v1, APP, Some(0), Another),
        case("another app", &key, &v1, &other_app, Some(0), Another),
        case("the app id cut", &key, &v1, &APP[2..], Some(0), Another),
        case("the legacy signature for v1", &key, &legacy, APP, Some(0), Another),
        case("the v1 signature for legacy", &key, &v1, APP, None, Another),
        case("the other recovery id", &key, &with(&v1, 64, v1[64] ^ 1), APP, Some(0), Another),
        case("v of Ethereum", &key, &with(&v1, 64, v1[64] + 27), APP, Some(0), Nothing),
        case("no recovery id", &key, &v1[..64], APP, Some(0), Nothing),
        case("a byte too many", &key, &[v1.as_slice(), &[0]].concat(), APP, Some(0), Nothing),
        case("no signature", &key, &[], APP, Some(0), Nothing),
        case("no signature, legacy", &key, &[], APP, None, Nothing),
        case("r of zero", &key, &without(&v1, 0..32), APP, Some(0), Nothing),
        case("s of zero", &key, &without(&v1, 32..64), APP, Some(0), Nothing),
        case("an app id that is no hex", &key, &v1, "xyz", Some(0), Nothing),
        case("an app id of half a byte", &key, &v1, &APP[1..], Some(0), Nothing),
        // What these functions do not check, and whoever calls them must.
        case("the twin with a high s", &key, &twin, APP, Some(0), Root),
        case("v1 as legacy with an app id of 28 bytes", &key, &v1, &with_timestamp, None, Root),
    ]
}

/// Holds the functions of an SDK to the cases.
fn verifies_encryption_keys(command: Command) {
    let root = test_key::of_label("env").unwrap();
    let cases = env_cases(&root);
    let arguments: Vec<_> = cases.iter().map(|case| &case.arguments).collect();
    let said = asked(command, "env", &json!(arguments).to_string());
    let said = said.as_array().unwrap();
    assert_eq!(said.len(), cases.len());
    let compressed = to_hex(root.public_key().compressed());
    for (case, said) in cases.iter().zip(said) {
        let gives = match said {
            Value::Null => Gives::Nothing,
            Value::String(key) if *key == compressed => Gives::Root,
            Value::String(key) => {
                PublicKey::from_sec1(&from_hex(key).unwrap()).unwrap();
                Gives::Another
            }
            other => panic!("{}: {other}", case.name),
        };
        assert_eq!(gives, case.gives, "{}", case.name);
    }
}

#[test]
fn the_python_sdk_verifies_encryption_keys_as_the_formats_have_it() {
    if let Some(command) = python() {
        verifies_encryption_keys(command);
    }
}

#[test]
fn the_javascript_sdk_verifies_encryption_keys_as_the_formats_have_it() {
    if let Some(command) = javascript() {
        verifies_encryption_keys(command);
    }
}
