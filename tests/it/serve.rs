//! `ecrecheck chain serve`: keys that verify, clients that misbehave, sockets, signals, and a log without secrets.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use ecrecheck::ScalarInput;
use ecrecheck::dstack::chain::{verify, verify_by};
use ecrecheck::dstack::claim::{Algorithm, Claim, ClaimProof, ClaimedKey, verify_claim};
use ecrecheck::dstack::{AppKeys, KeyResponse, PrivateKey, Proof, test_key};
use ecrecheck::input::bytes::{Word, from_hex};
use ecrecheck::input::key::{Address, PublicKey};
use rustix::process::Signal;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::serving::{Serving, connect, request, response};
use crate::support::{corpus_folder, ecrecheck, refused, succeeds};

const OLD_ROOT: &str = "0x8f2cF602C9695b23130367ed78d8F557554de7C5";
const OLD_APP_KEY: &str = "e0e5d254fb944dcc370a2e5288b336a1e809871545a73ee645368957fefa31f9";
const OLD_APP: &str = "ea549f02e1a25fabd1cb788380e033ec5461b2ff";

/// The old simulator's keys, served.
fn old() -> Serving {
    Serving::start(&["--app-keys", &file("simulator-old.json")])
}

fn file(name: &str) -> String {
    corpus_folder().join("dstack").join(name).display().to_string()
}

fn root() -> Address {
    OLD_ROOT.parse().unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    from_hex(value.as_str().unwrap()).unwrap()
}

/// The lines of requests, without the first, which says what is served.
fn requests(log: &str) -> Vec<Value> {
    let lines = log.lines().filter(|line| line.starts_with('{'));
    let lines: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines[0]["serving"].is_object());
    lines[1..].to_vec()
}

#[test]
fn it_says_where_it_listens_and_answers_there() {
    let serving = old();
    let socket = serving.socket().display().to_string();
    assert_eq!(serving.printed[0], format!("listening on unix:{socket}"));
    assert!(serving.url().starts_with("http://127.0.0.1:") && !serving.url().ends_with(":0"));
    let body = r#"{"path": "test/node", "purpose": "ethereum", "algorithm": "secp256k1"}"#;
    let (status, answer) = serving.post("GetKey", body);
    // As the investigation's team had it from dstack's own simulator.
    let claim = "cd52f120d5f44ecc3bb8e849969414742d4af40a318daf23b5a3f44d492cfe76209474009a0d0b95cd6d719946b74ea7ed418f95c5a4642b64d7fbb06b0f849b01";
    let issued = "2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601";
    let key = "4411844f0dfc6b50f30c2df6acf5f08371fe22f91dd4dd77459388de1c6b551b";
    assert_eq!((status, &answer), (200, &json!({"key": key, "signature_chain": [claim, issued]})));
    let mut tcp = serving.connect_tcp();
    tcp.write_all(&request("v0/GetKey", body)).unwrap();
    assert_eq!(response(&mut tcp), (200, answer.clone()));
    tcp.write_all(b"GET /GetKey?path=test%2Fnode&purpose=ethereum HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert_eq!(response(&mut tcp), (200, answer.clone()));
    // dstack 0.3 has other names for the same.
    let tappd = json!({"k256_key": key, "k256_signature_chain": [claim, issued]});
    assert_eq!(serving.post("prpc/Tappd.DeriveK256Key", body), (200, tappd.clone()));
    assert_eq!(serving.post("prpc/DeriveK256Key", body), (200, tappd));
}

/// Private and public keys from docs/guest-api-v1.md of dstack 0.6, with the signature that it gives.
#[test]
fn version_1_gives_the_keys_and_the_claim_of_its_specification() {
    let root = test_key::of_label("v1").unwrap();
    let mut keys = AppKeys::issue(&root, &[0x11; 20]).unwrap();
    let app_key = "1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e0f1a2b";
    keys.k256_key = PrivateKey::from_hex(app_key).unwrap();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("appkeys.json");
    fs::write(&path, keys.to_json().as_bytes()).unwrap();
    let app_id = "11".repeat(20);
    let serving = Serving::start(&["--app-keys", path.to_str().unwrap(), "--app-id", &app_id]);
    for (domain, algorithm, key, public_key) in [
        (
            "",
            "secp256k1",
            "59f60584ce6fd2a3a31997256db9d77322463fc8a6b1520110401bcb1ee92387",
            "0377c7fb050db181d392266a3cee9adb2901c6d665f11bac68be5457f577ba4908",
        ),
        (
            "",
            "ed25519",
            "b023493030669cf22e9cafa6a464d4cf3ae4edfe5474ec796710f21ea011946d",
            "a3dc149fd5b765eab2eb7d3174fa939e39386898f10b15b7b146f6f1358ecf2a",
        ),
        (
            "wallet",
            "secp256k1",
            "2580611f0f936abe59399a8ac4ed9964d0259bd34c88ea012ca42b32acbf9386",
            "0369cecd3c8da88730f7d45875824c3e75f63a2d3da4be42f45671954daa2abb28",
        ),
        (
            "wallet",
            "ed25519",
            "d76a703b08ebb074b809b9d6acf3d7c6663131273807717ce9d23bbadc2c644e",
            "dade622d0fa1641e79b16e0b04e296be671f85f0aa6387b7d37e9d89f87494f5",
        ),
        (
            "a/b/c",
            "secp256k1",
            "7f0973449298085d2d36a3b4c4d3243c100ba1981ffa885fe9e9dee883e69538",
            "02e9b1a61b6d70aa9b241753828c316bf90e33e77b2e113f9ba75a8b6dc3cde5c1",
        ),
        (
            "k\0:ey",
            "ed25519",
            "42da8bf0b479ed125c370e3b91f982735bf08ff592abbd586985affa43ee96a1",
            "c833107822b003ff5675b33b90b151d4315c3ab9162b17d876e8dffde41abf9b",
        ),
    ] {
        let (status, answer) =
            serving.post("v1/GetKey", &json!({"domain": domain, "algorithm": algorithm}).to_string());
        assert_eq!((status, &answer["key"], &answer["public_key"]), (200, &json!(key), &json!(public_key)));
        if (domain, algorithm) == ("wallet", "secp256k1") {
            let claim = "af26d2f258d34580e7288bd83fc97bddc83769476d77823c4f76a3ad77a751491a39ffc4ef3aa66cb0d008b8f6f199e6d57c1da9a92ba4cf10f23bf752b8cad000";
            assert_eq!(answer["signature_chain"][0], claim);
        }
    }
    // Version 1 has no default and no other names.
    for algorithm in ["", "k256", "secp256k1_prehashed", "Ed25519"] {
        let (status, answer) =
            serving.post("v1/GetKey", &json!({"domain": "", "algorithm": algorithm}).to_string());
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!("`algorithm`: expected `secp256k1` or `ed25519`"))
        );
    }
    for method in ["v1/Sign", "v1/Verify", "v1/GetQuote", "v1/EmitEvent"] {
        let name = method.strip_prefix("v1/").unwrap();
        assert_eq!(serving.post(method, "{}"), (404, json!({"error": format!("Service not found: {name}")})));
    }
}

#[test]
fn every_key_of_either_algorithm_and_version_verifies_and_no_other_claim_does() {
    let serving = old();
    let app_id = from_hex(OLD_APP).unwrap();
    for algorithm in Algorithm::ALL {
        let claims = [
            (
                "GetKey",
                json!({"path": "a", "purpose": "p", "algorithm": algorithm.name()}),
                Claim::V0 { purpose: b"p".into() },
            ),
            (
                "v1/GetKey",
                json!({"domain": "p", "algorithm": algorithm.name()}),
                Claim::V1 { domain: "p".to_owned() },
            ),
        ];
        let others = claims.clone().map(|(_, _, claim)| claim);
        for (method, body, claim) in claims {
            let (status, answer) = serving.post(method, &body.to_string());
            assert_eq!(status, 200);
            let key = ClaimedKey::parse(&answer.to_string(), algorithm, claim.clone()).unwrap();
            let proof = key.proof(&app_id).unwrap();
            let verdict = verify_claim(&proof, root(), algorithm, &claim);
            assert_eq!(verdict.outcome, Ok(()));
            for other in others.iter().filter(|other| **other != claim) {
                let lie = ClaimProof { claim: other.clone(), ..proof.clone() };
                let fault = verify_claim(&lie, root(), algorithm, other).outcome.unwrap_err();
                assert_eq!(fault.name(), "AppKeyMismatch", "{fault}");
                assert_eq!(
                    verify_claim(&proof, root(), algorithm, other).outcome.unwrap_err().name(),
                    "ClaimMismatch"
                );
            }
        }
    }
}

#[test]
fn sign_signs_with_the_key_at_vms_and_verify_knows_it() {
    let serving = old();
    let ask = |method, body: Value| serving.post(method, &body.to_string());
    let digest: [u8; 32] = Sha256::digest(b"attested").into();
    let (_, signed) = ask("Sign", json!({"algorithm": "secp256k1", "data": const_hex::encode("attested")}));
    let (_, prehashed) =
        ask("Sign", json!({"algorithm": "secp256k1_prehashed", "data": const_hex::encode(digest)}));
    // SHA-256 is what it signs: the same key, the same digest, the same nonce.
    assert_eq!(signed, prehashed);
    let (signature, public_key) = (bytes(&signed["signature"]), bytes(&signed["public_key"]));
    assert_eq!(signature.len(), 64);
    let [r, s] = [0, 32].map(|at| Word(signature[at..at + 32].try_into().unwrap()));
    let recovered = [0, 1].map(|recovery_id| {
        let input = ScalarInput { digest: Word(digest), r, s, recovery_id };
        input.recover_by_reference().ok().and_then(|recovered| PublicKey::from_point(recovered.q))
    });
    let recovered: Vec<_> = recovered.iter().flatten().map(|key| key.compressed().to_vec()).collect();
    assert!(recovered.contains(&public_key));
    // The chain of the key that signed.
    let chain = signed["signature_chain"].as_array().unwrap();
    assert_eq!(chain[0], signed["signature"]);
    let (_, key) = ask("GetKey", json!({"path": "vms", "purpose": "signing"}));
    assert_eq!(json!(chain[1..]), key["signature_chain"]);
    let response = KeyResponse::parse(&key.to_string()).unwrap();
    assert_eq!(response.key.public_key().compressed().to_vec(), public_key);
    let proof = response.proof(&from_hex(OLD_APP).unwrap(), b"signing").unwrap();
    assert!(verify(&proof, root(), b"signing").outcome.is_ok());

    let (_, ed25519) = ask("Sign", json!({"algorithm": "ed25519", "data": const_hex::encode("attested")}));
    for (algorithm, signed, data) in [
        ("secp256k1", &signed, const_hex::encode("attested")),
        ("k256", &signed, const_hex::encode("attested")),
        ("secp256k1_prehashed", &signed, const_hex::encode(digest)),
        ("ed25519", &ed25519, const_hex::encode("attested")),
    ] {
        let question = |data: &str| json!({"algorithm": algorithm, "data": data, "signature": signed["signature"], "public_key": signed["public_key"]});
        assert_eq!(ask("Verify", question(&data)), (200, json!({"valid": true})), "{algorithm}");
        assert_eq!(
            ask("Verify", question(&data.replace('6', "7"))),
            (200, json!({"valid": false})),
            "{algorithm}"
        );
    }
    for (method, body, words) in [
        ("Sign", json!({"algorithm": "rsa", "data": ""}), "Unsupported algorithm"),
        (
            "Sign",
            json!({"algorithm": "secp256k1_prehashed", "data": "00"}),
            "Pre-hashed signing requires a 32-byte digest, but received 1 bytes",
        ),
        (
            "Sign",
            json!({"algorithm": "secp256k1", "data": "0"}),
            "`data`: expected two hex digits a byte, found 1 digits, an odd number",
        ),
        (
            "Verify",
            json!({"algorithm": "secp256k1", "data": "", "signature": "", "public_key": ""}),
            "invalid public key",
        ),
        (
            "Verify",
            json!({"algorithm": "secp256k1", "data": "", "signature": "00", "public_key": signed["public_key"]}),
            "invalid signature: expected r and s, 64 bytes, each from 1 to n - 1",
        ),
        (
            "Verify",
            json!({"algorithm": "ed25519", "data": "", "signature": "00", "public_key": ed25519["public_key"]}),
            "a signature of ed25519 has 64 bytes",
        ),
        (
            "Verify",
            json!({"algorithm": "ed25519", "data": "", "signature": "00", "public_key": ""}),
            "invalid public key",
        ),
    ] {
        assert_eq!(ask(method, body.clone()), (400, json!({"error": words})), "{body}");
    }
}

#[test]
fn what_needs_a_tee_or_an_authority_is_not_simulated_and_says_so() {
    let serving = old();
    for (method, needs) in [
        ("GetTlsKey", "a certificate authority"),
        ("v1/IssueCert", "a certificate authority"),
        ("prpc/Tappd.DeriveKey", "a certificate authority"),
        ("GetQuote", "a TEE"),
        ("Attest", "a TEE"),
        ("v1/Attest", "a TEE"),
        ("v1/AttestGpu", "a TEE"),
        ("prpc/Tappd.TdxQuote", "a TEE"),
        ("prpc/Tappd.RawQuote", "a TEE"),
    ] {
        let name = method.rsplit(['/', '.']).next().unwrap();
        let error = format!("{name} is not simulated: it needs {needs}");
        assert_eq!(serving.post(method, r#"{"report_data": "00"}"#), (501, json!({"error": error})));
    }
}

#[test]
fn bad_requests_are_errors_of_their_client_and_the_server_goes_on() {
    let serving = old();
    let deep = format!(r#"{{"path": {}1{}}}"#, "[".repeat(1000), "]".repeat(1000));
    let long = "a".repeat(1 << 20);
    let twice = r#"{"path": "a", "path": "b"}"#;
    let sound = || serving.post("GetKey", r#"{"path": "a"}"#);
    let (_, expected) = sound();
    for (method, body, status, words) in [
        ("GetKey", "", 400, "not the expected JSON: EOF while parsing a value at line 1 column 0"),
        ("GetKey", "{", 400, "not the expected JSON: EOF while parsing an object at line 1 column 1"),
        ("GetKey", "[]", 400, "the body: expected an object, found a list"),
        ("GetKey", &deep, 400, "not the expected JSON: recursion limit exceeded"),
        ("GetKey", twice, 400, "not the expected JSON: the field `path` is given twice"),
        ("GetKey", r#"{"path": 1}"#, 400, "`path`: expected text, found a number"),
        ("GetKey", r#"{"path": null}"#, 400, "`path`: expected text, found null"),
        ("GetKey", r#"{"path": {"a": []}}"#, 400, "`path`: expected text, found an object"),
        ("GetKey", r#"{"algorithm": "rsa"}"#, 400, "Unsupported algorithm"),
        (
            "Sign",
            r#"{"algorithm": "secp256k1", "data": "xy"}"#,
            400,
            "`data`: expected hex digits, found another character at 1",
        ),
        ("EmitEvent", "{}", 400, "`event`: the name of an event is required"),
        ("Nope", "{}", 404, "Service not found: Nope"),
        ("getkey", "{}", 404, "Service not found: getkey"),
        ("v2/GetKey", "{}", 404, "no API here"),
        ("", "{}", 404, "Service not found: "),
        (&long[..300], "{}", 404, "Service not found: (a name of 300 characters)"),
        (
            "GetKey",
            &format!(r#"{{"path": "{}"}}"#, &long[..5000]),
            400,
            "`path`: expected at most 4096 bytes, found 5000",
        ),
        (
            "GetKey",
            &format!(r#"{{"purpose": "{}"}}"#, &long[..5000]),
            400,
            "`purpose`: expected at most 4096 bytes, found 5000",
        ),
        (
            "v1/GetKey",
            &format!(r#"{{"algorithm": "ed25519", "domain": "{}"}}"#, &long[..5000]),
            400,
            "`domain`: expected at most 4096 bytes, found 5000",
        ),
        ("GetKey", &format!(r#"{{"path": "{long}"}}"#), 413, "expected a body of at most 65536 bytes"),
    ] {
        let (found, answer) = serving.post(method, body);
        let error = answer["error"].as_str().unwrap();
        assert!(found == status && error.starts_with(words), "{method}: {found} {error}");
        assert_eq!(sound(), (200, expected.clone()), "after {method}: {error}");
    }
    // What is no JSON by its type is protobuf to dstack; what is no HTTP is refused by hyper.
    let long_target = format!("POST /{long} HTTP/1.1\r\n\r\n");
    let long_header = format!("POST /GetKey HTTP/1.1\r\nX: {long}\r\n\r\n");
    let many_headers = format!("POST /GetKey HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(1000));
    for (raw, expected) in [
        ("POST /GetKey HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 415),
        (
            "POST /GetKey HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 1\r\n\r\n\n",
            415,
        ),
        ("DELETE /GetKey HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        ("GET /GetKey?path=a&path=b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (
            "POST /GetKey HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n\u{80}",
            400,
        ),
        ("POST /GetKey HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n", 413),
        ("POST /GetKey HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        ("no HTTP at all\r\n\r\n", 400),
        ("\u{16}\u{3}\u{1}", 400),
        (&many_headers, 431),
    ] {
        let mut stream = serving.connect();
        stream.write_all(raw.as_bytes()).unwrap();
        assert_eq!(response(&mut stream).0, expected, "{}", &raw[..raw.len().min(80)]);
    }
    for raw in [long_target, long_header] {
        let mut stream = serving.connect();
        // The server has seen enough before it has seen all.
        let _ = stream.write_all(raw.as_bytes());
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&said));
    }
    assert_eq!(sound(), (200, expected));
    let (status, log, _) = serving.end(Signal::INT);
    assert_eq!(status.code(), Some(0));
    for line in requests(&log) {
        assert!(line.to_string().len() < 2000, "a line is for people: {line}");
    }
}

#[test]
fn half_open_connections_are_closed_and_keep_nobody_from_being_served() {
    let serving = old();
    // As many as are served at once: the next client waits until they are closed.
    let mut half_open: Vec<_> = (0..64).map(|_| serving.connect()).collect();
    for (at, stream) in half_open.iter_mut().enumerate() {
        let begun: &[u8] = match at % 4 {
            0 => b"",
            1 => b"POST /GetK",
            2 => b"POST /GetKey HTTP/1.1\r\nHost: x\r\n",
            _ => b"POST /GetKey HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"path\"",
        };
        stream.write_all(begun).unwrap();
    }
    let began = Instant::now();
    assert_eq!(serving.post("Version", "{}").0, 200);
    let waited = began.elapsed();
    assert!(waited > Duration::from_secs(5) && waited < Duration::from_secs(25), "{waited:?}");
    for (at, stream) in half_open.iter_mut().enumerate() {
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        let expected = if at % 4 == 3 { "HTTP/1.1 408" } else { "" };
        assert!(said.starts_with(expected) && (at % 4 == 3 || said.is_empty()), "{at}: {said}");
    }
    // One that is still there does not keep it from ending.
    let mut last = serving.connect();
    last.write_all(b"POST /GetK").unwrap();
    let (status, _, took) = serving.end(Signal::TERM);
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(8), "{took:?}");
}

#[test]
fn a_thousand_keys_for_eight_clients_at_once_all_verify() {
    const CLIENTS: usize = 8;
    const EACH: usize = 125;
    let serving = old();
    let app_id = from_hex(OLD_APP).unwrap();
    let app_key = PrivateKey::from_hex(OLD_APP_KEY).unwrap().public_key();
    let verified: usize = thread::scope(|scope| {
        let clients = (0..CLIENTS).map(|client| {
            let (serving, app_id) = (&serving, &app_id);
            scope.spawn(move || {
                // Half of them keep their connection.
                let mut kept = serving.connect();
                let mut verified = 0;
                for number in 0..EACH {
                    let (path, purpose) = (format!("client/{client}/{number}"), format!("purpose {number}"));
                    let body = json!({"path": path, "purpose": purpose}).to_string();
                    let (status, answer) = if client % 2 == 0 {
                        kept.write_all(&request("GetKey", &body)).unwrap();
                        response(&mut kept)
                    } else {
                        serving.post("GetKey", &body)
                    };
                    assert_eq!(status, 200);
                    let response = KeyResponse::parse(&answer.to_string()).unwrap();
                    // The twin recovers; the reference takes a hundred times as long, and is asked for a tenth.
                    let app_key = app_key.xy().to_vec();
                    let proof = Proof {
                        app_id: app_id.clone(),
                        purpose: purpose.clone().into(),
                        app_key,
                        derived_key: response.key.public_key().xy().into(),
                        claim_signature: response.claim_signature.0.clone(),
                        issued_signature: response.issued_signature.0.clone(),
                    };
                    let verdict = if number % 10 == 0 {
                        verify(&proof, root(), purpose.as_bytes())
                    } else {
                        verify_by(ScalarInput::recover_by_twin, &proof, root(), purpose.as_bytes())
                    };
                    assert_eq!(verdict.outcome, Ok(response.key.public_key().address()));
                    verified += 1;
                }
                verified
            })
        });
        clients.collect::<Vec<_>>().into_iter().map(|client| client.join().unwrap()).sum()
    });
    assert_eq!(verified, 1000);
    let (status, log, took) = serving.end(Signal::INT);
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
    let lines = requests(&log);
    assert_eq!(lines.len(), 1000);
    assert!(lines.iter().all(|line| line["method"] == "GetKey" && line["status"] == 200));
}

#[test]
fn each_signal_ends_it_cleanly_and_removes_the_socket() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let serving = old();
        serving.post("Version", "{}");
        // A client that keeps its connection is no reason to stay.
        let mut kept = serving.connect();
        kept.write_all(&request("Version", "{}")).unwrap();
        assert_eq!(response(&mut kept).0, 200);
        let (status, _, took) = serving.end(signal);
        assert_eq!(status.code(), Some(0), "{signal:?}");
        assert!(took < Duration::from_secs(5), "{signal:?} {took:?}");
    }
}

/// A server that must not come to be: one that does is ended.
fn serve(arguments: &[&str]) -> String {
    let folder = TempDir::new().unwrap();
    let mut command = ecrecheck();
    command.args(["chain", "serve"]).args(arguments).current_dir(&folder);
    let mut command = assert_cmd::Command::from_std(command);
    refused(&command.timeout(Duration::from_secs(30)).output().unwrap())
}

fn serve_on(socket: &Path) -> String {
    serve(&["--root-label", "x", "--socket", socket.to_str().unwrap()])
}

#[test]
fn a_second_server_says_so_and_the_first_goes_on() {
    let serving = old();
    let socket = serving.socket();
    let error = serve_on(&socket);
    assert_eq!(error, format!("{}: another server listens on this socket", socket.display()));
    assert_eq!(serving.post("Version", "{}").0, 200);
    // The port too.
    let port = serving.url().strip_prefix("http://").unwrap();
    let error =
        refused(&ecrecheck().args(["chain", "serve", "--root-label", "x", "--tcp", port]).output().unwrap());
    assert!(error.starts_with(&format!("{port}: cannot listen: ")), "{error}");
}

#[test]
fn what_is_no_socket_is_not_touched_and_a_dead_servers_socket_is_replaced() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("there");
    fs::write(&path, "mine").unwrap();
    let link = folder.path().join("link");
    symlink(&path, &link).unwrap();
    let error = |path: &Path| format!("{}: exists and is no socket", path.display());
    for there in [path.as_path(), link.as_path(), folder.path()] {
        assert_eq!(serve_on(there), error(there));
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let nowhere = folder.path().join("no/folder/a.sock");
    assert!(serve_on(&nowhere).contains("cannot listen: "));
    let long = folder.path().join("a".repeat(200));
    assert!(serve_on(&long).contains("cannot listen: "));

    let serving = old();
    let stale = serving.socket();
    let inode = |path| std::os::unix::fs::MetadataExt::ino(&fs::symlink_metadata(path).unwrap());
    // Killed, it leaves its socket.
    let folder = TempDir::new().unwrap();
    let left = folder.path().join("left.sock");
    drop(UnixListener::bind(&left).unwrap());
    let before = inode(left.clone());
    assert_ne!(inode(stale), before);
    let mut child = ecrecheck()
        .args(["chain", "serve", "--root-label", "x", "--socket"])
        .arg(&left)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut ready = [0; 9];
    child.stdout.as_mut().unwrap().read_exact(&mut ready).unwrap();
    let mut stream = connect(&left);
    stream.write_all(&request("Version", "{}")).unwrap();
    assert_eq!(response(&mut stream).0, 200);
    // One that is somebody else's by now is left to them.
    fs::remove_file(&left).unwrap();
    let others = UnixListener::bind(&left).unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(left.exists(), "it was another server's");
    drop(others);
}

#[test]
fn real_keys_and_addresses_that_others_reach_are_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("appkeys.json");
    let path_text = path.display().to_string();
    let real = "8d1f0e3a5b7c9d2e4f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c7";
    let text = fs::read_to_string(file("simulator-old.json")).unwrap();
    assert!(text.contains(OLD_APP_KEY));
    fs::write(&path, text.replace(OLD_APP_KEY, real)).unwrap();
    let app = ["--app-id", OLD_APP];
    let error = serve(&[["--app-keys", &path_text].as_slice(), &app].concat());
    assert!(error.starts_with(&format!("{path_text}: not well-known test keys: ")), "{error}");
    assert!(!error.contains(&real[..8]));
    for (rest, words) in [
        (vec![], "the following required arguments were not provided"),
        (
            vec!["--root-label", "x", "--app-keys", &path_text],
            "the argument '--root-label <LABEL>' cannot be used with",
        ),
        (vec!["--root-label", "x", "--tcp", "0.0.0.0:0"], "0.0.0.0:0: expected a loopback address"),
        (vec!["--root-label", "x", "--tcp", "127.0.0.1"], "invalid value '127.0.0.1' for '--tcp"),
        (vec!["--root-label", "x", "--app-id", "11"], "--app-id: expected 20 bytes (40 hex digits), found 1"),
        (
            vec!["--app-keys", &path_text, "--exposed-app-keys"],
            "expected --app-id: the file does not hold it",
        ),
    ] {
        let error = serve(&rest);
        assert!(error.starts_with(words), "{rest:?}: {error}");
    }
    // Keys that `chain issue` made are test keys, whatever their number.
    let out = folder.path().join("issued");
    let app_id = "22".repeat(20);
    succeeds(&[
        "chain",
        "issue",
        "--root-key",
        "label:x",
        "--app-id",
        &app_id,
        "--out",
        out.to_str().unwrap(),
    ]);
    let issued =
        Serving::start(&["--app-keys", out.join("appkeys.json").to_str().unwrap(), "--app-id", &app_id]);
    let labelled = Serving::start(&["--root-label", "x", "--app-id", &app_id]);
    let body = r#"{"path": "a", "purpose": "b"}"#;
    assert_eq!(issued.post("GetKey", body), labelled.post("GetKey", body));
}

#[test]
fn the_log_tells_who_was_served_what_and_no_secret() {
    let serving = old();
    let secret = "4411844f0dfc6b50f30c2df6acf5f08371fe22f91dd4dd77459388de1c6b551b";
    serving.post("GetKey", r#"{"path": "test/node", "purpose": "ethereum", "purpos": "x"}"#);
    serving.post("GetKey", &json!({"path": secret, "purpose": secret, secret: ""}).to_string());
    serving.post("GetKey", &json!({"path": secret, "purpose": "p"}).to_string());
    serving.post("v1/GetKey", &json!({"domain": secret, "algorithm": "secp256k1"}).to_string());
    serving.post("v1/GetKey", r#"{"domain": "d", "algorithm": "ed25519"}"#);
    serving.post("Sign", &json!({"algorithm": "secp256k1", "data": secret}).to_string());
    serving.post(secret, "{}");
    serving.post("GetKey", &format!("\"{secret}\""));
    let (_, log, _) = serving.end(Signal::INT);
    for secret in [secret, OLD_APP_KEY, &const_hex::encode(secret)] {
        assert!(!log.contains(&secret[..24]), "{log}");
    }
    let first: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    let app_key = "0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516";
    let app_id = format!("0x{OLD_APP}");
    assert_eq!(first, json!({"serving": {"app_id": app_id, "app_key": app_key, "root": OLD_ROOT}}));
    let lines = requests(&log);
    assert_eq!(lines.len(), 8);
    let served = &lines[0];
    assert_eq!(served["method"], "GetKey");
    assert_eq!(served["ignored"], json!(["purpos"]));
    assert_eq!((&served["path"], &served["purpose"]), (&json!("test/node"), &json!("ethereum")));
    assert_eq!(served["key"], "0x37181dda18E75E1F7B8835F5b42f50Ca4BE02E9B");
    assert_eq!((&served["app_key"], &served["root"]), (&json!(app_key), &json!(OLD_ROOT)));
    let proof = Proof::parse(&served["proof"].to_string()).unwrap();
    assert!(verify(&proof, root(), b"ethereum").outcome.is_ok());
    assert_eq!(lines[1]["ignored"], json!(["(a name of 64 characters)"]));
    assert!(lines[1].get("proof").is_none() && lines[1].get("path").is_none());
    assert_eq!((&lines[2]["path"], &lines[2]["purpose"]), (&Value::Null, &json!("p")));
    assert!(lines[3].get("proof").is_none());
    assert_eq!((&lines[4]["domain"], &lines[4]["algorithm"]), (&json!("d"), &json!("ed25519")));
    assert_eq!((&lines[5]["method"], &lines[5]["path"]), (&json!("Sign"), &json!("vms")));
    assert_eq!(
        (&lines[6]["method"], &lines[6]["status"]),
        (&json!("(a name of 64 characters)"), &json!(404))
    );
    assert_eq!(lines[7]["error"], "the body: expected an object, found text");
}
