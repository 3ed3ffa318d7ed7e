//! `chain audit --node`: contracts that are deployed, on anvil and on nodes that are played on the loopback.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;

use ecrecheck::dstack::audit::{AuditReport, AuditVerdict, run_deployed};
use ecrecheck::dstack::registry::{ARTIFACT, Contract, Deployed, DeployedAt, MAPPING, Said, ours};
use ecrecheck::dstack::{PrivateKey, test_key};
use ecrecheck::input::bytes::{from_hex, to_hex};
use ecrecheck::input::key::Address;
use ecrecheck::outsider::Settings;
use revm::precompile::DefaultCrypto;
use serde_json::{Value, json};

use crate::anvil::Anvil;
use crate::audit::MEANT;
use crate::node::fake::{Fake, Reply, each, error, result};
use crate::support::{refused, refuses, run, stdout};

const CONTRACT: &str = "0x5FbDB2315678afecb367f032d93F642f64180aa3";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registry")
}

fn variant(name: &str) -> String {
    fs::read_to_string(folder().join(format!("{name}.json"))).unwrap()
}

fn root() -> PrivateKey {
    test_key::of_label("deployed").unwrap()
}

fn root_address() -> Address {
    root().public_key().address()
}

fn settings() -> Settings {
    Settings { timeout: Duration::from_secs(20), requests_per_second: 100_000, ..Settings::default() }
}

/// Audits a contract of our interface on a node, with the key of its root or without.
fn audit(url: &str, address: Address, key: Option<&PrivateKey>) -> AuditReport {
    let at = DeployedAt { node: url.to_owned(), address, from: None, chain: None };
    let contract = Deployed::open(&ours().interface, &at, None, b"ethereum", &settings()).unwrap();
    run_deployed(&contract, key).unwrap()
}

fn ids(report: &AuditReport, verdict: AuditVerdict) -> Vec<&str> {
    report.tried.iter().filter(|tried| tried.verdict == verdict).map(|tried| &*tried.case.id).collect()
}

fn findings(report: &AuditReport) -> Vec<&String> {
    report.tried.iter().flat_map(|tried| &tried.findings).collect()
}

#[test]
fn our_registry_on_anvil_passes_what_it_can_be_asked() {
    let Some(anvil) = Anvil::start("the audit of our registry on a real node") else { return };
    let address = anvil.deploy(ARTIFACT, root_address());
    let report = audit(&anvil.url, address, Some(&root()));
    assert!(report.passes(), "{:#?}", findings(&report));
    let not_asked = ["sound::purposes", "sound::simulators", "root::zero-garbage", "root::zero"];
    assert_eq!(ids(&report, AuditVerdict::NotAsked), not_asked);
    assert_eq!((report.tried.len(), ids(&report, AuditVerdict::Passed).len(), report.hidden()), (50, 46, 0));

    // As its users meet it, by the mapping of our registry; and with a sender.
    let address = address.to_string();
    let from = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
    let command =
        ["chain", "audit", "--node", &anvil.url, "--address", &address, "--root-key", "label:deployed"];
    let output = run(&[&command[..], &["--from", from, "--chain-id", "31337"]].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = stdout(&output);
    let first: Vec<_> = text.lines().take(3).collect();
    assert!(
        first[0].starts_with(&format!("audited  {address} on the chain 31337, {} (anvil/v", anvil.url)),
        "{}",
        first[0]
    );
    assert_eq!(first[1..], [&format!("root     {}, of --root-key", root_address()), "purpose  \"ethereum\""]);
    let told: Vec<_> = text.lines().filter(|line| line.starts_with("NOT ASKED")).collect();
    assert_eq!(
        told,
        [
            "NOT ASKED  it needs a contract for another purpose: sound::purposes (5)",
            "NOT ASKED  it needs a contract under another root: sound::simulators (2), sound::s-limit (2), \
             root::zero-garbage (7), root::zero (1)",
        ]
    );
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("passed: 50 cases, "), "{last}");
    assert!(
        last.contains(" and 17 not: 46 cases passed, 0 failed, 0 follow from these, 4 not asked"),
        "{last}"
    );

    // By signatures alone, without an artifact.
    let mut mapping = MAPPING.replace(
        "\"registerInstanceWithProof\"",
        "\"registerInstanceWithProof((bytes,bytes,bytes,bytes,bytes,bytes))\"",
    );
    for (fault, signature) in [
        ("ZeroRoot", "ZeroRoot()"),
        ("AppIdLength", "AppIdLength(uint256)"),
        ("PurposeMismatch", "PurposeMismatch()"),
        ("AppKeyLength", "AppKeyLength(uint256)"),
        ("DerivedKeyLength", "DerivedKeyLength(uint256)"),
        ("DerivedKeyOffCurve", "DerivedKeyOffCurve()"),
        ("SignatureLength", "SignatureLength(uint8,uint256)"),
        ("SignatureV", "SignatureV(uint8,uint8)"),
        ("SignatureHighS", "SignatureHighS(uint8)"),
        ("SignatureRejected", "SignatureRejected(uint8)"),
        ("AppKeyMismatch", "AppKeyMismatch(address,address)"),
        ("WrongRoot", "WrongRoot(address,address)"),
    ] {
        mapping = mapping.replace(&format!("= \"{fault}\""), &format!("= \"{signature}\""));
    }
    let mapping = mapping.replace("root = \"kmsRoot\"", "root = \"kmsRoot()\"");
    let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    fs::write(&file, &mapping).unwrap();
    let by_signatures = ["--mapping", file.path().to_str().unwrap()];
    let output = run(&[&command[..], &by_signatures].concat());
    assert_eq!((output.status.code(), stdout(&output).lines().last()), (Some(0), Some(last)), "{output:?}");
    fs::write(&file, MAPPING).unwrap();
    let refused = refuses(&[&command[..], &by_signatures].concat());
    assert!(
        refused.contains(
            ": verify.function: `registerInstanceWithProof` is no signature: without an artifact, "
        ),
        "{refused}"
    );
}

/// What each is meant for, where a contract that is deployed under a root of ours can be asked it.
#[test]
fn each_flawed_variant_on_anvil_fails_on_its_case() {
    let Some(anvil) = Anvil::start("the audit of flawed variants on a real node") else { return };
    let mut wrong = Vec::new();
    // Two trust a root of zero, which a contract that has a root does not show.
    let shown = MEANT.into_iter().filter(|(_, case)| !case.starts_with("root::zero"));
    for (name, case) in shown {
        let address = anvil.deploy(&variant(name), root_address());
        let report = audit(&anvil.url, address, Some(&root()));
        let failed = ids(&report, AuditVerdict::Failed);
        if report.passes() || failed != [case] {
            wrong.push((name, case, failed.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    let refuses_all = anvil.deploy(&variant("RefusesAll"), root_address());
    let report = audit(&anvil.url, refuses_all, Some(&root()));
    assert_eq!(
        ids(&report, AuditVerdict::Failed),
        ["sound::chains", "sound::leading-zeros", "sound::s-limit"]
    );
}

/// A contract that was deployed without its root: what everybody may do there is seen by reading.
#[test]
fn a_contract_without_a_root_that_trusts_everybody_is_seen() {
    let Some(anvil) = Anvil::start("the audit of contracts without a root on a real node") else { return };
    for (name, cases) in
        [("ZeroIsRoot", &["root::zero-garbage"][..]), ("UnsetRootTrusts", &["root::zero", "root::another"])]
    {
        let address = anvil.deploy(&variant(name), Address([0; 20]));
        let report = audit(&anvil.url, address, None);
        let failed: BTreeSet<_> = ids(&report, AuditVerdict::Failed).into_iter().collect();
        assert!(!report.passes() && cases.iter().all(|case| failed.contains(case)), "{name}: {failed:?}");
    }
}

/// Without the root's key: what must be refused under any root is asked, and what the root hides is told.
#[test]
fn under_a_foreign_root_what_means_something_is_told_from_what_does_not() {
    let Some(anvil) = Anvil::start("the audit under a foreign root on a real node") else { return };
    let sound = anvil.deploy(ARTIFACT, root_address());
    let report = audit(&anvil.url, sound, None);
    assert!(report.passes() && report.foreign_root, "{:#?}", findings(&report));
    assert_eq!(
        ids(&report, AuditVerdict::NotAsked),
        [
            "sound::chains",
            "sound::purposes",
            "sound::simulators",
            "sound::leading-zeros",
            "sound::s-limit",
            "root::zero-garbage",
            "root::zero"
        ]
    );
    // Each is about what the root signs, and is refused as it would be for any other reason.
    let hidden = ids(&report, AuditVerdict::Hidden);
    let about_the_root = |id: &&str| id.starts_with("issued-message::") || **id == *"replay::another-app";
    assert!(hidden.iter().all(about_the_root) && hidden.len() == 12, "{hidden:?}");
    assert_eq!(ids(&report, AuditVerdict::Passed).len(), 50 - 7 - 12);

    // What lets anybody in whatever the root is, and what is refused for a wrong reason, is seen. A check that is
    // missing before the root's is hidden.
    let by_stranger = |name: &str| audit(&anvil.url, anvil.deploy(&variant(name), root_address()), None);
    for (name, failed) in [("AnotherRoot", "root::another"), ("TrailingBytes", "signature::trailing")] {
        let report = by_stranger(name);
        assert!(!report.passes() && ids(&report, AuditVerdict::Failed).contains(&failed), "{name}");
    }
    let high_s = by_stranger("HighS");
    assert!(high_s.passes() && ids(&high_s, AuditVerdict::Hidden).contains(&"signature::high-s"));
    // The forged claim is refused for the root alone, so that nothing is known of the binding.
    let unbound = by_stranger("UnboundAppKey");
    assert!(ids(&unbound, AuditVerdict::Hidden).contains(&"binding::app-key"), "{:#?}", findings(&unbound));

    // The root of a simulator: no key of it is known, but signatures of it are.
    let simulator = "0x8f2cF602C9695b23130367ed78d8F557554de7C5".parse().unwrap();
    let report = audit(&anvil.url, anvil.deploy(ARTIFACT, simulator), None);
    assert!(ids(&report, AuditVerdict::Passed).contains(&"sound::simulators"));

    let address = sound.to_string();
    let output = run(&["chain", "audit", "--node", &anvil.url, "--address", &address]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let last = stdout(&output).lines().last().unwrap().to_owned();
    assert!(last.starts_with("passed as far as can be told under a foreign root: 50 cases, "), "{last}");
    assert!(last.ends_with("7 not asked, 12 hidden by the root (with 12 attempts)"), "{last}");
}

#[test]
fn what_cannot_be_audited_is_said_in_a_line() {
    let Some(anvil) = Anvil::start("what a real node has no contract for") else { return };
    let address = anvil.deploy(ARTIFACT, root_address()).to_string();
    let at = |address: &str, more: &[&str]| {
        refuses(&[&["chain", "audit", "--node", &anvil.url, "--address", address], more].concat())
    };
    let empty = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
    let node = &anvil.url;
    assert_eq!(at(empty, &[]), format!("node {node}: no contract at {empty} on the chain 31337"));
    assert_eq!(at(&address, &["--chain-id", "1"]), format!("node {node}: is of the chain 31337, expected 1"));
    let other = test_key::of_label("other").unwrap().public_key().address();
    assert_eq!(
        at(&address, &["--root-key", "label:other"]),
        format!("node {node}: contract {address}: its root is {}, expected {other}", root_address())
    );
    // A contract of another kind.
    let foreign = anvil.deploy(&variant("Foreign"), root_address()).to_string();
    assert_eq!(
        at(&foreign, &[]),
        format!("node {node}: contract {foreign}: asked for its root it reverts with 0x")
    );
    let mapping = folder().join("Foreign.toml");
    let artifact = folder().join("Foreign.json");
    let files = ["--mapping", mapping.to_str().unwrap(), "--artifact", artifact.to_str().unwrap()];
    assert!(at(&foreign, &files).contains("its root is not known: name the function that gives it"));
}

#[test]
fn a_node_that_is_not_there_is_named_without_what_its_url_hides() {
    // A port that nobody listens at, as it was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://somebody:verysecret@127.0.0.1:{free}/key/0123456789abcdef");
    let said = refuses(&["chain", "audit", "--node", &url, "--address", CONTRACT]);
    let expected =
        format!("node http://127.0.0.1:{free}: connection refused: does a node listen there? (eth_chainId)");
    assert_eq!(said, expected);

    for url in ["127.0.0.1:8545", "ftp://127.0.0.1", "http://"] {
        let said = refuses(&["chain", "audit", "--node", url, "--address", CONTRACT]);
        assert_eq!(said, "node: not a URL: expected http://HOST:PORT or https://HOST/…");
    }
    let said = refused(&run(&["chain", "audit", "--node", "http://127.0.0.1:1"]));
    assert!(said.contains("--address"), "{said}");
    let said = refused(&run(&["chain", "audit", "--root-key", "label:x"]));
    assert!(said.contains("--node"), "{said}");
    let said = refused(&run(&["chain", "audit", "--mapping", "mapping.toml"]));
    assert!(said.contains("--artifact and --mapping belong together"), "{said}");
}

/// How a client says that a call reverted with these bytes.
type Shape = fn(&Value, &str) -> Value;

fn with_data(request: &Value, code: i64, message: &str, data: &Value) -> Value {
    let mut answer = error(request, code, message);
    answer["error"]["data"] = data.clone();
    answer
}

/// A node that has our registry at [`CONTRACT`], and says reverts in a shape.
fn node(shape: Shape) -> impl Fn(&Value) -> Value + Send + Sync + 'static {
    let contract = Contract::deploy(ours(), Arc::new(DefaultCrypto), root_address(), b"ethereum").unwrap();
    move |request| match request["method"].as_str().unwrap() {
        "web3_clientVersion" => result(request, "Fake/v1.2.3"),
        "eth_chainId" => result(request, "0x7a69"),
        "eth_getCode" => result(request, "0x6001"),
        "eth_call" => {
            assert_eq!(request["params"][0]["to"].as_str().unwrap().to_lowercase(), CONTRACT.to_lowercase());
            let calldata = from_hex(request["params"][0]["data"].as_str().unwrap()).unwrap();
            match contract.view(calldata) {
                Said::Accepted { returned, .. } => result(request, &to_hex(returned)),
                Said::Refused(refusal) => shape(request, &to_hex(&refusal.data)),
                other => panic!("{other}"),
            }
        }
        other => error(request, -32601, &format!("the method {other} does not exist")),
    }
}

#[test]
fn faults_are_read_in_the_shape_of_every_client() {
    let shapes: [(&str, Shape); 5] = [
        ("geth", |request, data| with_data(request, 3, "execution reverted", &json!(data))),
        ("hardhat", |request, data| {
            let data = json!({ "message": "reverted with a custom error", "data": data });
            with_data(request, -32603, "Error: VM Exception while processing transaction: reverted", &data)
        }),
        ("ganache 7", |request, data| {
            with_data(request, -32000, "VM Exception while processing transaction: revert", &json!(data))
        }),
        ("ganache 2", |request, data| {
            let hash = format!("0x{}", "ab".repeat(32));
            let data = json!({ hash: { "error": "revert", "return": data }, "name": "c" });
            with_data(request, -32000, "VM Exception while processing transaction: revert", &data)
        }),
        ("openethereum", |request, data| {
            with_data(request, -32015, "VM execution error.", &json!(format!("Reverted {data}")))
        }),
    ];
    for (client, shape) in shapes {
        let fake = Fake::answering(node(shape));
        let report = audit(&fake.url(), CONTRACT.parse().unwrap(), Some(&root()));
        assert!(report.passes(), "{client}: {:#?}", findings(&report));
        assert_eq!(ids(&report, AuditVerdict::Passed).len(), 46, "{client}");
    }
    // One that does not say what a contract reverted with: refused, for no reason that is known.
    let mute = Fake::answering(node(|request, _| error(request, -32000, "execution reverted")));
    let report = audit(&mute.url(), CONTRACT.parse().unwrap(), Some(&root()));
    assert!(!report.passes());
    let finding = &report.tried.iter().find(|tried| tried.case.id == "binding::app-key").unwrap().findings[0];
    assert_eq!(finding, "the attacker's key claims itself: refused: without a word, must be AppKeyMismatch");
}

/// The audit of a contract on a node that is played, under the root of ours.
fn audited(fake: &Fake, rest: &[&str]) -> Output {
    let url = fake.url();
    let start = ["chain", "audit", "--node", &url, "--address", CONTRACT, "--root-key", "label:deployed"];
    run(&[&start, rest].concat())
}

/// A node is read only, and the sender is the one that is named.
#[test]
fn a_node_is_asked_to_read_by_the_sender_that_is_named() {
    let fake =
        Fake::answering(node(|request, data| with_data(request, 3, "execution reverted", &json!(data))));
    let from = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
    let output = audited(&fake, &["--from", from]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let bodies = fake.asked(|asked| asked.body.clone());
    let requests: Vec<_> =
        bodies.iter().flat_map(|body| body.as_array().cloned().unwrap_or(vec![body.clone()])).collect();
    let methods: BTreeSet<_> = requests.iter().map(|request| request["method"].as_str().unwrap()).collect();
    assert_eq!(
        methods.into_iter().collect::<Vec<_>>(),
        ["eth_call", "eth_chainId", "eth_getCode", "web3_clientVersion"]
    );
    let calls: Vec<_> = requests.iter().filter(|request| request["method"] == "eth_call").collect();
    // One asks for the root.
    let asked = format!(" {} attempts asked and ", calls.len() - 1);
    assert!(stdout(&output).contains(&asked), "{asked}");
    for call in calls {
        assert_eq!((&call["params"][0]["from"], &call["params"][1]), (&json!(from), &json!("latest")));
    }
}

/// What is the node's failure is no verdict on a contract.
#[test]
fn a_node_that_fails_in_the_middle_ends_the_audit() {
    let sound: Shape = |request, data| with_data(request, 3, "execution reverted", &json!(data));
    let at = |fake: &Fake| refused(&audited(fake, &["--timeout", "1"]));
    let failing = |reply: fn(&Value) -> Reply| {
        let answer = node(sound);
        // The first call asks for the root.
        Fake::new(move |body| match body {
            Value::Array(_) => reply(body),
            one if one["method"] == "eth_call" && one["params"][0]["data"].as_str().unwrap().len() > 10 => {
                reply(body)
            }
            one => Reply::Json(each(one, &answer)),
        })
    };
    let broken = at(&failing(|_| Reply::Http(500, Vec::new(), "oops".into())));
    assert!(broken.ends_with(": answers HTTP 500, expected JSON-RPC (eth_call)"), "{broken}");
    let hung = at(&failing(|_| Reply::Hang));
    assert!(hung.ends_with(": no answer within 1s (eth_call)"), "{hung}");
    let refusing =
        at(&failing(|body| Reply::Json(each(body, &|request| error(request, -32000, "header not found")))));
    assert!(refusing.ends_with(": does not make an eth_call: error -32000: header not found"), "{refusing}");
    let nonsense = at(&failing(|body| Reply::Json(each(body, &|request| result(request, "0xzz")))));
    assert!(nonsense.contains(": eth_call gives "), "{nonsense}");
}

/// A contract may revert with megabytes, and a report is a report all the same.
#[test]
fn a_long_refusal_is_cut() {
    let fake = Fake::answering(node(|request, _| {
        with_data(request, 3, "execution reverted", &json!(format!("0x{}", "ab".repeat(50_000))))
    }));
    let report = audit(&fake.url(), CONTRACT.parse().unwrap(), Some(&root()));
    assert!(!report.passes());
    let longest = findings(&report).into_iter().map(String::len).max().unwrap();
    assert!((600..1_000).contains(&longest), "{longest}");
}
