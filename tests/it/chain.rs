//! `ecrecheck chain` as its users meet it: exit status, stdout, stderr.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::{corpus_folder, ecrecheck, ends_with, refused, refuses, run, stdout};
use serde_json::{Value, json};
use tempfile::TempDir;

const OLD_ROOT: &str = "0x8f2cF602C9695b23130367ed78d8F557554de7C5";
const OLD_ROOT_KEY: &str = "0x02cad3a8bb11c5c0858fb3e402048b5137457039d577986daade678ed4b4ab1b9b";
const OLD_APP: &str = "ea549f02e1a25fabd1cb788380e033ec5461b2ff";
const NEW_ROOT: &str = "0xA7F6043C29f9cc1d9D6aCF554c53E0c6792AaEAf";
const NEW_APP: &str = "5bb4ff9a3837357f19dc176407a5709c62eb6c56";
const PRODUCTION_ROOT: &str = "0x52d3CF51c8A37A2CCfC79bBb98c7810d7Dd4CE51";
const APP: &str = "0x1111111111111111111111111111111111111111";

/// A file of `corpus/dstack`.
fn file(name: &str) -> String {
    corpus_folder().join("dstack").join(name).display().to_string()
}

fn old(rest: &[&'static str]) -> Vec<String> {
    let file = file("simulator-old.json");
    let start = ["chain", "verify", "--app-keys", &file, "--app-id", OLD_APP, "--path", "test/node"];
    start.iter().map(|word| word.to_string()).chain(rest.iter().map(|word| word.to_string())).collect()
}

fn as_str(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

#[test]
fn both_simulators_and_a_production_chain_verify() {
    for root in [OLD_ROOT, OLD_ROOT_KEY, &OLD_ROOT[2..], &OLD_ROOT_KEY[2..]] {
        let text =
            ends_with(0, &[as_str(&old(&["--purpose", "ethereum", "--root"])).as_slice(), &[root]].concat());
        assert!(text.contains(OLD_ROOT), "{text}");
        assert!(
            text.ends_with(
                "verified: 0x37181dda18E75E1F7B8835F5b42f50Ca4BE02E9B is a key of this app under this root\n"
            ),
            "{text}"
        );
    }
    let new = file("simulator-new.json");
    let arguments = ["chain", "verify", "--app-keys", &new, "--app-id", NEW_APP, "--path", "test/node"];
    let text = ends_with(0, &[arguments.as_slice(), &["--purpose", "ethereum", "--root", NEW_ROOT]].concat());
    assert!(text.contains("verified: 0x2Fd6dbf9F83002cBaEFd286f0D8f455DBa133BC7"), "{text}");
    let proof = file("production-base-prod7.proof.json");
    let text = ends_with(0, &["chain", "verify", "--proof", &proof, "--root", PRODUCTION_ROOT]);
    assert!(text.contains("verified: 0xeC71dd9000346E766C44F4f9988521DA75Bf09Ec"), "{text}");
    assert!(text.contains("purpose      \"mainnet\""), "{text}");
}

#[test]
fn a_refusal_names_link_fault_and_both_addresses() {
    let text = ends_with(1, &as_str(&old(&["--purpose", "ethereum", "--root", NEW_ROOT])));
    assert!(
        text.ends_with(&format!(
            "REFUSED WrongRoot: the app key is issued by {OLD_ROOT}, not by the KMS root {NEW_ROOT}\n"
        )),
        "{text}"
    );
    let json = ends_with(1, &as_str(&old(&["--purpose", "ethereum", "--root", NEW_ROOT, "--json"])));
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["verdict"], "refused");
    assert_eq!(report["fault"]["name"], "WrongRoot");
    assert_eq!(report["fault"]["link"], "kms-issued");
    assert_eq!(report["issuer"], OLD_ROOT);
    assert_eq!(report["claim_signer"], report["app_key"]);
    let zero = ends_with(1, &as_str(&old(&["--root", "0x0000000000000000000000000000000000000000"])));
    assert!(zero.contains("REFUSED ZeroRoot"), "{zero}");
}

#[test]
fn a_proof_is_held_to_the_verifiers_purpose_and_app() {
    let proof = file("production-base-prod7.proof.json");
    let arguments = ["chain", "verify", "--proof", &proof, "--root", PRODUCTION_ROOT];
    let text = ends_with(1, &[arguments.as_slice(), &["--purpose", "testnet"]].concat());
    assert!(
        text.ends_with(
            "REFUSED PurposeMismatch: the proof is for the purpose \"mainnet\", not for \"testnet\"\n"
        ),
        "{text}"
    );
    let own = fs::read_to_string(&proof).unwrap();
    let own = serde_json::from_str::<Value>(&own).unwrap()["app_id"].as_str().unwrap().to_owned();
    for purpose in [["--purpose", "mainnet"].as_slice(), &[]] {
        let text = ends_with(1, &[arguments.as_slice(), &["--app-id", APP], purpose].concat());
        let refused = format!("REFUSED AnotherApp: the proof is for the app {own}, not for {APP}\n");
        assert!(text.ends_with(&refused) && !text.contains("verified"), "{text}");
    }
    let text = ends_with(1, &[arguments.as_slice(), &["--app-id", APP, "--purpose", "testnet"]].concat());
    assert!(text.contains("REFUSED AnotherApp") && text.contains("REFUSED PurposeMismatch"), "{text}");
    let json = ends_with(1, &[arguments.as_slice(), &["--app-id", APP, "--json"]].concat());
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["verdict"], "refused");
    assert_eq!(report["instance"], Value::Null);
    assert_eq!(report["fault"]["name"], "AnotherApp");
    assert_eq!(report["app_id"], json!({"found": own, "expected": APP, "checked": true}));
    let json = ends_with(1, &[arguments.as_slice(), &["--purpose", "testnet", "--json"]].concat());
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        report["purpose"],
        json!({"found": "0x6d61696e6e6574", "expected": "0x746573746e6574", "checked": true})
    );
}

#[test]
fn what_of_a_proof_was_not_checked_is_said() {
    let proof = file("production-base-prod7.proof.json");
    let arguments = ["chain", "verify", "--proof", &proof, "--root", PRODUCTION_ROOT];
    let text = ends_with(0, &arguments);
    for (row, option) in [("app id ", "--app-id"), ("purpose ", "--purpose")] {
        let line = text.lines().find(|line| line.starts_with(row)).unwrap();
        assert!(line.ends_with(&format!("the proof's own, NOT CHECKED: give {option}")), "{text}");
    }
    let report: Value = serde_json::from_str(&ends_with(0, &[&arguments[..], &["--json"]].concat())).unwrap();
    for part in ["app_id", "purpose"] {
        assert_eq!(report[part]["checked"], false);
        assert_eq!(report[part]["expected"], Value::Null);
        assert_eq!(report[part]["found"], report["proof"][part]);
    }
    let app = report["app_id"]["found"].as_str().unwrap();
    let all = [&arguments[..], &["--purpose", "mainnet", "--app-id", app]].concat();
    let text = ends_with(0, &all);
    assert!(!text.contains("NOT CHECKED"), "{text}");
    let report: Value = serde_json::from_str(&ends_with(0, &[&all[..], &["--json"]].concat())).unwrap();
    assert_eq!((&report["app_id"]["checked"], &report["purpose"]["checked"]), (&json!(true), &json!(true)));
    let text = ends_with(0, &as_str(&old(&["--root", OLD_ROOT])));
    assert!(!text.contains("NOT CHECKED"), "the app id is given, and the claim is made here: {text}");
}

/// `chain issue` into a folder.
fn issue(folder: &Path, more: &[&str]) -> Output {
    let folder = folder.display().to_string();
    let arguments =
        ["chain", "issue", "--app-id", APP, "--path", "a/b", "--purpose", "ethereum", "--out", &folder];
    run(&[arguments.as_slice(), more].concat())
}

#[test]
fn what_is_issued_verifies_from_each_of_its_files() {
    let folder = TempDir::new().unwrap();
    let output = issue(folder.path(), &["--root-key", "label:round trip", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let root = report["root"]["address"].as_str().unwrap();
    let instance = report["derived_key"]["address"].as_str().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (keys, response, proof) = (path("appkeys.json"), path("get_key.json"), path("proof.json"));
    for source in [
        ["--app-keys", &keys, "--path", "a/b", "--app-id", APP].as_slice(),
        &["--response", &response, "--app-id", APP],
        &["--proof", &proof],
    ] {
        let rest = ["--purpose", "ethereum", "--root", root];
        let text = ends_with(0, &[["chain", "verify"].as_slice(), source, &rest].concat());
        assert!(text.contains(&format!("verified: {instance}")), "{text}");
    }
    let rest = ["--response", &response, "--app-id", APP, "--purpose", "else", "--root", root];
    let text = ends_with(1, &[["chain", "verify"].as_slice(), &rest].concat());
    assert!(text.contains("REFUSED WrongRoot"), "another purpose gives another app key: {text}");
}

#[test]
fn issuing_writes_over_nothing_unasked_and_for_its_owner_only() {
    let folder = TempDir::new().unwrap();
    assert_eq!(issue(folder.path(), &["--root-key", "label:a"]).status.code(), Some(0));
    let keys = folder.path().join("appkeys.json");
    #[cfg(unix)]
    assert_eq!(mode(&keys), 0o600);
    let before = fs::read(&keys).unwrap();
    let error = refused(&issue(folder.path(), &["--root-key", "label:b"]));
    assert!(error.contains("appkeys.json exists already"), "{error}");
    assert_eq!(fs::read(&keys).unwrap(), before);
    assert_eq!(issue(folder.path(), &["--root-key", "label:b", "--force"]).status.code(), Some(0));
    assert_ne!(fs::read(&keys).unwrap(), before);
}

/// Who may do what with a file.
#[cfg(unix)]
fn mode(file: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(file).unwrap().permissions()) & 0o777
}

#[cfg(unix)]
#[test]
fn force_makes_files_anew_and_for_their_owner_only() {
    let folder = TempDir::new().unwrap();
    let (keys, other) = (folder.path().join("out/appkeys.json"), folder.path().join("other"));
    let (proof, out) = (folder.path().join("out/proof.json"), folder.path().join("out"));
    fs::create_dir(&out).unwrap();
    fs::write(&keys, "old").unwrap();
    fs::write(&other, "another's").unwrap();
    fs::set_permissions(&keys, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    std::os::unix::fs::symlink(&other, &proof).unwrap();
    assert_eq!(issue(&out, &["--root-key", "label:a", "--force"]).status.code(), Some(0));
    for name in ["appkeys.json", "get_key.json", "proof.json"] {
        assert_eq!(mode(&out.join(name)), 0o600, "{name}");
    }
    assert!(fs::read_to_string(&keys).unwrap().contains("k256_key"));
    assert_eq!(fs::read_to_string(&other).unwrap(), "another's", "a link is replaced, not followed");
    assert!(!fs::symlink_metadata(&proof).unwrap().is_symlink());
    assert_eq!(fs::read_dir(&out).unwrap().count(), 3, "nothing is left beside them");
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_not_written_through() {
    let folder = TempDir::new().unwrap();
    let (out, nowhere) = (folder.path().join("out"), folder.path().join("nowhere"));
    fs::create_dir(&out).unwrap();
    std::os::unix::fs::symlink(&nowhere, out.join("get_key.json")).unwrap();
    let error = refused(&issue(&out, &["--root-key", "label:a"]));
    assert!(error.contains("get_key.json exists already"), "{error}");
    assert!(!nowhere.exists());
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1, "nothing else is written");
}

/// A key that nobody has published.
const REAL: &str = "8d1f0e3a5b7c9d2e4f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c7";

#[test]
fn a_key_that_may_be_real_signs_only_when_told_and_never_from_the_command_line() {
    let folder = TempDir::new().unwrap();
    let error = refused(&issue(folder.path(), &["--root-key", REAL, "--exposed-root-key"]));
    assert!(error.contains("the shell's history keeps"), "{error}");
    let key = folder.path().join("key");
    fs::write(&key, format!("0x{REAL}\n")).unwrap();
    let at = format!("@{}", key.display());
    let error = refused(&issue(folder.path(), &["--root-key", &at]));
    assert!(error.contains("give --exposed-root-key if nothing depends on the key's secrecy"), "{error}");
    assert!(!folder.path().join("appkeys.json").exists());
    let told = issue(folder.path(), &["--root-key", &at, "--exposed-root-key"]);
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    let known = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
    let output = issue(&folder.path().join("known"), &["--root-key", known]);
    assert!(stdout(&output).contains("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"), "{output:?}");
    let folder = folder.path().join("env").display().to_string();
    let mut command = ecrecheck();
    command.env("TEST_ROOT", known);
    command.args(["chain", "issue", "--app-id", APP, "--out", &folder, "--root-key", "env:TEST_ROOT"]);
    assert_eq!(command.output().unwrap().status.code(), Some(0));
}

/// A file in a folder that is gone with the test.
fn written(folder: &TempDir, name: &str, text: &str) -> String {
    let path: PathBuf = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn bad_input_is_one_line_that_says_what_is_wrong() {
    let folder = TempDir::new().unwrap();
    let good = fs::read_to_string(file("simulator-old.json")).unwrap();
    let mut pem: Value = serde_json::from_str(&good).unwrap();
    pem["k256_key"] = pem["key_provider"]["None"]["key"].clone();
    let key = "e0e5d254fb944dcc370a2e5288b336a1e809871545a73ee645368957fefa31f9";
    let response = |links: &[&str]| json!({"key": key, "signature_chain": links}).to_string();
    let files = [
        (
            "--app-keys",
            pem.to_string(),
            "`k256_key`: this is a PEM key of the curve P-256 (secp256r1), not a secp256k1 key",
        ),
        (
            "--app-keys",
            good.replace("31f9\"", "31f\""),
            "`k256_key`: expected two hex digits a byte, found 63 digits, an odd number",
        ),
        (
            "--app-keys",
            good.replacen('{', "{\"k256_key\": \"00\",", 1),
            "the field `k256_key` is given twice at line 4",
        ),
        (
            "--app-keys",
            good.replace("k256_signature", "k256_signatur"),
            "the field `k256_signature` is missing; found the unknown field `k256_signatur`",
        ),
        ("--app-keys", good[..good.len() / 2].to_owned(), "not the expected JSON"),
        ("--app-keys", String::new(), "not the expected JSON: EOF while parsing a value at line 1 column 0"),
        ("--response", response(&["00"]), "`signature_chain` has 1 link: expected two"),
        ("--response", response(&["00", "00", "00"]), "`signature_chain` has 3 links"),
        ("--response", json!({"key": key}).to_string(), "the field `signature_chain` is missing"),
        ("--proof", response(&["00", "00"]), "the field `app_id` is missing"),
    ];
    for (source, text, says) in files {
        let path = written(&folder, "file.json", &text);
        let app_id: &[&str] = if source == "--proof" { &[] } else { &["--app-id", OLD_APP] };
        let error =
            refuses(&[["chain", "verify", source, &path, "--root", OLD_ROOT].as_slice(), app_id].concat());
        assert!(error.contains(&path) && error.contains(says), "expected {says}: {error}");
    }
    let path = written(&folder, "escape.json", r#"{"k256_key": "\q"}"#);
    let error = refuses(&["chain", "verify", "--app-keys", &path, "--app-id", OLD_APP, "--root", OLD_ROOT]);
    assert_eq!(error, format!("{path}: not the expected JSON: invalid escape at line 1 column 16"));
    let path = written(&folder, "list.json", "[]");
    let error = refuses(&["chain", "verify", "--proof", &path, "--root", OLD_ROOT]);
    assert_eq!(error, format!("{path}: the file: expected an object, found a list"));
    let error = refuses(&as_str(&old(&["--purpose", "ethereum"])));
    assert!(error.starts_with("expected --root ADDRESS|KEY: without it nothing is verified"), "{error}");
    assert!(
        error.contains(&format!("recovers {OLD_ROOT}, the root only if the app id is right; ")),
        "{error}"
    );
    let (keys, proof) = (file("simulator-old.json"), file("production-base-prod7.proof.json"));
    for (arguments, says) in [
        (vec!["verify", "--root", OLD_ROOT], "required arguments were not provided"),
        (vec!["verify", "--app-keys", &keys, "--root", OLD_ROOT], "expected --app-id"),
        (vec!["verify", "--app-keys", &keys, "--app-id", "0xabc", "--root", OLD_ROOT], "an odd number"),
        (
            vec!["verify", "--app-keys", "/nowhere.json", "--app-id", OLD_APP, "--root", OLD_ROOT],
            "/nowhere.json: cannot be read",
        ),
        (vec!["verify", "--proof", &proof, "--path", "x", "--root", OLD_ROOT], "--path needs --app-keys"),
        (
            vec!["issue", "--root-key", "label:x", "--app-id", "0xab"],
            "--app-id: expected 20 bytes (40 hex digits), found 1",
        ),
        (
            vec!["issue", "--root-key", "0xab", "--app-id", APP],
            "--root-key: a private key of secp256k1 has 32 bytes",
        ),
        (vec!["issue", "--root-key", "env:NOT_THERE", "--app-id", APP], "the variable NOT_THERE is not set"),
        (vec!["explain", "--app-keys", &keys, "--app-id", OLD_APP], "expected --saw ADDRESS, or the --root"),
        (
            vec!["explain", "--app-keys", &keys, "--app-id", OLD_APP, "--root", OLD_ROOT],
            "the chain verifies under --root",
        ),
    ] {
        let error = refuses(&[["chain"].as_slice(), &arguments].concat());
        assert!(error.contains(says), "expected {says}: {error}");
    }
}

#[test]
fn an_unknown_field_is_a_warning() {
    let folder = TempDir::new().unwrap();
    let good = fs::read_to_string(file("simulator-old.json")).unwrap();
    let path = written(&folder, "new.json", &good.replacen('{', "{\"measurement\": [1],", 1));
    let output = run(&["chain", "verify", "--app-keys", &path, "--app-id", OLD_APP, "--root", OLD_ROOT]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr, format!("warning: {path}: ignored the unknown field `measurement`\n"));
}

/// The investigation, as `chain explain` is asked about it.
fn investigation() -> Vec<String> {
    let words = [
        "chain",
        "explain",
        "--app-keys",
        &file("simulator-old.json"),
        "--app-id",
        OLD_APP,
        "--purpose",
        "ethereum",
        "--path",
        "test/node",
        "--path",
        "test/path",
        "--saw",
        "Format 1=0xB57e7acDB7fD455Ed15C8523696840CC28e616Ec",
        "--saw",
        "Format 2=0xb935E51Ea14F83CF9Ba52c58E8736589C6A1ec01",
        "--saw",
        "Format 3=0xc95C2a6E75E2CFB208b7e3e4b501A877492878fa",
        "--saw",
        "Format 4=0xbdFed2F25B06d406f2CC8B414aDdb6F347af8F13",
        "--saw",
        "contract deployment=0xa2eB90b26A1274fa10905da7A62ff15542f2EbFf",
        "--saw",
        "correct KMS root=0x9A676e781A523b5d0C0e43731313A708CB607508",
        "--saw",
        "simulator private key=0xf6F3Bb63C4238E5d25c64eBAB48F44a42FC03df4",
    ];
    words.iter().map(|word| word.to_string()).collect()
}

#[test]
fn the_investigation_is_explained_as_its_page_has_it() {
    let text = ends_with(1, &as_str(&investigation()));
    let blocks: Vec<_> = text.split("\n\n").collect();
    let a = r#"address(recover(keccak256(purpose + ":" + hex0x(address(derived_key))), claim_signature))"#;
    let b = "pad_right(drop(app_id, 1), 32)";
    for (name, expression, path) in [
        ("Format 1", format!(r#"keccak256("dstack-kms-issued:" + {b} + {a})"#), "test/node"),
        ("Format 2", r#"keccak256(purpose + ":" + hex0x(address(derived_key)))"#.to_owned(), "test/node"),
        ("Format 3", format!("keccak256({b} + {a})"), "test/node"),
        ("Format 4", format!("keccak256({a})"), "test/node"),
        ("contract deployment", r#"keccak256("dstack-kms-issued:" + drop(app_id, 1) + address(recover(keccak256(purpose + ":" + hex(address(derived_key))), claim_signature)))"#.to_owned(), "test/path"),
    ] {
        let block = blocks.iter().find(|block| block.lines().next().unwrap().ends_with(name)).unwrap();
        let lines: Vec<_> = block.lines().map(str::trim).collect();
        assert_eq!(lines[1], "recovered from the kms-issued signature over");
        assert_eq!(lines[2], expression);
        assert_eq!(lines[3], format!("with the key at path {path:?}"));
        assert!(block.contains("nobody has its key"), "{block}");
    }
    assert!(
        blocks[5]
            .contains("drop(keccak256(rlp_list(0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266, uint(14))), 12)")
            && blocks[5]
                .contains("  the CREATE address of 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 at nonce 14\n")
            && blocks[5].contains("a contract's address taken for a signer's"),
        "{}",
        blocks[5]
    );
    assert!(blocks[6].contains("unexplained: "), "{}", blocks[6]);
    let json = ends_with(1, &[as_str(&investigation()).as_slice(), &["--json"]].concat());
    let report: Value = serde_json::from_str(&json).unwrap();
    let root = &report["addresses"][5];
    assert_eq!(root["deployer"], "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
    assert_eq!(root["nonce"], 14);
    assert!(report["addresses"][0].get("nonce").is_none(), "that one is no contract's");
    let explained: Vec<_> = report["addresses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["explained"].as_bool().unwrap())
        .collect();
    assert_eq!(explained, [true, true, true, true, true, true, false]);
    let nearest: Vec<_> = (0..5).map(|at| report["addresses"][at]["nearest"].as_str().unwrap()).collect();
    let (issued, claim) = ("dstack.kms-issued.current", "dstack.key-claim.v0");
    assert_eq!(nearest, [issued, claim, issued, issued, issued]);
    let format_4 = report["addresses"][3]["mistakes"].as_array().unwrap();
    assert_eq!(format_4[..2], [r#"the text "dstack-kms-issued:" is missing"#, "app_id is missing"]);
}

/// `identify` and `chain explain` have one explainer.
#[test]
fn both_commands_tell_a_mistake_in_the_same_words() {
    let json = ends_with(1, &[as_str(&investigation()).as_slice(), &["--json"]].concat());
    let report: Value = serde_json::from_str(&json).unwrap();
    let corpus = ecrecheck::corpus::Corpus::load(&corpus_folder()).unwrap();
    let fixture = |id: &str| corpus.cases.iter().find(|case| case.id == id).unwrap();
    let app_key = "0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810";
    for (at, id) in ["format-1", "format-2", "format-3", "format-4"].into_iter().enumerate() {
        let fixture = fixture(&format!("mistakes::{id}"));
        let (_, signature) = fixture.wire.as_ref().unwrap();
        let fields = &fixture.message.as_ref().unwrap().fields;
        let hex = |name: &str, value: &[u8]| format!("{name}={}", ecrecheck::input::bytes::to_hex(value));
        let mut arguments = vec!["identify".to_owned(), "--json".to_owned(), "--signature".to_owned()];
        arguments.push(ecrecheck::input::bytes::to_hex(signature));
        let address = report["addresses"][at]["address"].as_str().unwrap();
        arguments.extend(["--expect", address, "--value"].map(str::to_owned));
        arguments.push(format!("app_key={app_key}"));
        for (name, value) in fields.iter() {
            let value = if name == "purpose" { "purpose=ethereum".to_owned() } else { hex(name, value) };
            arguments.extend(["--value".to_owned(), value]);
        }
        if fields.value("app_id").is_none() {
            arguments.extend(["--value".to_owned(), format!("app_id=0x{OLD_APP}")]);
        }
        let identified: Value = serde_json::from_str(&ends_with(0, &as_str(&arguments))).unwrap();
        let words = &identified["found"][0]["explanation"];
        let differences = words["differences"].as_array().unwrap();
        let mistakes = report["addresses"][at]["mistakes"].as_array().unwrap();
        assert!(!differences.is_empty());
        assert_eq!(mistakes[..differences.len()], differences[..], "{id}");
        assert_eq!(report["addresses"][at]["nearest"], words["format"], "{id}");
    }
}

#[test]
fn a_root_that_nothing_is_held_against_is_as_right_as_the_app_id() {
    let keys = file("simulator-old.json");
    let doubt = "no mistake: this is the KMS root that signed\n  as far as the app id is right: another one gives another address\n";
    // The second is the first with another last byte, and what the same signature gives for it.
    for (app_id, root) in [
        (OLD_APP, OLD_ROOT),
        ("ea549f02e1a25fabd1cb788380e033ec5461b200", "0xCcEB737D2874517283D57F443Eb7f754c58A2593"),
    ] {
        let explain = ["chain", "explain", "--app-keys", &keys, "--app-id", app_id, "--saw", root];
        let text = ends_with(0, &explain);
        assert!(text.ends_with(doubt), "{text}");
        let held = ends_with(0, &[&explain[..], &["--root", root]].concat());
        assert!(held.ends_with("no mistake: this is the KMS root that signed\n"), "{held}");
    }
}

#[test]
fn a_failing_chain_is_explained_by_the_root_that_it_was_held_to() {
    let keys = file("simulator-old.json");
    let arguments = ["chain", "explain", "--app-keys", &keys, "--app-id", OLD_APP, "--path", "test/path"];
    let deployed = "0xa2eB90b26A1274fa10905da7A62ff15542f2EbFf";
    let text = ends_with(0, &[arguments.as_slice(), &["--purpose", "ethereum", "--root", deployed]].concat());
    assert!(
        text.starts_with("WrongRoot: the app key is issued by 0x8f2cF602C9695b23130367ed78d8F557554de7C5"),
        "{text}"
    );
    let json = [arguments.as_slice(), &["--purpose", "ethereum", "--root", deployed, "--json"]].concat();
    let report: Value = serde_json::from_str(&ends_with(0, &json)).unwrap();
    let found = &report["addresses"][0];
    assert_eq!(found["nearest"], "dstack.kms-issued.current");
    assert_eq!(
        found["mistakes"],
        json!([
            "app_id has lost its first byte",
            "the address of the key recovered from claim_signature instead of app_key's compressed public key",
            "recovered over a wrong message (compared with dstack.key-claim.v0): derived_key's address in hex without 0x \
             instead of its compressed public key in hex without 0x",
            "a 0x was stripped that was not there",
        ])
    );
    let app_key = "0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516";
    let text = ends_with(0, &[arguments.as_slice(), &["--root", app_key]].concat());
    assert!(text.contains("the app key (k256_key) taken for the KMS root"), "{text}");
    let cut = ["chain", "explain", "--app-keys", &keys, "--app-id", &OLD_APP[2..], "--root", OLD_ROOT];
    let text = ends_with(0, &cut);
    assert!(
        text.contains("AppIdLength: app_id has 19 bytes, not 20")
            && text.contains("a 0x was stripped that was not there"),
        "{text}"
    );
}
