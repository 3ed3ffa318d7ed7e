//! Our registry contract in revm: deployed under the roots of the simulators, registered with, and held to the
//! Rust verifier. And its build.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::support::{run, skipped};
use ecrecheck::dstack::chain::{Proof, ProofFault, verify};
use ecrecheck::dstack::generate::{self, MUTATIONS};
use ecrecheck::dstack::registry::{
    Adapter, Contract, ContractRefusal, MAPPING, RevertReason, Said, agree, agree_with, examine, ours,
};
use ecrecheck::dstack::{AppKeys, PrivateKey, derivation, test_key};
use ecrecheck::input::bytes::from_hex;
use ecrecheck::input::hash::keccak256;
use ecrecheck::input::key::Address;
use ecrecheck::run::fuzz;
use revm::precompile::DefaultCrypto;

/// Root, app id, app key and the root's signature of it, as published: corpus/fixtures/dstack-simulators.toml.
const OLD: [&str; 4] = [
    "0x8f2cF602C9695b23130367ed78d8F557554de7C5",
    "0xea549f02e1a25fabd1cb788380e033ec5461b2ff",
    "0xe0e5d254fb944dcc370a2e5288b336a1e809871545a73ee645368957fefa31f9",
    "0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601",
];
const NEW: [&str; 4] = [
    "0xA7F6043C29f9cc1d9D6aCF554c53E0c6792AaEAf",
    "0x5bb4ff9a3837357f19dc176407a5709c62eb6c56",
    "0xd6e88992cdeeee35fe70b5db61ab66cdb191fb9b6ec9313757ef162dd7214d5d",
    "0x9e618603e72d01fedb82deff6daf2d62a572becf0059eec3f89c1ab40e1f2e594d2a283f843f34e8f39e4cc49a612496ce67223a12ac923f8efe330346dfc6c500",
];

fn root(simulator: [&str; 4]) -> Address {
    simulator[0].parse().unwrap()
}

/// What the simulator's app hands over for the key at a path.
fn proof(simulator: [&str; 4], path: &str, purpose: &[u8]) -> Proof {
    let app = PrivateKey::from_hex(simulator[2]).unwrap();
    let derived = derivation::derived_key(&app, path).unwrap().public_key();
    Proof {
        app_id: from_hex(simulator[1]).unwrap(),
        purpose: purpose.to_vec(),
        app_key: app.public_key().xy().to_vec(),
        derived_key: derived.xy().to_vec(),
        claim_signature: app.sign(ecrecheck::dstack::chain::claim_digest(purpose, &derived)),
        issued_signature: from_hex(simulator[3]).unwrap(),
    }
}

fn deploy(root: Address, purpose: &[u8]) -> Contract<'static> {
    Contract::deploy(ours(), Arc::new(DefaultCrypto), root, purpose).unwrap()
}

#[track_caller]
fn accepted(said: Said) -> (Address, Vec<revm::primitives::Log>) {
    let Said::Accepted { returned, logs } = said else { panic!("{said}") };
    assert_eq!((returned.len(), &returned[..12]), (32, [0; 12].as_slice()));
    (Address(returned[12..].try_into().unwrap()), logs)
}

#[track_caller]
fn error(said: Said) -> String {
    match said {
        Said::Refused(refusal @ ContractRefusal { words: RevertReason::Error { .. }, .. }) => {
            refusal.to_string()
        }
        other => panic!("{other}"),
    }
}

/// A call of `instances(address)`.
fn is_registered(contract: &Contract<'_>, instance: Address) -> bool {
    let selector = &keccak256(b"instances(address)")[..4];
    let calldata = [selector, &[0; 12], &instance.0].concat();
    let Said::Accepted { returned, .. } = contract.view(calldata) else { panic!("a view") };
    assert_eq!(returned.len(), 32);
    returned[31] == 1
}

#[test]
fn instances_of_both_simulators_register_under_their_roots() {
    // The addresses of the derived keys at test/node: facts of the key derivation.
    for (simulator, instance) in [
        (OLD, "0x37181dda18E75E1F7B8835F5b42f50Ca4BE02E9B"),
        (NEW, "0x2Fd6dbf9F83002cBaEFd286f0D8f455DBa133BC7"),
    ] {
        let instance: Address = instance.parse().unwrap();
        let mut contract = deploy(root(simulator), b"ethereum");
        assert!(!is_registered(&contract, instance));
        let proof = proof(simulator, "test/node", b"ethereum");
        let (registered, logs) = accepted(contract.register(&proof));
        assert_eq!(registered, instance);
        assert!(is_registered(&contract, instance));

        let [log] = logs.as_slice() else { panic!("one event") };
        assert_eq!(log.address.into_array(), contract.address().0);
        let topics: Vec<[u8; 32]> = log.topics().iter().map(|topic| topic.0).collect();
        let mut app_id = [0; 32];
        app_id[..20].copy_from_slice(&proof.app_id);
        let mut address = [0; 32];
        address[12..].copy_from_slice(&instance.0);
        assert_eq!(topics, [keccak256(b"InstanceRegistered(address,bytes20)"), address, app_id]);

        let again = error(contract.register(&proof));
        assert_eq!(again, format!("AlreadyRegistered({instance})"));
    }
}

#[test]
fn many_paths_and_purposes_register_each_once() {
    let long = "p".repeat(200);
    for (simulator, other) in [(OLD, NEW), (NEW, OLD)] {
        for purpose in ["ethereum", "", "a:b", "signing", &long] {
            let mut contract = deploy(root(simulator), purpose.as_bytes());
            for path in ["", "test/node", "test/path", "wallet/0", "wallet/1", "héllo", &long] {
                let proof = proof(simulator, path, purpose.as_bytes());
                let right = verify(&proof, root(simulator), purpose.as_bytes()).outcome.unwrap();
                assert_eq!(accepted(contract.register(&proof)).0, right);
                assert!(is_registered(&contract, right));
            }
            let foreign = proof(other, "test/node", purpose.as_bytes());
            let says = format!("WrongRoot({}, {})", other[0], simulator[0]);
            assert_eq!(error(contract.register(&foreign)), says);
        }
    }
}

/// A chain of dstack's base network, as it was published.
#[test]
fn the_production_chain_registers_under_its_root() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/dstack/production-base-prod7.proof.json");
    let proof = Proof::parse(&fs::read_to_string(file).unwrap()).unwrap();
    let mut contract = deploy("0x52d3CF51c8A37A2CCfC79bBb98c7810d7Dd4CE51".parse().unwrap(), b"mainnet");
    let (registered, _) = accepted(contract.register(&proof));
    assert_eq!(registered.to_string(), "0xeC71dd9000346E766C44F4f9988521DA75Bf09Ec");
}

#[test]
fn what_the_command_line_issues_registers() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out").to_str().unwrap().to_owned();
    let app_id = "0x4242424242424242424242424242424242424242";
    let issue = ["chain", "issue", "--root-key", "label:registry", "--app-id", app_id, "--out", &out];
    let output = run(&[&issue[..], &["--path", "a/b", "--purpose", "storage"]].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let proof = fs::read_to_string(Path::new(&out).join("proof.json")).unwrap();
    let proof = Proof::parse(&proof).unwrap();

    let kms = test_key::of_label("registry").unwrap();
    let mut contract = deploy(kms.public_key().address(), b"storage");
    let keys = AppKeys::issue(&kms, &[0x42; 20]).unwrap();
    let derived = derivation::derived_key(&keys.k256_key, "a/b").unwrap();
    assert_eq!(accepted(contract.register(&proof)).0, derived.public_key().address());
}

#[test]
fn a_contract_without_a_root_is_not_deployed() {
    let refused = Contract::deploy(ours(), Arc::new(DefaultCrypto), Address([0; 20]), b"ethereum");
    assert_eq!(error(refused.err().unwrap()), "ZeroRoot() when it was deployed");
}

/// Every fault, by hand: what the contract says, with its arguments, and that the Rust verifier says the same.
#[test]
fn every_fault_is_named_with_its_arguments() {
    let sound = || proof(OLD, "test/node", b"ethereum");
    let contract = deploy(root(OLD), b"ethereum");
    let says = |bend: &dyn Fn(&mut Proof)| {
        let mut proof = sound();
        bend(&mut proof);
        agree(&proof, root(OLD), b"ethereum").unwrap();
        error(contract.verify(&proof))
    };
    let app = "0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516";
    assert_eq!(says(&|proof| proof.app_id.push(0)), "AppIdLength(21)");
    assert_eq!(says(&|proof| proof.purpose.push(0)), "PurposeMismatch()");
    assert_eq!(says(&|proof| proof.app_key.truncate(33)), "AppKeyLength(33)");
    assert_eq!(says(&|proof| proof.derived_key.clear()), "DerivedKeyLength(0)");
    assert_eq!(says(&|proof| proof.derived_key[63] ^= 2), "DerivedKeyOffCurve()");
    assert_eq!(says(&|proof| proof.claim_signature.push(0)), "SignatureLength(0, 66)");
    assert_eq!(says(&|proof| proof.issued_signature.truncate(64)), "SignatureLength(1, 64)");
    assert_eq!(says(&|proof| proof.claim_signature[64] = 27), "SignatureV(0, 27)");
    assert_eq!(says(&|proof| proof.issued_signature[64] = 255), "SignatureV(1, 255)");
    assert_eq!(says(&|proof| proof.claim_signature[32] = 0x80), "SignatureHighS(0)");
    assert_eq!(says(&|proof| proof.issued_signature[32] = 0x80), "SignatureHighS(1)");
    assert_eq!(says(&|proof| proof.claim_signature[..32].fill(0)), "SignatureRejected(0)");
    assert_eq!(says(&|proof| proof.issued_signature[..32].fill(0)), "SignatureRejected(1)");
    let other = says(&|proof| proof.claim_signature[64] ^= 1);
    assert!(other.starts_with("AppKeyMismatch(0x") && other.ends_with(&format!(", {app})")), "{other}");
    let other = says(&|proof| proof.issued_signature[64] ^= 1);
    assert!(other.starts_with("WrongRoot(0x") && other.ends_with(&format!(", {})", OLD[0])), "{other}");
}

/// The address of the investigation that had been deployed as the trust anchor.
#[test]
fn the_trust_anchor_of_the_investigation_refuses_the_real_chain() {
    let anchor: Address = "0xa2eB90b26A1274fa10905da7A62ff15542f2EbFf".parse().unwrap();
    let proof = proof(OLD, "test/node", b"ethereum");
    agree(&proof, anchor, b"ethereum").unwrap();
    let says = error(deploy(anchor, b"ethereum").verify(&proof));
    assert_eq!(says, format!("WrongRoot({}, {anchor})", OLD[0]));
}

/// With two faults at once the first in the order of checks is the verdict, in both.
#[test]
fn of_two_faults_contract_and_verifier_name_the_first() {
    type Bend = (&'static str, fn(&mut Proof));
    // In the order of the checks. The later is bent first, so that the earlier finds what it bends.
    let bends: [Bend; 14] = [
        ("AppIdLength", |proof| proof.app_id.push(0)),
        ("PurposeMismatch", |proof| proof.purpose.push(0)),
        ("AppKeyLength", |proof| proof.app_key.push(0)),
        ("DerivedKeyLength", |proof| proof.derived_key.push(0)),
        ("DerivedKeyOffCurve", |proof| proof.derived_key[63] ^= 2),
        ("SignatureLength claim", |proof| proof.claim_signature.push(0)),
        ("SignatureV claim", |proof| proof.claim_signature[64] = 27),
        ("SignatureHighS claim", |proof| proof.claim_signature[32] = 0x80),
        ("SignatureRejected claim", |proof| proof.claim_signature[..32].fill(0)),
        ("AppKeyMismatch claim", |proof| {
            proof.claim_signature = self::proof(OLD, "test/path", b"ethereum").claim_signature
        }),
        ("SignatureLength kms-issued", |proof| proof.issued_signature.push(0)),
        ("SignatureV kms-issued", |proof| proof.issued_signature[64] = 27),
        ("SignatureHighS kms-issued", |proof| proof.issued_signature[32] = 0x80),
        ("SignatureRejected kms-issued", |proof| proof.issued_signature[..32].fill(0)),
    ];
    let verdict = |proof: &Proof, root: Address| {
        agree(proof, root, b"ethereum").unwrap();
        let fault = verify(proof, root, b"ethereum").outcome.unwrap_err();
        let link = fault.link().map(|link| format!(" {link}")).unwrap_or_default();
        format!("{}{link}", fault.name())
    };
    for (at, (first, bend_first)) in bends.iter().enumerate() {
        for (_, bend_second) in &bends[at + 1..] {
            let mut proof = proof(OLD, "test/node", b"ethereum");
            bend_second(&mut proof);
            bend_first(&mut proof);
            assert_eq!(verdict(&proof, root(OLD)), *first);
        }
        let mut proof = proof(OLD, "test/node", b"ethereum");
        bend_first(&mut proof);
        assert_eq!(verdict(&proof, root(NEW)), *first, "the root is compared last");
        assert_eq!(verdict(&proof, Address([0; 20])), "ZeroRoot");
    }
    assert_eq!(verdict(&proof(OLD, "test/node", b"ethereum"), root(NEW)), "WrongRoot kms-issued");
}

/// Each byte of a proof bent, in each of several ways: contract and verifier say the same of them all.
#[test]
fn contract_and_verifier_say_the_same_wherever_a_byte_is_bent() {
    let sound = proof(NEW, "test/node", b"ethereum");
    agree(&sound, root(NEW), b"ethereum").unwrap();
    let parts: [fn(&mut Proof) -> &mut Vec<u8>; 6] = [
        |proof| &mut proof.app_id,
        |proof| &mut proof.purpose,
        |proof| &mut proof.app_key,
        |proof| &mut proof.derived_key,
        |proof| &mut proof.claim_signature,
        |proof| &mut proof.issued_signature,
    ];
    let mut faults = BTreeSet::new();
    for part in parts {
        let length = part(&mut sound.clone()).len();
        for at in 0..length {
            for bit in [0x80, 1 << (at % 7)] {
                let mut bent = sound.clone();
                part(&mut bent)[at] ^= bit;
                agree(&bent, root(NEW), b"ethereum").unwrap();
                let outcome = verify(&bent, root(NEW), b"ethereum").outcome;
                faults.insert(outcome.map_or_else(|fault| fault.name(), |_| "none"));
            }
        }
        for length in [0, length - 1, length + 1, length + 32] {
            let mut cut = sound.clone();
            part(&mut cut).resize(length, 0);
            agree(&cut, root(NEW), b"ethereum").unwrap();
        }
    }
    // No byte is without meaning.
    assert_eq!(
        faults.into_iter().collect::<Vec<_>>(),
        [
            "AppKeyMismatch",
            "DerivedKeyOffCurve",
            "PurposeMismatch",
            "SignatureHighS",
            "SignatureRejected",
            "SignatureV",
            "WrongRoot",
        ]
    );
}

/// Random roots, ids, paths and purposes, sound and with every mutation of the catalogue.
#[test]
fn contract_and_verifier_say_the_same_of_generated_chains() {
    let mut mutations = BTreeSet::new();
    let mut verdicts = BTreeSet::new();
    for case in 0..1_000 {
        let chain = generate::chain(&fuzz::bytes(5, case));
        examine(&chain).unwrap();
        assert_eq!(generate::examine(&chain), None, "and that is so by construction");
        mutations.insert(chain.what);
        verdicts.insert(chain.expected.map_or_else(|fault| fault.name(), |_| "none"));
    }
    let all: BTreeSet<_> = MUTATIONS.iter().map(|mutation| mutation.name).collect();
    assert_eq!(mutations, all, "every mutation is reached");
    let all: BTreeSet<_> = ProofFault::NAMES.into_iter().chain(["none"]).collect();
    assert_eq!(verdicts, all, "every verdict is reached");
}

#[test]
fn a_contract_that_says_something_else_is_seen() {
    let variant = |name: &str| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/registry/{name}.json"));
        let artifact = fs::read_to_string(file).unwrap().parse().unwrap();
        Adapter::new(artifact, toml::from_str(MAPPING).unwrap()).unwrap()
    };
    let sound = proof(OLD, "test/node", b"ethereum");
    let says = |name: &str, proof: &Proof| {
        let agreed = agree_with(&variant(name), proof, root(OLD), b"ethereum");
        agreed.map_or_else(|differ| differ.to_string(), |()| "the same".to_owned())
    };
    assert_eq!(says("TrailingBytes", &sound), "the same");
    let refuses = says("RefusesAll", &sound);
    let verifier = "the Rust verifier accepted, 0x37181dda18E75E1F7B8835F5b42f50Ca4BE02E9B;";
    let wrong_root =
        "on libsecp256k1 the contract says refused: WrongRoot(0x0000000000000000000000000000000000000000, ";
    assert!(refuses.starts_with(wrong_root) && refuses.contains(verifier), "{refuses}");

    let mut long = sound.clone();
    long.claim_signature.push(0);
    let accepts = says("TrailingBytes", &long);
    assert!(accepts.contains("SignatureLength { link: Claim, length: 66 }"), "{accepts}");
    assert!(accepts.contains("the contract says accepted, 0x"), "{accepts}");

    // The right error with another argument: who signed, by EIP-191's message.
    let mut foreign = sound;
    foreign.issued_signature[64] ^= 1;
    assert!(says("Eip191Too", &foreign).contains("the contract says refused: WrongRoot("));
}

fn build_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dstack/registry")
}

/// Skipped, and said so, where node or the solc package is missing.
#[test]
fn rebuilding_gives_the_committed_bytes() {
    let folder = build_folder();
    let variants = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registry").read_dir().unwrap();
    let variants = variants.filter(|file| file.as_ref().unwrap().path().extension() == Some("sol".as_ref()));
    let artifacts = format!("{} artifacts", 1 + variants.count());
    let what = format!("{artifacts} built anew");
    if !folder.join("node_modules/solc").is_dir() {
        return skipped(&what, "`npm ci --ignore-scripts` in src/dstack/registry");
    }
    match Command::new("node").args(["build.mjs", "--check"]).current_dir(folder).output() {
        Err(error) => skipped(&what, &format!("node ({error})")),
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let said = String::from_utf8(output.stdout).unwrap();
            let expected = format!("{artifacts} compared, 0 stale, solc 0.8.37+commit.");
            assert!(said.starts_with(&expected), "{said}");
        }
    }
}
