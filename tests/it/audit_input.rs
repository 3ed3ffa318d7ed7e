//! `ecrecheck chain audit` as its users meet it: what it prints, its exit status, and what it says of artifacts
//! and mappings that cannot be used.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::{refused, run};
use ecrecheck::dstack::registry::{ARTIFACT, MAPPING};
use serde_json::Value;

/// Audits an artifact by a mapping, both given as texts.
fn audit(artifact: &str, mapping: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let [artifact_file, mapping_file] =
        [("artifact.json", artifact), ("mapping.toml", mapping)].map(|(name, text)| {
            let file = folder.path().join(name);
            fs::write(&file, text).unwrap();
            file.to_str().unwrap().to_owned()
        });
    run(&["chain", "audit", "--artifact", &artifact_file, "--mapping", &mapping_file])
}

/// The error's words after the file's name, and its line where there is one.
#[track_caller]
fn says(artifact: &str, mapping: &str) -> String {
    let line = refused(&audit(artifact, mapping));
    let (_, words) = line.split_once(".toml").or_else(|| line.split_once(".json")).unwrap();
    words.to_owned()
}

/// What is said of our mapping with a text replaced.
#[track_caller]
fn says_with(text: &str, replaced: &str) -> String {
    assert!(MAPPING.contains(text), "{text}");
    says(ARTIFACT, &MAPPING.replacen(text, replaced, 1))
}

fn variant(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registry");
    fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()
}

#[test]
fn our_registry_is_audited_where_none_is_named() {
    let output = run(&["chain", "audit"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("audited  our registry\n\ncase "), "{text}");
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("passed: 50 cases, "), "{last}");
    assert!(last.ends_with(": 50 cases passed, 0 failed, 0 follow from these, 0 not asked"), "{last}");
    assert!(!text.contains("FINDING"), "{text}");

    let audited = audit(ARTIFACT, MAPPING);
    assert_eq!(audited.status.code(), Some(0));
}

#[test]
fn a_flawed_contract_gives_findings_with_the_reason_and_status_1() {
    let output = audit(&variant("HighS"), MAPPING);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let findings: Vec<_> = text.lines().skip_while(|line| !line.starts_with("FINDING")).take(5).collect();
    assert_eq!(
        findings,
        [
            "FINDING  signature::high-s: anybody makes the twin of a signature: what counts or forbids \
             signatures by their bytes counts two",
            "         claim, the twin: accepted, must be refused for SignatureHighS",
            "         kms-issued, the twin: accepted, must be refused for SignatureHighS",
            "         claim, s = (n + 1) / 2: accepted, must be refused for SignatureHighS",
            "         kms-issued, s = (n + 1) / 2: accepted, must be refused for SignatureHighS",
        ]
    );
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("FAILED: 50 cases, "), "{last}");
    assert!(last.ends_with(": 49 cases passed, 1 failed, 0 follow from these, 0 not asked"), "{last}");
}

/// A contract that takes r, s and v apart cannot be handed a signature of another length.
#[test]
fn attempts_that_were_not_asked_are_counted_apart() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registry");
    let [artifact, mapping] =
        ["Foreign.json", "Foreign.toml"].map(|name| folder.join(name).to_str().unwrap().to_owned());
    let arguments = ["chain", "audit", "--artifact", &artifact, "--mapping", &mapping];
    let output = run(&[&arguments[..], &["--json"]].concat());
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let cases = json["cases"].as_array().unwrap();
    let attempts = || cases.iter().flat_map(|case| case["attempts"].as_array().unwrap());
    let is_not_asked = |attempt: &&Value| attempt["said"].as_str().unwrap().starts_with("not asked");
    let not_asked = attempts().filter(is_not_asked).count();
    let asked = attempts().count() - not_asked;
    assert!(not_asked > 0 && asked > not_asked, "{asked}, {not_asked}");
    assert_eq!(json["attempts"], serde_json::json!({"asked": asked, "not_asked": not_asked, "hidden": 0}));

    let text = String::from_utf8(run(&arguments).stdout).unwrap();
    let last = text.lines().last().unwrap();
    assert!(last.contains(&format!(" cases, {asked} attempts asked and {not_asked} not: ")), "{last}");
    // The rows say the same: `6`, or `4 + 1 n/a`.
    let rows = text.lines().filter_map(|row| row.split_once(" + ")?.1.split_once(" n/a"));
    assert_eq!(rows.map(|(number, _)| number.parse::<usize>().unwrap()).sum::<usize>(), not_asked);
}

#[test]
fn json_has_every_attempt_with_its_proof() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let artifact = folder.join("tests/registry/UnboundAppKey.json");
    let mapping = folder.join("src/dstack/registry/mapping.toml");
    let [artifact, mapping] = [artifact, mapping].map(|file| file.to_str().unwrap().to_owned());
    let output = run(&["chain", "audit", "--artifact", &artifact, "--mapping", &mapping, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["verdict"], "failed");
    assert_eq!(json["audited"], artifact);
    let cases = json["cases"].as_array().unwrap();
    let case = |id: &str| cases.iter().find(|case| case["id"] == id).unwrap();
    let unbound = case("binding::app-key");
    assert_eq!((&unbound["verdict"], &unbound["expect"]), (&"failed".into(), &"refuse".into()));
    assert_eq!(unbound["faults"], serde_json::json!(["AppKeyMismatch"]));
    assert_eq!(unbound["attempts"].as_array().unwrap().len(), 3);
    assert_eq!(unbound["attempts"][0]["said"], "accepted");
    let id = unbound["attempts"][0]["proof"]["app_id"].as_str().unwrap();
    assert_eq!(id.len(), 42);
    let follows = case("claim-message::eip191");
    assert_eq!((&follows["verdict"], &follows["follows"]), (&"follows".into(), &"binding::app-key".into()));
}

#[test]
fn an_artifact_that_cannot_be_deployed_is_refused_in_a_line() {
    assert_eq!(
        says(r#"{"abi": [], "bytecode": "0x"}"#, MAPPING),
        ": has no bytecode: expected a contract that can be deployed, not an interface or an abstract contract"
    );
    assert!(says("{", MAPPING).starts_with(": expected a compiler's JSON artifact: EOF"));
    assert!(says("{}", MAPPING).starts_with(": has no `abi`"));
    let unlinked =
        ARTIFACT.replace("\"bytecode\": \"0x", "\"bytecode\": \"0x__$53aea86b7d70b31448b230b20ae141a537$__");
    assert!(says(&unlinked, MAPPING).contains("is not linked (it holds the placeholder __$53aea86b7d70b3"));
    let missing = run(&["chain", "audit", "--artifact", "nowhere.json", "--mapping", "nowhere.toml"]);
    assert!(refused(&missing).starts_with("nowhere.json: cannot be read: "));
}

#[test]
fn code_that_is_no_contract_gives_no_verdict_of_its_own() {
    // INVALID, and an endless loop: nothing is deployed, and nothing is taken for a refusal of a proof.
    let with_code = |code: &str| {
        let mut artifact: Value = serde_json::from_str(ARTIFACT).unwrap();
        artifact["bytecode"] = code.into();
        artifact.to_string()
    };
    for code in ["0xfe", "0x5b5f56"] {
        let output = audit(&with_code(code), MAPPING);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("FINDING  sound::chains"), "{text}");
    }
}

#[test]
fn a_mapping_that_names_no_function_is_refused_in_a_line() {
    assert_eq!(
        says_with("function = \"registerInstanceWithProof\"", "function = \"registerInstanceWithProofs\""),
        ": verify.function: the contract has no function `registerInstanceWithProofs`; did you mean \
         `registerInstanceWithProof`?"
    );
    assert_eq!(
        says_with("function = \"registerInstanceWithProof\"", "function = \"check\""),
        ": verify.function: the contract has no function `check`; the known ones are instances(address), kmsRoot(), \
         purposeHash(), registerInstanceWithProof((bytes,bytes,bytes,bytes,bytes,bytes)), \
         verify((bytes,bytes,bytes,bytes,bytes,bytes))"
    );
    assert!(
        says_with("function = \"registerInstanceWithProof\"\n", "").ends_with(": missing field `function`")
    );
    assert!(says_with("[verify]", "[verified]").contains("unknown field `verified`"));
}

#[test]
fn a_mapping_that_does_not_fit_is_refused_in_a_line() {
    let root_only = says_with("[\"root\", \"expected_purpose\"]", "[\"root\"]");
    assert_eq!(root_only, ": constructor: the constructor takes 2, the mapping gives 1");
    let fewer = says_with("\"derived_key\", ", "");
    assert_eq!(
        fewer,
        ": verify.arguments[0]: expected a list with an argument for each member, for a parameter of the type \
         (bytes,bytes,bytes,bytes,bytes,bytes)"
    );
    assert_eq!(
        says_with(
            "[[\"app_id\", \"purpose\", \"app_key\", \"derived_key\", \"claim_signature\", \"issued_signature\"]]",
            "[\"app_id\", \"purpose\"]"
        ),
        ": verify: `registerInstanceWithProof((bytes,bytes,bytes,bytes,bytes,bytes))` takes 1, the mapping \
         gives 2"
    );
    assert_eq!(
        says_with("\"app_id\", \"purpose\"", "\"app_ids\", \"purpose\""),
        ": verify.arguments[0][0]: unknown field `app_ids`; did you mean `app_id`?"
    );
    assert_eq!(
        says_with("\"app_id\", \"purpose\"", "\"app_id\", [\"purpose\"]"),
        ": verify.arguments[0][1]: expected one expression, for a parameter of the type bytes"
    );
    assert_eq!(
        says_with("\"issued_signature\"]]", "\"claim_signature\"]]"),
        ": verify.arguments never use `issued_signature`: the verifier cannot check what it is not given"
    );
    let bad = says_with("\"app_id\", \"purpose\"", "\"app_id +\", \"purpose\"");
    assert!(bad.starts_with(":23: app_id +: at character 9: expected "), "{bad}");
    let bad = says_with("\"app_id\", \"purpose\"", "7, \"purpose\"");
    assert!(bad.contains("expected an expression in quotes, or a list of them"), "{bad}");
}

#[test]
fn faults_and_policies_are_checked_too() {
    assert_eq!(
        says_with("WrongRoot = \"WrongRoot\"", "WrongRoots = \"WrongRoot\""),
        ": faults: unknown fault `WrongRoots`; did you mean `WrongRoot`?"
    );
    assert_eq!(
        says_with("WrongRoot = \"WrongRoot\"", "WrongRoot = \"WrongRooot\""),
        ": faults.WrongRoot: the contract has no error `WrongRooot`; did you mean `WrongRoot`?; the reason of a \
         `require` is written `text:…`"
    );
    assert!(
        says_with("v = \"0-1\"", "v = \"1-2\"")
            .contains("unknown variant `1-2`, expected one of `0-1`, `27-28`, `either`")
    );
    assert!(
        says_with("accepts = \"no-revert\"", "accepts = \"yes\"")
            .contains("expected `no-revert` or `non-zero`")
    );
    assert_eq!(
        says_with("\"expected_purpose\"", "\"0x\""),
        ": the mapping never uses `expected_purpose`: set policy.purpose to the purpose that the contract accepts"
    );
    let half = run(&["chain", "audit", "--artifact", "x.json"]);
    assert!(refused(&half).contains("--mapping"));
}
