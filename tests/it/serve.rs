//! `ecrecheck chain serve`: keys that verify, signatures, what is not simulated, and a log without secrets.

use std::fs;
use std::io::Write as _;

use ecrecheck::ScalarInput;
use ecrecheck::dstack::chain::verify;
use ecrecheck::dstack::claim::{ClaimProof, ClaimedKey, KeyAlgorithm, KeyClaim, verify_claim};
use ecrecheck::dstack::{AppKeys, KeyResponse, PrivateKey, Proof, test_key};
use ecrecheck::input::bytes::{Word, from_hex};
use ecrecheck::input::key::{Address, PublicKey};
use rustix::process::Signal;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::serving::{Serving, request, response};
use crate::support::corpus_folder;

const OLD_ROOT: &str = "0x8f2cF602C9695b23130367ed78d8F557554de7C5";
pub(crate) const OLD_APP_KEY: &str = "e0e5d254fb944dcc370a2e5288b336a1e809871545a73ee645368957fefa31f9";
pub(crate) const OLD_APP: &str = "ea549f02e1a25fabd1cb788380e033ec5461b2ff";

/// The old simulator's keys, served.
pub(crate) fn old() -> Serving {
    Serving::start(&["--app-keys", &file("simulator-old.json")])
}

pub(crate) fn file(name: &str) -> String {
    corpus_folder().join("dstack").join(name).display().to_string()
}

pub(crate) fn root() -> Address {
    OLD_ROOT.parse().unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    from_hex(value.as_str().unwrap()).unwrap()
}

/// The lines of requests, without the first, which says what is served.
pub(crate) fn requests(log: &str) -> Vec<Value> {
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
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
    for algorithm in KeyAlgorithm::ALL {
        let claims = [
            (
                "GetKey",
                json!({"path": "a", "purpose": "p", "algorithm": algorithm.name()}),
                KeyClaim::V0 { purpose: b"p".into() },
            ),
            (
                "v1/GetKey",
                json!({"domain": "p", "algorithm": algorithm.name()}),
                KeyClaim::V1 { domain: "p".to_owned() },
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
    assert!(lines[1].get("proof").is_some_and(Value::is_null) && lines[1].get("path").is_none());
    assert_eq!((&lines[2]["path"], &lines[2]["purpose"]), (&Value::Null, &json!("p")));
    assert!(lines[3]["proof"].is_null());
    assert_eq!((&lines[4]["domain"], &lines[4]["algorithm"]), (&json!("d"), &json!("ed25519")));
    assert_eq!((&lines[5]["method"], &lines[5]["path"]), (&json!("Sign"), &json!("vms")));
    assert_eq!(
        (&lines[6]["method"], &lines[6]["status"]),
        (&json!("(a name of 64 characters)"), &json!(404))
    );
    assert_eq!(lines[7]["error"], "the body: expected an object, found text");
}
