//! What was served, afterwards: `chain verify` and `chain explain` of claims of either version, and of the log.

use std::fs;
use std::path::Path;

use ecrecheck::Fields;
use ecrecheck::dstack::claim::ClaimProof;
use ecrecheck::format::parse;
use ecrecheck::input::key::Address;
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::serving::Serving;
use crate::support::{corpus_folder, ends_with, refuses, run, stdout, succeeds};

const OLD_ROOT: &str = "0x8f2cF602C9695b23130367ed78d8F557554de7C5";
const OLD_APP: &str = "ea549f02e1a25fabd1cb788380e033ec5461b2ff";
const OLD_APP_KEY: &str = "0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516";

fn file(name: &str) -> String {
    corpus_folder().join("dstack").join(name).display().to_string()
}

/// Asks the old simulator's agent, ends it, and gives the log's file.
fn served(folder: &TempDir, requests: &[(&str, Value)]) -> String {
    let serving = Serving::start(&["--app-keys", &file("simulator-old.json")]);
    for (method, body) in requests {
        assert_eq!(serving.post(method, &body.to_string()).0, 200);
    }
    let (_, log, _) = serving.end(Signal::INT);
    written(folder, "serve.log", &log)
}

fn written(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn proofs(log: &str) -> Vec<ClaimProof> {
    let log = fs::read_to_string(log).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .filter(|line| line["proof"].is_object())
        .map(|line| ClaimProof::parse(&line["proof"].to_string()).unwrap())
        .collect()
}

/// What a verifier recovers that hashes something else.
fn mistaken(expression: &str, signature: &str, fields: &Fields) -> Address {
    let whole = parse(&format!("address(recover({expression}, {signature}))")).unwrap();
    Address(whole.evaluate(fields).unwrap().try_into().unwrap())
}

/// The addresses of the investigation's page, each computed from the served chain as its verifier did, and explained
/// from the log alone.
#[test]
fn the_investigations_formats_are_explained_from_the_served_chain() {
    let folder = TempDir::new().unwrap();
    let log = served(
        &folder,
        &[
            ("GetKey", json!({"path": "test/node", "purpose": "ethereum"})),
            ("GetKey", json!({"path": "test/path", "purpose": "ethereum"})),
            ("Version", json!({})),
            ("GetKey", json!({"path": "test/node", "purpose": "ethereum"})),
        ],
    );
    let a = r#"address(recover(keccak256(purpose + ":" + hex0x(address(derived_key))), claim_signature))"#;
    let b = "pad_right(drop(app_id, 1), 32)";
    let reported = [
        ("Format 1", "0xB57e7acDB7fD455Ed15C8523696840CC28e616Ec", format!(r#"keccak256("dstack-kms-issued:" + {b} + {a})"#), "test/node"),
        ("Format 2", "0xb935E51Ea14F83CF9Ba52c58E8736589C6A1ec01", r#"keccak256(purpose + ":" + hex0x(address(derived_key)))"#.to_owned(), "test/node"),
        ("Format 3", "0xc95C2a6E75E2CFB208b7e3e4b501A877492878fa", format!("keccak256({b} + {a})"), "test/node"),
        ("Format 4", "0xbdFed2F25B06d406f2CC8B414aDdb6F347af8F13", format!("keccak256({a})"), "test/node"),
        ("contract deployment", "0xa2eB90b26A1274fa10905da7A62ff15542f2EbFf", r#"keccak256("dstack-kms-issued:" + drop(app_id, 1) + address(recover(keccak256(purpose + ":" + hex(address(derived_key))), claim_signature)))"#.to_owned(), "test/path"),
    ];
    let proofs = proofs(&log);
    assert_eq!(proofs.len(), 3);
    for (_, address, expression, path) in &reported {
        let fields = proofs[usize::from(*path == "test/path")].fields();
        assert_eq!(mistaken(expression, "issued_signature", &fields).to_string(), *address);
    }
    let lines: Vec<_> =
        reported.iter().map(|(name, address, ..)| format!("{name}={address}  # reported\n")).collect();
    let addresses =
        written(&folder, "addresses.txt", &format!("# the investigation's\n\n{}", lines.concat()));
    let text = ends_with(0, &["chain", "explain", "--log", &log, "--addresses", &addresses]);
    let blocks: Vec<_> = text.split("\n\n").collect();
    assert_eq!(blocks.len(), 5, "{text}");
    for ((name, address, expression, path), block) in reported.iter().zip(blocks) {
        let lines: Vec<_> = block.lines().map(str::trim).collect();
        assert_eq!(lines[0], format!("{address}  {name}"));
        assert_eq!(lines[1..3], ["recovered from the kms-issued signature over", expression]);
        assert_eq!(lines[3], format!("with the key at path {path:?}"));
        assert!(block.contains("nobody has its key"), "{block}");
    }
    // The same for one of them as an option, with one path chosen; not with the other.
    let format_4 =
        ["chain", "explain", "--log", &log, "--saw", "0xbdFed2F25B06d406f2CC8B414aDdb6F347af8F13", "--path"];
    ends_with(0, &[format_4.as_slice(), &["test/node"]].concat());
    let text = ends_with(1, &[format_4.as_slice(), &["test/path"]].concat());
    assert!(text.contains("unexplained"), "{text}");
}

#[test]
fn every_address_of_a_log_is_explained() {
    let folder = TempDir::new().unwrap();
    let log = served(
        &folder,
        &[
            ("GetKey", json!({"path": "test/node", "purpose": "ethereum"})),
            ("v1/GetKey", json!({"domain": "wallet", "algorithm": "secp256k1"})),
            ("v1/GetKey", json!({"domain": "wallet", "algorithm": "ed25519"})),
        ],
    );
    let text = ends_with(0, &["chain", "explain", "--log", &log]);
    let blocks: Vec<_> = text.split("\n\n").collect();
    assert_eq!(blocks.len(), 4, "{text}");
    let begins = |at: usize, head: &str| assert!(blocks[at].starts_with(head), "{}", blocks[at]);
    begins(0, &format!("{OLD_ROOT}  the KMS root\n"));
    assert!(blocks[0].ends_with("no mistake: this is the KMS root that signed"), "{}", blocks[0]);
    begins(1, &format!("{OLD_APP_KEY}  the app key\n"));
    assert!(blocks[1].contains("the app key (k256_key) taken for the KMS root"), "{}", blocks[1]);
    begins(2, "0x37181dda18E75E1F7B8835F5b42f50Ca4BE02E9B  the derived key at \"test/node\"\n");
    assert!(blocks[3].contains("the derived key at \"wallet\""), "{}", blocks[3]);
    assert!(blocks[3].contains("the derived key taken for the KMS root"), "{}", blocks[3]);
}

/// What a verifier of version 0 makes of a claim of version 1, and one that leaves out or changes a part.
#[test]
fn mistakes_with_a_claim_of_version_1_are_explained() {
    let folder = TempDir::new().unwrap();
    let log = served(
        &folder,
        &[
            ("v1/GetKey", json!({"domain": "wallet", "algorithm": "secp256k1"})),
            ("v1/GetKey", json!({"domain": "wallet", "algorithm": "ed25519"})),
        ],
    );
    let tag = r#"len_prefixed("dstack-guest-v1-key-claim")"#;
    let proofs = proofs(&log);
    for (at, expression, words) in [
        (
            0,
            r#"keccak256(domain + ":" + hex(derived_key))"#.to_owned(),
            "a claim of version 1 was read as one of version 0",
        ),
        (
            1,
            r#"keccak256(domain + ":" + hex(derived_key))"#.to_owned(),
            "a claim of version 1 was read as one of version 0",
        ),
        (
            0,
            format!(
                "keccak256({tag} + len_prefixed(algorithm) + len_prefixed(domain) + len_prefixed(hex(derived_key)))"
            ),
            "hex",
        ),
        (
            0,
            format!(
                "keccak256({tag} + len_prefixed(algorithm) + len_prefixed(domain) + len_prefixed(uncompressed(derived_key)))"
            ),
            "uncompressed",
        ),
        (1, format!("keccak256({tag} + len_prefixed(domain) + len_prefixed(derived_key))"), "algorithm"),
        (
            1,
            r#"keccak256(len_prefixed("dstack-guest-v1-key") + len_prefixed(algorithm) + len_prefixed(domain) + len_prefixed(derived_key))"#.to_owned(),
            "the tag of the key's derivation",
        ),
        (
            0,
            format!(
                "sha3_256({tag} + len_prefixed(algorithm) + len_prefixed(domain) + len_prefixed(derived_key))"
            ),
            "sha3",
        ),
    ] {
        let address = mistaken(&expression, "claim_signature", &proofs[at].fields()).to_string();
        let text = ends_with(0, &["chain", "explain", "--log", &log, "--saw", &address]);
        assert!(
            text.contains(&format!("address(recover({expression}, claim_signature))")),
            "{expression}: {text}"
        );
        assert!(text.contains(words), "{words}: {text}");
    }
    // The app key of a wrongly read claim in the root's message, as in the investigation.
    let app_key = r#"address(recover(keccak256(domain + ":" + hex(derived_key)), claim_signature))"#;
    let expression = format!(r#"keccak256("dstack-kms-issued:" + app_id + {app_key})"#);
    let address = mistaken(&expression, "issued_signature", &proofs[0].fields()).to_string();
    let old = file("simulator-old.json");
    let chain = [
        "chain",
        "explain",
        "--app-keys",
        &old,
        "--app-id",
        OLD_APP,
        "--domain",
        "wallet",
        "--saw",
        &address,
    ];
    let text = ends_with(0, &chain);
    assert!(text.contains(&expression), "{text}");
    let of_ed25519 = mistaken(&expression, "issued_signature", &proofs[1].fields()).to_string();
    let text = ends_with(
        0,
        &[
            "chain",
            "explain",
            "--app-keys",
            &old,
            "--app-id",
            OLD_APP,
            "--domain",
            "wallet",
            "--algorithm",
            "ed25519",
            "--saw",
            &of_ed25519,
        ],
    );
    assert!(text.contains(&expression), "{text}");
}

#[test]
fn chains_of_either_version_and_algorithm_verify_from_every_kind_of_file() {
    let folder = TempDir::new().unwrap();
    let serving = Serving::start(&["--app-keys", &file("simulator-old.json")]);
    let requests = [
        (
            "v1/GetKey",
            json!({"domain": "wallet", "algorithm": "secp256k1"}),
            ["--domain", "wallet", "--algorithm", "secp256k1"],
        ),
        (
            "v1/GetKey",
            json!({"domain": "wallet", "algorithm": "ed25519"}),
            ["--domain", "wallet", "--algorithm", "ed25519"],
        ),
        (
            "GetKey",
            json!({"path": "", "purpose": "p", "algorithm": "ed25519"}),
            ["--purpose", "p", "--algorithm", "ed25519"],
        ),
    ];
    let responses = requests.clone().map(|(method, body, _)| serving.post(method, &body.to_string()).1);
    let log = written(&folder, "serve.log", &serving.end(Signal::INT).1);
    let proofs = proofs(&log);
    let old = file("simulator-old.json");
    for (((_, _, options), response), proof) in requests.iter().zip(responses).zip(&proofs) {
        let response = written(&folder, "response.json", &response.to_string());
        let proof = written(&folder, "proof.json", &proof.to_json().to_string());
        for source in [["--app-keys", &old], ["--response", &response], ["--proof", &proof]] {
            let verify = |options: &[&str], root| {
                let start = ["chain", "verify", "--app-id", OLD_APP, "--root", root];
                run(&[start.as_slice(), &source, options].concat())
            };
            let output = verify(options, OLD_ROOT);
            assert_eq!(output.status.code(), Some(0), "{source:?} {options:?} {output:?}");
            let text = stdout(&output);
            assert!(text.ends_with("verified: it is a key of this app under this root\n"), "{text}");
            assert!(text.contains(&format!("claim        {OLD_APP_KEY}  the app key\n")), "{text}");
            let text = stdout(&verify(options, OLD_APP_KEY));
            assert!(text.contains("REFUSED WrongRoot: ") && text.contains("REFUSED\napp key"), "{text}");
            // Another claim than the one that was made: with a response its claim recovers another app key, which no
            // root has issued.
            let mut others = *options;
            others[1] = "other";
            if source[0] != "--app-keys" {
                let output = verify(&others, OLD_ROOT);
                assert_eq!(output.status.code(), Some(1), "{output:?}");
                let fault =
                    if source[0] == "--proof" { "REFUSED ClaimMismatch: " } else { "REFUSED WrongRoot: " };
                assert!(stdout(&output).contains(fault), "{output:?}");
            }
        }
        let output = run(&["chain", "verify", "--proof", &proof, "--root", OLD_ROOT, "--json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&report["verdict"], &report["claim"]["checked"]), (&json!("verified"), &json!(false)));
        let other = "22".repeat(20);
        let text =
            ends_with(1, &["chain", "verify", "--proof", &proof, "--root", OLD_ROOT, "--app-id", &other]);
        assert!(text.contains("REFUSED AnotherApp: ") && !text.contains("verified"), "{text}");
        assert!(refuses(&["chain", "verify", "--proof", &proof]).starts_with("expected --root"));
    }
    // All at once, from the log.
    let text = succeeds(&["chain", "verify", "--log", &log, "--root", OLD_ROOT]);
    assert_eq!(text, format!("3 of 3 served keys verified under {OLD_ROOT}\n"));
    let text = ends_with(1, &["chain", "verify", "--log", &log, "--root", OLD_APP_KEY]);
    assert!(text.ends_with(&format!("0 of 3 served keys verified under {OLD_APP_KEY}\n")), "{text}");
    assert_eq!(text.matches("REFUSED ").count(), 3);
    let other = "22".repeat(20);
    ends_with(1, &["chain", "verify", "--log", &log, "--root", OLD_ROOT, "--app-id", &other]);
}

/// As where the program was killed, or its log copied while it ran. What is there is verified, and not all of it is.
#[test]
fn a_log_that_is_cut_off_is_read_as_far_as_it_goes() {
    let folder = TempDir::new().unwrap();
    let log = served(&folder, &[("GetKey", json!({"path": "a"})), ("GetKey", json!({"path": "\u{fc}"}))]);
    let whole = fs::read(&log).unwrap();
    let newline = whole.iter().rposition(|byte| *byte == b'\n').unwrap();
    let last = 1 + whole[..newline].iter().rposition(|byte| *byte == b'\n').unwrap();
    let character = whole.iter().position(|byte| *byte == 0xc3).unwrap();
    assert!(character > last, "U+00FC in the last line");
    let ends = |status: i32, arguments: &[&str], said: &str| {
        let output = run(arguments);
        assert_eq!(
            (output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()),
            (Some(status), said)
        );
        stdout(&output)
    };
    let verify = ["chain", "verify", "--root", OLD_ROOT, "--log"];
    for end in [last + 1, character + 1, newline - 1] {
        let cut = folder.path().join("cut.log");
        fs::write(&cut, &whole[..end]).unwrap();
        let cut = cut.to_str().unwrap();
        let said =
            format!("warning: {cut}:3: the last line is cut off: a key that it tells of is left out\n");
        let text = ends(1, &[&verify[..], &[cut]].concat(), &said);
        let of_the_rest =
            format!("1 of 1 served keys verified under {OLD_ROOT}; the log's last line is cut off\n");
        assert_eq!(text, of_the_rest);
        let report: Value =
            serde_json::from_str(&ends(1, &[&verify[..], &[cut, "--json"]].concat(), &said)).unwrap();
        assert_eq!((&report["verified"], &report["cut"]), (&json!(1), &json!(true)));
        let text = ends(1, &["chain", "explain", "--log", cut], &said);
        assert!(text.contains("no mistake") && !text.contains("unexplained"), "{text}");
    }
    // A last line without its newline is whole, and what is no line of a log is skipped.
    let of_both = format!("2 of 2 served keys verified under {OLD_ROOT}\n");
    for (rest, skipped) in [("", 0), ("\n\n", 0), ("\nTerminated\n", 1), ("\nwarning: a\nstopp", 2)] {
        let path = folder.path().join("whole.log");
        fs::write(&path, [&whole[..newline], rest.as_bytes()].concat()).unwrap();
        let path = path.to_str().unwrap();
        let said = format!("warning: {path}: skipped lines that do not begin with `{{`: {skipped}\n");
        let said = if skipped > 0 { said.as_str() } else { "" };
        assert_eq!(ends(0, &[&verify[..], &[path]].concat(), said), of_both, "{rest:?}");
    }
}

#[test]
fn a_log_or_a_list_that_is_none_is_refused_with_its_line() {
    let folder = TempDir::new().unwrap();
    let log = served(&folder, &[("GetKey", json!({"path": "a"}))]);
    let text = fs::read_to_string(&log).unwrap();
    let explain =
        |log: &str, rest: &[&str]| refuses(&[["chain", "explain", "--log", log].as_slice(), rest].concat());
    for (name, text, words) in [
        ("broken.log", text.replacen("}}\n{", "}}\n{\"", 1), ":2: not JSON: expected `:` at column 4"),
        ("cut.log", text[..text.len() - 2].to_owned(), "cut.log:2: the last line is cut off)"),
        ("other.log", format!("{text}{{\"a\": 1}}\n"), ": not a line of `chain serve`"),
        (
            "proof.log",
            text.replace("\"claim_signature\":\"0x", "\"claim_signature\":\"0x0"),
            ":2: `proof`: `claim_signature`: expected two hex digits a byte",
        ),
        ("empty.log", String::new(), ": no line tells of a key that was served"),
        ("none.log", "stopping\n".to_owned(), ": no line tells of a key that was served"),
    ] {
        let path = written(&folder, name, &text);
        let error = explain(&path, &[]);
        assert!(error.starts_with(&path) && error.contains(words), "{name}: {error}");
    }
    for (rest, words) in [
        (vec!["--path", "b"], "no key of the log has one of these paths"),
        (vec!["--purpose", "p"], "a log says what it is of"),
        (vec!["--domain", "p"], "a log says what it is of"),
        (vec!["--app-keys", "x"], "the argument '--log <FILE>' cannot be used with"),
    ] {
        assert!(explain(&log, &rest).starts_with(words), "{rest:?}: {}", explain(&log, &rest));
    }
    let error = refuses(&["chain", "verify", "--log", &log, "--root", OLD_ROOT, "--domain", "d"]);
    assert!(error.starts_with("--log verifies every key for its own claim"), "{error}");
    for (text, words) in [
        ("a=0x12\n", "addresses.txt:1: "),
        ("\n# none\n", "addresses.txt: expected an address a line, found none"),
    ] {
        let addresses = written(&folder, "addresses.txt", text);
        let error = explain(&log, &["--addresses", &addresses]);
        assert!(error.contains(words), "{error}");
    }
    assert!(Path::new(&log).exists());
    // A log of more keys than are tried.
    let line = text.lines().nth(1).unwrap();
    let many: Vec<_> = (0..33)
        .map(|number| line.replace("\"purpose\":\"0x\"", &format!("\"purpose\":\"0x{number:02x}\"")) + "\n")
        .collect();
    let many = written(&folder, "many.log", &many.concat());
    assert!(explain(&many, &[]).starts_with("the log has 33 different keys, and at most 32 are tried"));
}
