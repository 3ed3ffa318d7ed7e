//! The audit of verifier contracts: ours passes, each flawed variant of it fails on the case that is meant for
//! it, and the cases themselves are what they say.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ecrecheck::dstack::audit::{self, AuditReport, AuditVerdict, Requirement};
use ecrecheck::dstack::chain::verify;
use ecrecheck::dstack::registry::{ARTIFACT, Adapter, MAPPING, Mapping, Policy, ours};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registry")
}

/// A variant of our contract, asked by our mapping.
fn variant(name: &str) -> Adapter {
    let artifact = fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    Adapter::new(artifact.parse().unwrap(), toml::from_str(MAPPING).unwrap()).unwrap()
}

fn ids(report: &AuditReport, verdict: impl Fn(&AuditVerdict) -> bool) -> Vec<&str> {
    report.tried.iter().filter(|tried| verdict(&tried.verdict)).map(|tried| &*tried.case.id).collect()
}

fn failed(report: &AuditReport) -> Vec<&str> {
    ids(report, |verdict| *verdict == AuditVerdict::Failed)
}

#[test]
fn our_contract_passes_every_case() {
    let report = audit::run(ours());
    let findings: Vec<_> = report.tried.iter().flat_map(|tried| &tried.findings).collect();
    assert!(findings.is_empty(), "{findings:#?}");
    assert!(report.passes());
    assert_eq!(report.count(|verdict| *verdict == AuditVerdict::Passed), report.tried.len());
    let attempts: usize = report.tried.iter().map(|tried| tried.case.attempts.len()).sum();
    assert!(report.tried.len() == 50 && attempts >= 208, "{} cases, {attempts} attempts", report.tried.len());
    let simulators = report.tried.iter().find(|tried| tried.case.id == "sound::simulators").unwrap();
    assert_eq!(simulators.case.attempts.len(), 2);
}

/// The Rust verifier, which shares no code with any contract, is of the cases' mind on each attempt.
#[test]
fn the_cases_are_what_they_say() {
    let cases = audit::cases(&Policy::default());
    let ids: BTreeSet<_> = cases.iter().map(|case| &*case.id).collect();
    assert_eq!(ids.len(), cases.len(), "ids are unique");
    for case in &cases {
        assert!(!case.attempts.is_empty(), "{}", case.id);
        assert!(case.follows.is_none_or(|id| ids.contains(id)), "{}", case.id);
        for attempt in &case.attempts {
            let said = verify(&attempt.proof, attempt.root, &attempt.purpose).outcome;
            let right = match (&said, case.expect) {
                (Ok(_), Requirement::Accept) => true,
                (Err(fault), Requirement::Refuse(faults)) => faults.contains(&fault.name()),
                _ => false,
            };
            assert!(right, "{}, {}: {said:?}", case.id, attempt.label);
        }
    }
}

/// Each flawed variant, with the case that is meant for it.
pub(crate) const MEANT: [(&str, &str); 21] = [
    ("UnboundAppKey", "binding::app-key"),
    ("AnotherRoot", "root::another"),
    ("ZeroIsRoot", "root::zero-garbage"),
    ("UnsetRootTrusts", "root::zero"),
    ("HighS", "signature::high-s"),
    ("LowSOffByOne", "sound::s-limit"),
    ("VMasked", "v::recovery-id-2-3"),
    ("VEitherForm", "v::other-form"),
    ("VEip155", "v::eip155"),
    ("VTopBit", "v::out-of-range"),
    ("TrailingBytes", "signature::trailing"),
    ("Compact", "signature::compact"),
    ("PurposeUnchecked", "purpose::another"),
    ("AppIdLengthUnchecked", "app-id::length"),
    ("AppIdCut", "app-id::padded"),
    ("OffCurve", "derived-key::off-curve"),
    ("NotReduced", "derived-key::not-reduced"),
    ("YNotReduced", "derived-key::not-reduced"),
    ("DerivedKeyTrailing", "derived-key::length"),
    ("Eip191Too", "issued-message::eip191"),
    ("OldFormatToo", "issued-message::no-app-id"),
];

#[test]
fn each_flawed_variant_fails_on_exactly_the_case_meant_for_it() {
    let there = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let there = there.filter_map(|name| Some(name.strip_suffix(".sol")?.to_owned()));
    let others = ["RefusesAll", "Hex0x", "Foreign"];
    let tried: BTreeSet<_> = MEANT.iter().map(|(name, _)| *name).chain(others).map(str::to_owned).collect();
    assert_eq!(there.collect::<BTreeSet<_>>(), tried, "every variant is tried");

    let mut wrong = Vec::new();
    for (name, case) in MEANT {
        let report = audit::run(&variant(name));
        assert!(!report.passes(), "{name}");
        if failed(&report) != [case] {
            wrong.push((name, case, failed(&report).join(", ")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Where a claim may be by anybody, it may be over anything: one finding, not eleven.
#[test]
fn what_follows_from_another_finding_is_told_apart() {
    let follows = |name, from| {
        let report = audit::run(&variant(name));
        let ids = ids(&report, |verdict| *verdict == AuditVerdict::Follows(from));
        ids.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        follows("UnboundAppKey", "binding::app-key"),
        [
            "claim-message::no-purpose",
            "claim-message::hex-0x",
            "claim-message::hex-upper",
            "claim-message::raw-key",
            "claim-message::address",
            "claim-message::address-0x",
            "claim-message::uncompressed",
            "claim-message::eip191",
            "claim-message::hashed-twice",
            "claim-message::sha3",
            "replay::another-purpose",
            "replay::another-key",
            "replay::swapped",
        ]
    );
    assert_eq!(
        follows("AnotherRoot", "root::another"),
        [
            "issued-message::no-prefix",
            "issued-message::no-app-id",
            "issued-message::app-id-cut",
            "issued-message::app-id-padded",
            "issued-message::app-id-padded-left",
            "issued-message::address",
            "issued-message::uncompressed",
            "issued-message::eip191",
            "issued-message::hashed-twice",
            "issued-message::sha3",
            "issued-message::phala",
            "replay::another-app",
        ]
    );
}

/// A refusal in other words lets nobody in: what is accepted beside it is a finding of its own.
#[test]
fn what_is_accepted_does_not_follow_from_a_refusal_in_other_words() {
    let mistaken = MAPPING.replace("AppKeyMismatch = \"AppKeyMismatch\"", "AppKeyMismatch = \"WrongRoot\"");
    assert_ne!(mistaken, MAPPING);
    let artifact = fs::read_to_string(folder().join("Hex0x.json")).unwrap();
    let report =
        audit::run(&Adapter::new(artifact.parse().unwrap(), toml::from_str(&mistaken).unwrap()).unwrap());
    assert!(failed(&report).contains(&"claim-message::hex-0x"), "{:?}", failed(&report));
}

#[test]
fn a_contract_that_refuses_chains_that_hold_fails() {
    let sound =
        ["sound::chains", "sound::purposes", "sound::simulators", "sound::leading-zeros", "sound::s-limit"];
    let report = audit::run(&variant("RefusesAll"));
    assert!(!report.passes());
    assert_eq!(failed(&report), sound);

    let report = audit::run(&variant("Hex0x"));
    assert_eq!(failed(&report), [&sound[..], &["claim-message::hex-0x"]].concat());
    let finding = &report.tried[0].findings[0];
    let chain = &report.tried[0].case.attempts[0].proof;
    let says = verify(chain, report.tried[0].case.attempts[0].root, b"ethereum").outcome;
    assert!(says.is_ok());
    assert!(finding.starts_with("one: refused: AppKeyMismatch(0x"), "{finding}");
    assert!(finding.ends_with("), must be accepted"), "{finding}");
}

#[test]
fn a_rule_that_a_contract_may_choose_is_asked_for_as_chosen() {
    for (name, rule, chosen) in [
        ("VEitherForm", "v = \"0-1\"", "v = \"either\""),
        ("HighS", "high_s = \"refused\"", "high_s = \"accepted\""),
    ] {
        assert!(MAPPING.contains(rule));
        let mapping = toml::from_str(&MAPPING.replace(rule, chosen)).unwrap();
        let artifact = fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
        let report = audit::run(&Adapter::new(artifact.parse().unwrap(), mapping).unwrap());
        let findings: Vec<_> = report.tried.iter().flat_map(|tried| &tried.findings).collect();
        assert!(report.passes(), "{name}: {findings:#?}");

        // Ours does not have the other rule.
        let mapping = toml::from_str(&MAPPING.replace(rule, chosen)).unwrap();
        let strict = audit::run(&Adapter::new(ARTIFACT.parse().unwrap(), mapping).unwrap());
        assert_eq!(failed(&strict).len(), 1, "{name}: {:?}", failed(&strict));
    }
}

/// Both links meet both recovery ids, so that no form of v is tried on one of them only.
#[test]
fn the_cases_of_v_meet_both_recovery_ids_in_both_links() {
    let cases = audit::cases(&Policy::default());
    let case = cases.iter().find(|case| case.id == "v::other-form").unwrap();
    let claims: BTreeSet<_> = case.attempts.iter().map(|attempt| attempt.proof.claim_signature[64]).collect();
    let issued: BTreeSet<_> =
        case.attempts.iter().map(|attempt| attempt.proof.issued_signature[64]).collect();
    assert_eq!((claims, issued), (BTreeSet::from([0, 1, 27, 28]), BTreeSet::from([0, 1, 27, 28])));
}

/// Another shape: a call of setup, keys in SEC 1, signatures in parts, v 27 and 28, high s, true for yes.
#[test]
fn a_sound_verifier_of_another_shape_passes_what_it_can_be_asked() {
    let foreign = Adapter::load(&folder().join("Foreign.json"), &folder().join("Foreign.toml")).unwrap();
    let report = audit::run(&foreign);
    let findings: Vec<_> = report.tried.iter().flat_map(|tried| &tried.findings).collect();
    assert!(findings.is_empty(), "{findings:#?}");
    assert!(report.passes());
    // Its types have no other length: 20 bytes for an app id, and a signature in parts.
    assert_eq!(
        ids(&report, |verdict| *verdict == AuditVerdict::NotAsked),
        [
            "app-id::length",
            "app-id::padded",
            "signature::truncated",
            "signature::compact",
            "signature::trailing"
        ]
    );

    // The same contract, held to rules that are not its own.
    let strict = fs::read_to_string(folder().join("Foreign.toml")).unwrap();
    let strict = strict.replace("high_s = \"accepted\"", "high_s = \"refused\"");
    let artifact = fs::read_to_string(folder().join("Foreign.json")).unwrap();
    let strict = Adapter::new(artifact.parse().unwrap(), toml::from_str(&strict).unwrap()).unwrap();
    assert_eq!(failed(&audit::run(&strict)), ["signature::high-s"]);
}

/// Refused, but not for what it is there for: the check that is meant has not been met.
#[test]
fn a_refusal_for_another_reason_is_a_finding() {
    let mapping = MAPPING.replace("SignatureHighS = \"SignatureHighS\"", "SignatureHighS = \"WrongRoot\"");
    let adapter = Adapter::new(ARTIFACT.parse().unwrap(), toml::from_str(&mapping).unwrap()).unwrap();
    let report = audit::run(&adapter);
    assert_eq!(failed(&report), ["signature::high-s"]);
    let case = report.tried.iter().find(|tried| tried.case.id == "signature::high-s").unwrap();
    assert_eq!(case.findings[0], "claim, the twin: refused: SignatureHighS(0), must be WrongRoot");

    // A fault that the mapping does not name may be refused in any words.
    let mapping = MAPPING.replace("SignatureHighS = \"SignatureHighS\"\n", "");
    let adapter = Adapter::new(ARTIFACT.parse().unwrap(), toml::from_str(&mapping).unwrap()).unwrap();
    assert!(audit::run(&adapter).passes());
}

#[test]
fn the_mapping_in_the_documentation_is_one() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dstack.md")).unwrap();
    let (_, section) = page.split_once("## Audit a verifier contract").unwrap();
    let (_, block) = section.split_once("```toml\n").unwrap();
    let (toml, _) = block.split_once("```").unwrap();
    let mapping: Mapping = toml::from_str(toml).unwrap();
    assert_eq!((mapping.verify.function.as_str(), mapping.verify.arguments.len()), ("isGenuine", 5));
}
