//! `ecrecheck chain serve` among clients that misbehave, other servers, and signals.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use ecrecheck::ScalarInput;
use ecrecheck::dstack::chain::{verify, verify_by};
use ecrecheck::dstack::{KeyResponse, PrivateKey, Proof};
use ecrecheck::input::bytes::from_hex;
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::serve::{OLD_APP, OLD_APP_KEY, file, old, requests, root};
use crate::serving::{Serving, connect, request, response};
use crate::support::{ecrecheck, refused, succeeds};

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
    // Any 32 bytes in the place of the signature: they may be a key, and would reach the log.
    let mut keys: Value = serde_json::from_str(&text).unwrap();
    keys["k256_signature"] = real.into();
    fs::write(&path, keys.to_string()).unwrap();
    let error = serve(&[["--app-keys", &path_text].as_slice(), &app].concat());
    assert!(error.contains("`k256_signature` is no signature of a KMS root"), "{error}");
    assert!(!error.contains(&real[..8]));
    fs::write(&path, text.replace(OLD_APP_KEY, real)).unwrap();
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
