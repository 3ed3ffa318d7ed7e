//! The corpus holds, and the check can fail: for every way in which it may, a corpus that makes it.

use std::fs;
use std::path::Path;

use crate::support::{copy_folder, corpus_folder};
use ecrecheck::corpus::case::Case;
use ecrecheck::corpus::{Corpus, CorpusError};
use ecrecheck::format::Message;
use ecrecheck::input::bytes::Word;
use ecrecheck::input::signature::Signature;
use ecrecheck::input::{Input, ScalarInput};
use ecrecheck::judge::fact::Fact;
use ecrecheck::judge::{Harness, Verdict, judge};
use ecrecheck::run::check;
use ecrecheck::subject;
use tempfile::TempDir;

/// `id: what` for each failure of a check of this corpus.
fn failures(folder: &Path) -> Result<Vec<String>, CorpusError> {
    let corpus = Corpus::load(folder)?;
    let report = check::corpus(&corpus, Harness::new(subject::all().unwrap(), &corpus.divergences));
    Ok(report
        .failures
        .iter()
        .map(|failure| format!("{} {}: {}", failure.kind, failure.id, failure.what))
        .collect())
}

#[test]
fn every_case_agrees_or_is_documented() {
    assert_eq!(failures(&corpus_folder()).unwrap(), Vec::<String>::new());
}

#[test]
fn every_fact_has_a_case() {
    let corpus = Corpus::load(&corpus_folder()).unwrap();
    let report = check::corpus(&corpus, Harness::new(subject::all().unwrap(), &corpus.divergences));
    assert_eq!(report.matrix.rows().map(|(fact, _)| fact).collect::<Vec<_>>(), Fact::ALL);
    assert_eq!(report.cases.len(), corpus.cases.len());
}

#[test]
fn k256_0_13_alone_rejects_high_s() {
    let corpus = Corpus::load(&corpus_folder()).unwrap();
    let case = corpus.cases.iter().find(|case| case.id == "high-s::simulator-root").unwrap();
    let judged =
        judge(case.asked().next().unwrap(), Harness::new(subject::all().unwrap(), &corpus.divergences));
    let outcomes: Vec<_> =
        judged.subjects.iter().map(|(name, outcome, _)| (*name, outcome.to_string())).collect();
    let root = |name| (name, "0x8f2cF602C9695b23130367ed78d8F557554de7C5".to_owned());
    let root_key = |name| {
        let key = "0x02cad3a8bb11c5c0858fb3e402048b5137457039d577986daade678ed4b4ab1b9b";
        (name, format!("0x8f2cF602C9695b23130367ed78d8F557554de7C5 (key {key})"))
    };
    assert_eq!(
        outcomes,
        [
            root_key("k256-0.14"),
            ("k256-0.13", "rejected".to_owned()),
            root_key("libsecp256k1"),
            root("revm-libsecp256k1"),
            root("revm-k256"),
            root("evm-libsecp256k1"),
            root("evm-k256"),
        ]
    );
    let documented = Verdict::Documented { divergence: "k256-0.13-rejects-high-s".into() };
    assert_eq!(judged.subjects[1].2, documented);
}

/// A copy of the corpus in which `from` became `to`, once, in one file.
fn tampered(file: &str, from: &str, to: &str) -> TempDir {
    let copy = TempDir::new().unwrap();
    copy_folder(&corpus_folder(), copy.path());
    let path = copy.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} holds {from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    copy
}

#[track_caller]
fn fails_with(corpus: &TempDir, expected: &str) {
    let failures = failures(corpus.path()).unwrap();
    assert!(failures.iter().any(|failure| failure.contains(expected)), "{expected}\nnot in {failures:#?}");
}

const SIMULATORS: &str = "fixtures/dstack-simulators.toml";

#[test]
fn a_byte_of_a_signature_matters() {
    fails_with(
        &tampered(SIMULATORS, "0x2f431c79", "0x2f431c78"),
        "EXPECTATION simulator-old::kms-issued: expected 0x8f2cF60",
    );
    let v = tampered("fixtures/ecosystems.toml", "a0291c\"", "a0291d\"");
    fails_with(
        &v,
        "the signature cannot be taken apart: a signature of the form r || s || v (27, 28) has v 27 or 28",
    );
}

/// Every byte of every fixture's signature, changed in four ways, fails: `check` looks at all of it.
#[test]
fn no_byte_of_a_fixtures_signature_is_ignored() {
    let corpus = Corpus::load(&corpus_folder()).unwrap();
    let mut flips = 0;
    for case in corpus.cases.iter().filter(|case| case.kind.is_fixture()) {
        let (wire, bytes) = case.wire.clone().unwrap();
        // A recovery id given apart is not in the bytes.
        let apart = wire.apart(0).map(|_| recovery_id(case));
        for at in [0, 1, 31, 32, 33, 63, bytes.len() - 1, bytes.len().min(65) - 1] {
            for change in [1, 4, 0x10, 0x80] {
                let mut changed = case.clone();
                let mut bytes = bytes.clone();
                bytes[at] ^= change;
                let (message, input) = (case.message.as_ref().unwrap(), wire.decode(&bytes, apart));
                changed.inputs = input.map(|signature| vec![scalar(message, signature).into()]);
                changed.wire = Some((wire, bytes));
                let report = check::cases(std::slice::from_ref(&changed), Harness::new(&[], &[]));
                assert_ne!(report.failures, [], "{}: byte {at} of the signature", case.id);
                flips += 1;
            }
        }
    }
    assert!(flips > 1_000);
}

fn recovery_id(case: &Case) -> u8 {
    match case.asked().next().unwrap() {
        Input::Scalar(scalar) => scalar.recovery_id,
        _ => panic!("a fixture is a scalar"),
    }
}

fn scalar(message: &Message, Signature { r, s, recovery_id }: Signature) -> ScalarInput {
    ScalarInput { digest: Word(message.digest.digest), r, s, recovery_id }
}

#[test]
fn what_v_says_besides_the_recovery_id_matters() {
    let chain = tampered("fixtures/ecosystems.toml", "6a3b6d8325\"", "6a3b6d83a5\"");
    fails_with(&chain, "EXPECTATION eip155::example: v says 65 besides the recovery id, expected 1");
}

#[test]
fn a_rejection_where_there_is_a_key_is_named() {
    let from = "[case.expect]\naddress = \"0x8f2cF602C9695b23130367ed78d8F557554de7C5\"\npublic_key = \"0x02cad3a8bb11c5c0858fb3e402048b5137457039d577986daade678ed4b4ab1b9b\"";
    let case = tampered("cases/high-s.toml", from, "[case.expect]\nrejected = \"s-ge-n\"");
    fails_with(
        &case,
        "EXPECTATION high-s::simulator-root: expected a rejection (s-ge-n), the reference gives 0x8f2c",
    );
}

#[test]
fn a_missing_preimage_is_named() {
    let preimage = tampered(SIMULATORS, "preimage = \"0x64737461636b2d6b6d732d6973737565643aea54", "# \"");
    fails_with(&preimage, "expected no preimage");
}

#[test]
fn an_exception_of_a_divergence_must_be_exercised_and_true() {
    let file = "divergences.toml";
    let unexercised = tampered(file, "absent = [\"r-zero\"", "absent = [\"prehash-above-32\", \"r-zero\"");
    fails_with(
        &unexercised,
        "excludes `prehash-above-32`, but no case has `prehash-above-32` together with its facts",
    );
    let too_few = tampered(file, ", \"s-ge-n\"]", "]");
    fails_with(&too_few, "FINDING recovery-id::4-s-n: revm-k256: gives rejected, but divergence");
    let too_many = tampered(file, "absent = [\"r-zero\"", "absent = [\"high-s\", \"r-zero\"");
    fails_with(&too_many, "FINDING recovery-id::4-high-s: revm-k256: gives panicked");
}

#[test]
fn a_divergence_cannot_justify_a_wrong_key() {
    let message = refusal("divergences.toml", "outcome = \"rejected\"", "outcome = \"recovered\"");
    assert!(
        message.contains("divergence `k256-0.13-rejects-high-s`: `outcome` is what the reference does"),
        "{message}"
    );
}

/// Cases are added, not taken away.
#[test]
fn the_corpus_does_not_shrink() {
    let corpus = Corpus::load(&corpus_folder()).unwrap();
    let fixtures = corpus.cases.iter().filter(|case| case.kind.is_fixture()).count();
    assert!(fixtures >= 46, "{fixtures} fixtures");
    assert!(corpus.cases.len() - fixtures >= 402, "{} cases", corpus.cases.len() - fixtures);
}

#[test]
fn a_byte_of_an_expected_address_matters() {
    let address = tampered(SIMULATORS, "0x8f2cF602", "0x8f2cF603");
    fails_with(&address, "EXPECTATION simulator-old::kms-issued: expected 0x8f2cF60");
    let checksum = tampered(SIMULATORS, "0x8f2cF602", "0x8F2cF602");
    fails_with(
        &checksum,
        "the expected address should be typed 0x8f2cF602C9695b23130367ed78d8F557554de7C5 (EIP-55)",
    );
}

#[test]
fn a_byte_of_an_expected_key_digest_or_preimage_matters() {
    fails_with(
        &tampered(SIMULATORS, "public_key = \"0x02cad3", "public_key = \"0x02cad4"),
        "expected the key 0x02cad4",
    );
    fails_with(&tampered(SIMULATORS, "digest = \"0x3c55", "digest = \"0x3c56"), "expected 0x3c56");
    fails_with(&tampered(SIMULATORS, "preimage = \"0x6473", "preimage = \"0x6474"), "expected 0x6474");
}

#[test]
fn a_changed_format_is_named() {
    let lost_separator =
        tampered("formats/dstack.toml", "\"dstack-kms-issued:\" + app_id", "\"dstack-kms-issued\" + app_id");
    fails_with(&lost_separator, "EXPECTATION simulator-old::kms-issued: dstack.kms-issued.current hashes 0x");
}

#[test]
fn a_divergence_must_be_true_and_exercised() {
    let file = "divergences.toml";
    let outcome = tampered(file, "outcome = \"rejected\"", "outcome = \"panicked\"");
    fails_with(
        &outcome,
        "FINDING high-s::simulator-root: k256-0.13: gives rejected, but divergence `k256-0.13-rejects-high-s` documents panicked",
    );
    let subject = tampered(file, "subjects = [\"k256-0.13\"]", "subjects = [\"k256-0.14\"]");
    fails_with(&subject, "FINDING high-s::simulator-root: k256-0.13: gives rejected, but 0x8f2c");
    fails_with(
        &subject,
        "DIVERGENCE k256-0.13-rejects-high-s: names k256-0.14 >=0.13, <0.14, this build has 0.14.0",
    );
    let unknown = tampered(file, "subjects = [\"k256-0.13\"]", "subjects = [\"k256-0.12\"]");
    fails_with(
        &unknown,
        "DIVERGENCE k256-0.13-rejects-high-s: there is no subject `k256-0.12` in this build",
    );
    let fact = tampered(file, "facts = [\"high-s\"]", "facts = [\"leading-zero-x\"]");
    fails_with(&fact, "k256-0.13-rejects-high-s` documents rejected");
    let never = tampered(file, "facts = [\"high-s\"]", "facts = [\"high-s\", \"s-zero\"]");
    fails_with(&never, "DIVERGENCE k256-0.13-rejects-high-s: no case in the corpus shows it of k256-0.13");
}

#[test]
fn a_claim_of_the_investigation_must_hold() {
    let written = tampered(
        "investigation.toml",
        "digest = 'keccak256(\"dstack-kms-issued:\"",
        "digest = 'keccak256(\"dstack-kms-issued\"",
    );
    fails_with(&written, "EXPECTATION Format 1: what was written gives 0x");
    let claim = tampered("investigation.toml", "0xB57e7acDB7fD", "0xB57e7acDB7fE");
    fails_with(
        &claim,
        "EXPECTATION Format 1: what was computed gives 0xB57e7acDB7fD455Ed15C8523696840CC28e616Ec, not ",
    );
}

#[test]
fn a_wrong_fact_or_reason_is_named() {
    let fact = tampered("cases/high-s.toml", "facts = [\"high-s\"]", "facts = [\"r-zero\"]");
    fails_with(&fact, "EXPECTATION high-s::simulator-root: expected the fact `r-zero`, the input has high-s");
    let reason = tampered("cases/scalar-range.toml", "rejected = \"r-zero\"", "rejected = \"s-zero\"");
    fails_with(&reason, "expected a rejection (s-zero), the reference gives rejected (r-zero)");
}

#[test]
fn what_the_corpus_covers_is_checked() {
    let copy = tampered("cases/ordinary.toml", "[[case]]", "[[case]]");
    for file in
        ["off-curve.toml", "x-reduced.toml", "leading-zeros.toml", "final-addition.toml", "scalar-range.toml"]
    {
        fs::remove_file(copy.path().join("cases").join(file)).unwrap();
    }
    fs::remove_file(copy.path().join("fixtures/ecosystems.toml")).unwrap();
    fails_with(&copy, "COVERAGE leading-zero-y: no case has this fact");
    fails_with(&copy, "COVERAGE safe.eth-sign: no fixture or case uses this format");
}

/// What a corpus that cannot be understood says, after its folder's name.
fn refusal(file: &str, from: &str, to: &str) -> String {
    let corpus = tampered(file, from, to);
    let error = Corpus::load(corpus.path()).unwrap_err().to_string();
    assert_eq!(error.lines().count(), 1, "one line: {error}");
    error.strip_prefix(&format!("{}/", corpus.path().display())).unwrap_or(&error).to_owned()
}

#[test]
fn files_that_cannot_be_understood_are_refused_with_a_place() {
    let case = |from, to| refusal("cases/high-s.toml", from, to);
    assert_eq!(
        case("about =", "abuot ="),
        "cases/high-s.toml:9: unknown field `abuot`, expected one of `id`, `about`, `source`, `facts`, `digest`, `format`, `fields`, `prehash`, `calldata`, `gas`, `r`, `s`, `recovery_id`, `signature`, `wire`, `expect`"
    );
    assert!(
        case("digest = \"0x3c", "digest = \"0x")
            .starts_with("cases/high-s.toml:12: expected 32 bytes (64 hex digits), found 31")
    );
    assert!(
        case("digest = \"0x3c", "digest = \"0X3c")
            .starts_with("cases/high-s.toml:12: expected hex digits, found 'X' at character 2")
    );
    assert!(case("recovery_id = 0", "recovery_id = 256").starts_with("cases/high-s.toml:15: "));
    assert!(
        case("\"high-s\"]", "\"high-t\"]")
            .starts_with("cases/high-s.toml:11: unknown fact `high-t`; did you mean `high-s`?")
    );
    assert!(case("[[case]]", "[[case]").starts_with("cases/high-s.toml:7: "));
    assert_eq!(
        case("r = \"0x2f", "#"),
        "cases/high-s.toml:8: `high-s::simulator-root`: expected either `r`, `s` and `recovery_id`, or `signature` and `wire`"
    );
    assert!(
        case("high-s::simulator-root-parity-kept", "high-s::simulator-root")
            .contains("the id `high-s::simulator-root` is taken by the case at ")
    );
    assert!(case("high-s::simulator-root\"", "High-S\"").contains("expected an id, group::name"));

    let format = |from, to| refusal("formats/dstack.toml", from, to);
    assert!(format("keccak256(\"dstack-kms-issued:\" + app_id", "keccak265(\"dstack-kms-issued:\" + app_id").contains(
        "format `dstack.kms-issued.current`: at character 1: unknown function `keccak265`; did you mean `keccak256`?"
    ));
    assert!(
        format("+ app_id +", "+ app_idd +").contains("uses but does not declare the field `app_idd`")
            || format("+ app_id +", "+ app_idd +").contains("declares but does not use the field `app_id`")
    );

    let fixture = |from, to| refusal(SIMULATORS, from, to);
    assert!(
        fixture("app_id = \"0xea", "app_id = \"0x").contains("field `app_id`: expected 20 bytes, found 19")
    );
    assert!(
        fixture("app_id = \"0xea", "app_ids = \"0xea")
            .contains("unknown field `app_ids`; did you mean `app_id`?")
    );
    assert!(
        fixture("\"dstack.kms-issued.current\"", "\"dstack.kms-issued.curent\"")
            .contains("unknown format `dstack.kms-issued.curent`; did you mean `dstack.kms-issued.current`?")
    );
}
