//! Vectors of other projects: each suite read from a small file in its form, with values that the corpus has typed;
//! what is wrong in them fails, and what is no such file is one line.

use std::fs;
use std::path::PathBuf;

use ecrecheck::corpus::{Formats, Vectors, load_vectors};
use ecrecheck::input::ScalarInput;
use ecrecheck::input::bytes::Word;
use ecrecheck::input::hash::keccak256;
use ecrecheck::input::key::PublicKey;
use ecrecheck::judge::Harness;
use ecrecheck::run::check;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{refuses, run, succeeds};

/// A TRON transaction, signed over its SHA-256: the corpus's `tron::transaction`, recovery id 0.
const TRON: &str = "0a027b3b2208b21ace8d6ac20e7e40d8abb9bae62c5a67080112630a2d747970652e676f6f676c65617069732e636f6d2f70726f746f636f6c2e5472616e73666572436f6e747261637412320a15415cd0fb0ab3ce40f3051414c604b27756e69e43db121541521ea197907927725ef36d70f25f850d1659c7c71880897a70d889a4a9e62c";
const TRON_R: &str = "ede769f6df28aefe6a846be169958c155e23e7e5c9621d2e8dce1719b4d952b6";
const TRON_S: &str = "3e8a8bf9f00e41204ac1bf69b1a663dacdf764367e48e4a5afcd6b055a747fb2";
/// n minus the s above.
const TRON_HIGH_S: &str = "c17574060ff1bedfb53e40964e599c23ecb778b030ffbb961004f38775c1c18f";
const TRON_KEY: &str = "031f3ea174cafbe4e8f21893d0c4604ff79e2539c91fd2419e0b347a61a5020a06";
/// EIP-155's example, signed over its Keccak-256: the corpus's `eip155::example`, recovery id 0.
const EIP155: &str =
    "ec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080018080";
const EIP155_DIGEST: &str = "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53";
const EIP155_R: &str = "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276";
const EIP155_S: &str = "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";
const EIP155_KEY: &str = "024bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382";
const EIP155_ADDRESS: &str = "9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";

fn uncompressed(key: &str) -> String {
    let key: PublicKey = key.parse().unwrap();
    const_hex::encode(key.uncompressed())
}

/// r and s in DER; a number of 32 bytes whose first bit is set gets a zero in front.
fn der(r: &str, s: &str) -> String {
    let integer = |digits: &str| {
        let digits = if digits.as_bytes()[0] >= b'8' { format!("00{digits}") } else { digits.to_owned() };
        format!("02{:02x}{digits}", digits.len() / 2)
    };
    let integers = integer(r) + &integer(s);
    format!("30{:02x}{integers}", integers.len() / 2)
}

/// A file of vectors in a folder of its own.
struct File(TempDir);

impl File {
    fn new(text: &str) -> Self {
        Self::named("vectors.json", text)
    }

    fn named(name: &str, text: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        Self(folder)
    }

    fn path(&self) -> PathBuf {
        fs::read_dir(self.0.path()).unwrap().next().unwrap().unwrap().path()
    }

    fn load(&self) -> Result<Vectors, String> {
        load_vectors(&[self.path()], Formats::built_in()).map_err(|error| {
            let text = error.to_string();
            assert_eq!(text.lines().count(), 1, "{text}");
            text.replace(&format!("{}/", self.0.path().display()), "")
        })
    }
}

/// What a check of these vectors says: of each that fails its name and what is wrong, and how many are not said.
#[track_caller]
fn said(file: &Value) -> (Vec<String>, usize) {
    let file = File::new(&file.to_string());
    let vectors = file.load().unwrap();
    let report = check::vectors(&vectors, Harness::new(&[], &[]));
    let failures = report.failures.iter().map(|failure| {
        let place = failure.place.as_ref().unwrap().to_string();
        format!("{}: {}", place.split_once(".json: ").unwrap().1, failure.what)
    });
    (failures.collect(), vectors.unsaid.len())
}

#[track_caller]
fn holds(file: &Value) {
    assert_eq!(said(file), (Vec::new(), 0), "{file:#}");
}

/// The one vector fails, by this name, for this reason.
#[track_caller]
fn fails(file: &Value, name: &str, why: &str) {
    let (failures, unsaid) = said(file);
    assert_eq!((failures.len(), unsaid), (1, 0), "{failures:?}");
    assert!(failures[0].starts_with(name), "{}", failures[0]);
    assert!(failures[0].contains(why), "{}", failures[0]);
}

#[track_caller]
fn refused(text: &str) -> String {
    File::new(text).load().map(|vectors| vectors.cases.len()).expect_err("a file that cannot be read")
}

/// A Wycheproof file with one group of this type and one test over the TRON transaction.
fn wycheproof(kind: &str, sig: &str, result: &str, flags: &[&str]) -> Value {
    json!({
        "algorithm": "ECDSA", "schema": "ecdsa_verify_schema_v1.json", "numberOfTests": 1, "header": [], "notes": {},
        "testGroups": [{
            "type": kind, "source": {"name": "by hand", "version": "1"}, "sha": "SHA-256",
            "publicKey": {"type": "EcPublicKey", "curve": "secp256k1", "keySize": 256, "uncompressed": uncompressed(TRON_KEY), "wx": "", "wy": ""},
            "tests": [{"tcId": 7, "comment": "a test", "flags": flags, "msg": TRON, "sig": sig, "result": result}],
        }],
    })
}

fn changed(mut file: Value, pointer: &str, to: impl Into<Value>) -> Value {
    *file.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = to.into();
    file
}

const TEST: &str = "/testGroups/0/tests/0";
const GROUP_KEY: &str = "/testGroups/0/publicKey/uncompressed";

#[test]
fn a_valid_wycheproof_vector_is_recovered_under_exactly_one_id_and_an_invalid_one_under_none() {
    let (good, plain) = (der(TRON_R, TRON_S), format!("{TRON_R}{TRON_S}"));
    let other_message = |file| changed(file, &format!("{TEST}/msg"), "00");
    for (kind, sig) in [("EcdsaVerify", &good), ("EcdsaBitcoinVerify", &good), ("EcdsaP1363Verify", &plain)] {
        let (valid, invalid) =
            (wycheproof(kind, sig, "valid", &[]), wycheproof(kind, sig, "invalid", &["Flag"]));
        holds(&valid);
        fails(&other_message(valid.clone()), "tcId 7 (a test)", "expected the key 0x031f3ea174cafb");
        fails(
            &changed(valid, GROUP_KEY, uncompressed(EIP155_KEY)),
            "tcId 7 (a test)",
            "under one recovery id",
        );
        holds(&other_message(invalid.clone()));
        fails(&invalid, "tcId 7 (a test; Flag)", "expected anything but the key 0x031f3ea174cafb");
    }
    // The other s recovers as well, under the other id.
    holds(&wycheproof("EcdsaVerify", &der(TRON_R, TRON_HIGH_S), "valid", &[]));
}

#[test]
fn bytes_that_are_no_signature_are_invalid_and_never_valid() {
    let good = der(TRON_R, TRON_S);
    let ber = good.replacen("30", "3081", 1);
    for (kind, sig) in [
        ("EcdsaVerify", String::new()),
        ("EcdsaVerify", good[..good.len() - 2].to_owned()),
        ("EcdsaVerify", ber),
        ("EcdsaVerify", good.replacen("022100", "0220", 1)),
        ("EcdsaP1363Verify", format!("{TRON_R}{TRON_S}00")),
        ("EcdsaP1363Verify", good),
    ] {
        holds(&wycheproof(kind, &sig, "invalid", &["InvalidEncoding"]));
        fails(&wycheproof(kind, &sig, "valid", &[]), "tcId 7", "the signature cannot be taken apart");
    }
}

#[test]
fn what_bitcoin_refuses_for_its_high_s_recovers_all_the_same() {
    let high = der(TRON_R, TRON_HIGH_S);
    let flagged = wycheproof("EcdsaBitcoinVerify", &high, "invalid", &["SignatureMalleabilityBitcoin"]);
    holds(&flagged);
    let edge = wycheproof("EcdsaBitcoinVerify", &high, "invalid", &["ArithmeticError"]);
    let named = changed(edge.clone(), &format!("{TEST}/comment"), "edge case for signature malleability");
    holds(&named);
    // Without either, or in a file that is not Bitcoin's, it is a signature that verifies.
    fails(&edge, "tcId 7", "expected anything but the key");
    fails(&changed(named, "/testGroups/0/type", "EcdsaVerify"), "tcId 7", "expected anything but the key");
    // The flag stands on a signature whose s is low, or that does not verify.
    let low = changed(flagged.clone(), &format!("{TEST}/sig"), der(TRON_R, TRON_S));
    fails(&low, "tcId 7", "expected the fact `high-s`");
    let (failures, _) = said(&changed(flagged, &format!("{TEST}/msg"), "00"));
    assert!(failures[0].contains("expected the key"), "{failures:?}");
}

#[test]
fn files_of_before_2023_are_read_and_what_is_acceptable_is_not_said() {
    let mut old = wycheproof("EcdsaVerify", &der(TRON_R, TRON_S), "valid", &[]);
    let group = old.pointer_mut("/testGroups/0").unwrap().as_object_mut().unwrap();
    let key = group.remove("publicKey").unwrap();
    group.insert("key".into(), key);
    holds(&old);
    let mut two = wycheproof("EcdsaVerify", &der(TRON_R, TRON_S), "valid", &[]);
    let tests = two.pointer_mut("/testGroups/0/tests").unwrap().as_array_mut().unwrap();
    tests.push(json!({"tcId": 8, "comment": "", "flags": [], "msg": "", "sig": "", "result": "acceptable"}));
    let two = changed(two, "/numberOfTests", 2);
    assert_eq!(said(&two), (Vec::new(), 1));
    let file = File::new(&two.to_string());
    let unsaid = file.load().unwrap().unsaid.remove(0);
    assert_eq!(unsaid.reason, "the result `acceptable` is none");
    assert!(unsaid.place.to_string().ends_with("vectors.json: tcId 8"), "{}", unsaid.place);
    // Nothing but what cannot be said is nothing.
    let none = refused(&wycheproof("EcdsaVerify", "", "acceptable", &[]).to_string());
    assert!(none.starts_with("vectors.json: no vector that can be said, such as "), "{none}");
}

/// The group of recovery that we export.
fn recovery(key: &str, result: &str) -> Value {
    json!({
        "algorithm": "ECDSA", "schema": "ecdsa_recover_schema_v1.json", "numberOfTests": 1, "header": [], "notes": {},
        "testGroups": [{
            "type": "EcdsaRecover", "source": {"name": "by hand", "version": "1"}, "curve": "secp256k1",
            "tests": [{"tcId": 1, "comment": "a test", "flags": ["Ordinary"], "digest": EIP155_DIGEST, "r": EIP155_R,
                "s": EIP155_S, "recoveryId": 0, "publicKey": key, "result": result}],
        }],
    })
}

#[test]
fn a_wycheproof_group_of_recovery_has_one_id() {
    let valid = recovery(&uncompressed(EIP155_KEY), "valid");
    holds(&valid);
    fails(
        &changed(valid.clone(), &format!("{TEST}/recoveryId"), 1),
        "tcId 1",
        "expected the key 0x024bc2a31265",
    );
    fails(
        &changed(valid.clone(), &format!("{TEST}/flags/0"), "HighS"),
        "tcId 1",
        "expected the fact `high-s`",
    );
    let flagged = changed(valid.clone(), &format!("{TEST}/flags/0"), "HighSS");
    assert!(refused(&flagged.to_string()).ends_with("tests[0]: the flag HighSS is no fact and has no note"));
    holds(&changed(flagged, "/notes", json!({"HighSS": {"bugType": "UNKNOWN"}})));
    let invalid = recovery("", "invalid");
    fails(&invalid, "tcId 1", "expected a rejection, the reference gives 0x9d8A62");
    holds(&changed(
        changed(invalid, &format!("{TEST}/r"), "00".repeat(32)),
        &format!("{TEST}/flags/0"),
        "RZero",
    ));
    assert!(
        refused(&changed(valid, &format!("{TEST}/result"), "invalid").to_string())
            .contains("expected no key")
    );
}

/// A Rooterberg file with one test, over EIP-155's example.
fn rooterberg(encoding: &str, sig: impl Into<Value>, valid: bool) -> Value {
    json!({
        "testType": "EcdsaVerify",
        "algorithm": {"algorithmType": "Ecdsa", "curve": "secp256k1", "sha": "KECCAK256", "encoding": encoding, "normalize": false, "signatureGeneration": "Generic"},
        "version": "0.65", "description": [], "numTests": 1, "references": [], "notes": {},
        "tests": [{"tcId": 3, "publicKeyUncompressed": uncompressed(EIP155_KEY), "publicKeyCompressed": EIP155_KEY, "msg": EIP155,
            "sig": sig.into(), "comment": "a test", "valid": valid, "flags": ["Flag"]}],
    })
}

#[test]
fn each_encoding_of_rooterberg_is_read() {
    let rs = format!("{EIP155_R}{EIP155_S}");
    let raw = |id: u8| json!({"r": EIP155_R, "s": EIP155_S, "id": id});
    let right: [(&str, Value, Value); 5] = [
        ("RAW", raw(0), raw(1)),
        ("ETHEREUM_MAIN", format!("25{rs}").into(), format!("26{rs}").into()),
        ("BITCOIN", format!("1b{rs}").into(), format!("1c{rs}").into()),
        ("P1363", rs.clone().into(), format!("{EIP155_S}{EIP155_R}").into()),
        ("DER", der(EIP155_R, EIP155_S).into(), der(EIP155_S, EIP155_R).into()),
    ];
    for (encoding, sig, other) in right {
        holds(&rooterberg(encoding, sig.clone(), true));
        fails(&rooterberg(encoding, sig, false), "tcId 3 (a test; Flag)", "expected anything but the key");
        holds(&rooterberg(encoding, other.clone(), false));
        fails(&rooterberg(encoding, other, true), "tcId 3", "expected the key 0x024bc2a31265153f");
    }
    // DER in place of either: as long as r, s and a long v.
    for encoding in ["ETHEREUM_MAIN", "BITCOIN", "P1363"] {
        holds(&rooterberg(encoding, der(EIP155_R, EIP155_S), false));
    }
    let another_chain = rooterberg("ETHEREUM_MAIN", format!("2b{rs}"), true);
    assert!(
        refused(&another_chain.to_string()).ends_with("v is of chain 4, where ETHEREUM_MAIN is of chain 1")
    );
}

/// 39 and 40 are v of chain 1 with recovery ids 2 and 3 there, and of chain 2 with 0 and 1 in EIP-155.
#[test]
fn ethereum_main_has_four_recovery_ids() {
    let word = |number: u8| {
        let mut word = Word([0; 32]);
        word.0[31] = number;
        word
    };
    let input = ScalarInput { digest: Word(keccak256(b"reduced")), r: word(4), s: word(1), recovery_id: 2 };
    let key = PublicKey::from_point(input.recover_by_reference().unwrap().q).unwrap();
    let file = rooterberg("ETHEREUM_MAIN", format!("27{}{}", word(4), word(1)).replace("0x", ""), true);
    let file = changed(file, "/tests/0/msg", const_hex::encode("reduced"));
    let file = changed(file, "/tests/0/publicKeyUncompressed", const_hex::encode(key.uncompressed()));
    holds(&file);
    let odd = file.to_string().replacen("\"27", "\"28", 1);
    fails(&serde_json::from_str(&odd).unwrap(), "tcId 3", "expected the key");
}

#[test]
fn where_a_file_normalizes_a_high_s_is_invalid_and_recovers() {
    let high_s = "983416276680";
    let n_minus_s = const_hex::encode(
        (ecrecheck::reference::SECP256K1.n - Word(const_hex::decode_to_array(EIP155_S).unwrap()).number())
            .to_be_bytes::<32>(),
    );
    assert!(n_minus_s.starts_with(high_s));
    let file = rooterberg("RAW", json!({"r": EIP155_R, "s": format!("00{n_minus_s}"), "id": 1}), false);
    let flagged = changed(file.clone(), "/tests/0/flags/0", "SignatureNotNormalized");
    fails(&flagged, "tcId 3", "expected anything but the key");
    let normalized = changed(flagged, "/algorithm/normalize", true);
    holds(&normalized);
    fails(&changed(normalized, "/tests/0/sig/id", 0), "tcId 3", "expected the key");
    fails(&changed(file, "/algorithm/normalize", true), "tcId 3", "expected anything but the key");
}

#[test]
fn numbers_that_no_surface_takes_are_not_said() {
    let mut file = rooterberg("RAW", json!({"r": EIP155_R, "s": EIP155_S, "id": 0}), true);
    let test = file.pointer("/tests/0").unwrap().clone();
    let tests = file.pointer_mut("/tests").unwrap().as_array_mut().unwrap();
    for (number, (r, s)) in
        (4..).zip([("ff", "01"), ("01", "8001"), ("01", &"11".repeat(33)[..]), ("", "01")])
    {
        let mut test = test.clone();
        test["tcId"] = number.into();
        test["sig"] = json!({"r": r, "s": s, "id": 0});
        tests.push(test);
    }
    let file = changed(file, "/numTests", 5);
    let vectors = File::new(&file.to_string()).load().unwrap();
    let reasons: Vec<_> = vectors.unsaid.iter().map(|unsaid| unsaid.reason.as_str()).collect();
    assert_eq!(reasons, ["r is negative", "s is negative", "s has more than 32 bytes", "r has no digits"]);
    assert_eq!(vectors.cases.len(), 1);
}

/// The private key of EIP-155's example is 0x46…46.
#[test]
fn a_signature_that_rooterberg_asks_for_recovers_to_its_private_key() {
    let mut file = rooterberg("P1363", format!("{EIP155_R}{EIP155_S}"), true);
    file["testType"] = "EcdsaSign".into();
    let test = file.pointer_mut("/tests/0").unwrap().as_object_mut().unwrap();
    test.retain(|name, _| {
        !["publicKeyUncompressed", "publicKeyCompressed", "valid"].contains(&name.as_str())
    });
    test.insert("privateKey".into(), "46".repeat(32).into());
    holds(&file);
    fails(&changed(file.clone(), "/tests/0/privateKey", "47".repeat(32)), "tcId 3", "expected the key");
    let zero = refused(&changed(file, "/tests/0/privateKey", "00").to_string());
    assert_eq!(zero, "vectors.json: Rooterberg: tests[0].privateKey: expected a number from 1 to n - 1");
}

fn call(v: &str) -> String {
    format!("{EIP155_DIGEST}{v:0>64}{EIP155_R}{EIP155_S}")
}

fn geth(input: &str, expected: &str) -> Value {
    json!([{"Input": input, "Expected": expected, "Name": "Call-1", "Gas": 3000, "NoBenchmark": false}])
}

#[test]
fn a_precompile_test_expects_an_address_or_nothing() {
    let address = format!("{EIP155_ADDRESS:0>64}");
    holds(&geth(&call("1b"), &address));
    holds(&geth(&call("1d"), ""));
    fails(
        &geth(&call("1c"), &address),
        "Call-1",
        "expected 0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F, the reference gives",
    );
    fails(&geth(&call("1b"), ""), "Call-1", "expected a rejection, the reference gives 0x9d8A62");
    // Nimbus has the same in an object.
    holds(&json!({"func": "ecrecover", "fork": "byzantium", "data": geth(&call("1b"), &address)}));
    assert_eq!(
        refused(&json!({"func": "sha256", "data": geth(&call("1b"), &address)}).to_string()),
        "vectors.json: geth's precompile tests: func: expected ecrecover, found sha256"
    );
    let dear = changed(geth(&call("1b"), &address), "/0/Gas", 2999);
    assert!(refused(&dear.to_string()).ends_with("a call that costs 2999 gas: ecrecover costs 3000"));
}

#[test]
fn other_precompiles_are_not_taken_for_ecrecover() {
    let ripemd = const_hex::encode(ecrecheck::input::hash::ripemd160(b"abc"));
    for (input, expected) in [
        ("00".repeat(160), format!("{:0>64}", "1")), // P256VERIFY
        ("61".repeat(3), "ff".repeat(32)),           // SHA-256, say
        ("616263".to_owned(), format!("{ripemd:0>64}")),
        ("00".repeat(213), "11".repeat(64)), // BLAKE2F
    ] {
        let says = refused(&geth(&input, &expected).to_string());
        assert!(says.starts_with("vectors.json: geth's precompile tests: [0].Expected: "), "{says}");
        assert!(says.ends_with(", which ecrecover does not return"), "{says}");
    }
}

/// A state test: code that fills memory, calls and stores, and the storage of slots 0 to 2 afterwards.
fn state_test(v: &str, stored: [&str; 3]) -> Value {
    let word = |value: &str, at: &str| format!("7f{value:0>64}60{at}52");
    let code = [
        word(EIP155_DIGEST, "00"),
        word(v, "20"),
        word(EIP155_R, "40"),
        word(EIP155_S, "60"),
        word(&"ff".repeat(32), "80"),
        word(&"ff".repeat(32), "a0"),
        // slot 0 = call(3000, 1, 0, 0, 128, 128, 64); slots 1 and 2 = the window
        "604060806080600060006001610bb8f1600055".to_owned(),
        "608051600155".to_owned(),
        "60a05160025500".to_owned(),
    ];
    let account = |storage: Value| json!({"nonce": "0x01", "balance": "0x00", "code": format!("0x{}", code.concat()), "storage": storage});
    let after = json!({"0x00": stored[0], "0x01": stored[1], "0x02": stored[2]});
    json!({"a test": {
        "env": {}, "config": {"chainid": "0x01"},
        "pre": {"0x1000": account(json!({"0x00": "0xdeadbeef"}))},
        "transaction": {"data": ["0x"], "gasLimit": ["0x0f4240"], "value": ["0x00"], "to": "0x1000"},
        "post": {"Cancun": [{"indexes": {"data": 0, "gas": 0, "value": 0}, "hash": "0x00", "logs": "0x00", "state": {"0x1000": account(after)}}]},
    }})
}

#[test]
fn straight_code_of_a_state_test_is_read_with_the_storage_that_it_leaves() {
    let (sentinel, address) = (format!("0x{}", "ff".repeat(32)), format!("0x{EIP155_ADDRESS}"));
    holds(&state_test("1b", ["0x01", &address, &sentinel]));
    holds(&state_test("1d", ["0x01", &sentinel, &sentinel]));
    fails(
        &state_test("1c", ["0x01", &address, &sentinel]),
        "a test",
        "expected 0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F",
    );
    fails(
        &state_test("1b", ["0x01", &sentinel, &sentinel]),
        "a test",
        "expected a rejection, the reference gives",
    );
    fails(&state_test("1b", ["0x00", &sentinel, &sentinel]), "a test", "expected a rejection (out-of-gas)");
    let reason = |file: &Value| refused(&file.to_string());
    let more = state_test("1b", ["0x01", &address, "0x05"]);
    assert!(reason(&more).ends_with("a test: more than a word is expected in the call's window"));
    // Of two forks, the one that says nothing is the reason.
    let mut forks = state_test("1b", ["0x01", &address, &sentinel]);
    let post = forks.pointer_mut("/a test/post").unwrap().as_object_mut().unwrap();
    let mut other = post["Cancun"].clone();
    post.insert("Prague".into(), other.clone());
    holds(&forks);
    other[0]["state"]["0x1000"]["storage"]["0x01"] = json!(sentinel);
    forks["a test"]["post"]["Prague"] = other.clone();
    assert!(reason(&forks).ends_with("a test: forks differ in what they expect"));
    other[0].as_object_mut().unwrap().remove("state");
    for fork in ["Prague", "Cancun"] {
        let one = changed(forks.clone(), &format!("/a test/post/{fork}"), other.clone());
        assert!(reason(&one).ends_with("a test: the file has the state's root alone, not the storage"));
    }
    let root =
        state_test("1b", ["0x01", &address, &sentinel]).to_string().replace("\"state\"", "\"txbytes\"");
    assert!(refused(&root).ends_with("a test: the file has the state's root alone, not the storage"));
    let balance = state_test("1b", ["0x01", &address, &sentinel]).to_string().replace("600055", "310055");
    assert!(refused(&balance).ends_with("a test: the code does more than call and store (opcode 0x31)"));
}

/// The proxy of our own export: the calldata is the transaction's, the gas stands in slot 7.
#[test]
fn a_proxy_of_our_export_stores_what_it_saw() {
    let code = format!("0x{}", const_hex::encode(ecrecheck::corpus::proxy::code()));
    let (address, sentinel) = (format!("0x{EIP155_ADDRESS}"), format!("0x{}", "ff".repeat(32)));
    let proxy = |v: &str, slots: &[(&str, &str)]| {
        // Of every call: the gas that it took, and was given; the window's second word.
        let always = [("0x02", "0x0bb8"), ("0x04", &sentinel), ("0x07", "0x0bb8")];
        let storage: serde_json::Map<_, _> = always
            .iter()
            .chain(slots)
            .map(|(slot, value)| ((*slot).to_owned(), Value::from(*value)))
            .collect();
        let account =
            |storage: Value| json!({"nonce": "0x01", "balance": "0x00", "code": code, "storage": storage});
        json!({"ordinary::a": {
            "_info": {"comment": "", "generatedBy": "ecrecheck 0.1.0", "source": "", "facts": []},
            "env": {}, "config": {"chainid": "0x01"}, "pre": {"0xec0de": account(json!({"0x07": "0x0bb8"}))},
            "transaction": {"data": [format!("0x{}", call(v))], "gasLimit": ["0x0f4240"], "value": ["0x00"], "to": "0xec0de"},
            "post": {"Prague": [{"indexes": {"data": 0, "gas": 0, "value": 0}, "hash": "0x00", "logs": "0x00", "state": {"0xec0de": account(Value::Object(storage))}}]},
        }})
    };
    let returned = [("0x00", "0x01"), ("0x01", "0x20"), ("0x03", &*address), ("0x05", &*address)];
    let nothing = [("0x00", "0x01"), ("0x03", &*sentinel)];
    holds(&proxy("1b", &returned));
    fails(&proxy("1c", &returned), "ordinary::a", "expected 0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F");
    holds(&proxy("1d", &nothing));
    fails(&proxy("1b", &nothing), "ordinary::a", "expected a rejection");
    fails(&proxy("1b", &nothing[1..]), "ordinary::a", "expected a rejection (out-of-gas)");
    // No call leaves another value in any slot, or one in another.
    for slot in ["0x00", "0x01", "0x02", "0x03", "0x04", "0x05", "0x06", "0x07", "0x09"] {
        let says = refused(&proxy("1b", &[&returned[..], &[(slot, "0x05")]].concat()).to_string());
        assert!(says.contains("the slots of the proxy say nothing that a call can do"), "{slot}: {says}");
    }
    let other = proxy("1b", &returned).to_string().replace(&code, "0x00");
    assert!(refused(&other).contains("no vector that can be said"), "{}", refused(&other));
}

#[test]
fn our_own_export_is_read_back() {
    let case = |input: Value, expect: Value, facts: &[&str]| {
        json!({"schema": "https://github.com/ecrecheck/ecrecheck/docs/vectors.schema.json", "version": 1, "ecrecheck": "0.1.0",
            "divergences": {}, "cases": [{"id": "a::b", "comment": "a test", "origin": "made", "source": "", "input": input, "expect": expect, "facts": facts}]})
    };
    let scalar = |id: u8| json!({"surface": "scalar", "digest": format!("0x{EIP155_DIGEST}"), "r": format!("0x{EIP155_R}"), "s": format!("0x{EIP155_S}"), "recovery_id": id});
    let key = json!({"address": "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F", "public_key": format!("0x{EIP155_KEY}")});
    holds(&case(scalar(0), key.clone(), &["ordinary"]));
    holds(&case(
        json!({"surface": "call", "calldata": format!("0x{}", call("1b")), "gas": 3000}),
        key.clone(),
        &["gas-exact"],
    ));
    holds(&case(
        json!({"surface": "call", "calldata": "0x", "gas": 2999}),
        json!({"rejected": "out-of-gas"}),
        &["gas-short"],
    ));
    let prehash = json!({"surface": "prehash", "prehash": format!("0x{EIP155_DIGEST}00"), "r": format!("0x{EIP155_R}"), "s": format!("0x{EIP155_S}"), "recovery_id": 0});
    holds(&case(prehash, key.clone(), &["prehash-above-32"]));
    fails(
        &case(scalar(1), key.clone(), &["ordinary"]),
        "a::b (a test)",
        "expected 0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F",
    );
    fails(&case(scalar(0), key.clone(), &["high-s"]), "a::b", "expected the fact `high-s`");
    fails(
        &case(scalar(0), json!({"rejected": "r-zero"}), &["ordinary"]),
        "a::b",
        "expected a rejection (r-zero)",
    );
    let newer = changed(case(scalar(0), key.clone(), &["ordinary"]), "/version", 2);
    assert_eq!(refused(&newer.to_string()), "vectors.json: ecrecheck's export: version: expected 1, found 2");
    // What is no part of the question is held to the form all the same.
    let says = |file: Value| refused(&file.to_string()).replace("vectors.json: ecrecheck's export: ", "");
    let good = case(scalar(0), key, &["ordinary"]);
    assert_eq!(says(changed(good.clone(), "/version", 0)), "version: expected 1, found 0");
    assert!(says(changed(good.clone(), "/schema", "mine")).starts_with("schema: expected https://"));
    assert!(
        says(changed(good.clone(), "/cases/0/origin", "found"))
            .starts_with("cases[0].origin: unknown variant")
    );
    let with = |place: &str, name: &str, value: Value| {
        let mut file = good.clone();
        file.pointer_mut(place).unwrap().as_object_mut().unwrap().insert(name.to_owned(), value);
        says(file)
    };
    assert_eq!(with("/cases/0", "commend", json!("")), "cases[0]: unknown field `commend`");
    assert_eq!(with("/cases/0/input", "v", json!(27)), "cases[0].input: unknown field `v`");
    assert_eq!(with("/cases/0/expect", "digest", json!("")), "cases[0].expect: unknown field `digest`");
    assert!(with("/cases/0", "message", json!({"expression": 1})).starts_with("cases[0].message: "));
    assert!(
        with("/cases/0", "signature", json!({"wire": "rsv", "bytes": "0x"}))
            .starts_with("cases[0].signature: ")
    );
    let nobody = json!([{"subject": "k256", "outcome": "rejected", "divergence": "k256-none"}]);
    assert_eq!(
        with("/cases/0", "deviations", nobody),
        "cases[0].deviations[0].divergence: `divergences` has no k256-none"
    );
    assert_eq!(
        with("", "divergences", json!({"k256-none": {"why": "a", "link": "b"}})),
        "divergences.k256-none: expected the field `versions`"
    );
    assert_eq!(with("", "$schema", json!("https://json-schema.org/")), "unknown field `$schema`");
    for id in ["a b", "a", "a::", "A::b", "a::b::c", "..::b", "a::-b"] {
        assert_eq!(
            with("/cases/0", "id", json!(id)),
            format!(
                "cases[0].id: expected an id, group::name of lowercase letters, digits, `-` and `.`, found `{id}`"
            )
        );
    }
}

/// What a suite calls a vector is its id where it is one, whatever the file's name is.
#[test]
fn an_id_stays_as_it_is() {
    let ids = |file: &Value| -> Vec<String> {
        File::new(&file.to_string()).load().unwrap().cases.into_iter().map(|case| case.id).collect()
    };
    let address = format!("{EIP155_ADDRESS:0>64}");
    let named = |name: &str| changed(geth(&call("1b"), &address), "/0/Name", name);
    assert_eq!(ids(&named("x::y-z")), ["x::y-z"]);
    assert_eq!(ids(&named("x-y::z")), ["x-y::z"]);
    assert_eq!(ids(&named("X::Y z")), ["vectors::1-x-y-z"]);
    // The parts of an id are names of files in an export.
    assert_eq!(ids(&named("..::x")), ["vectors::1-..-x"]);
    let file = File::named("...json", &named("a").to_string());
    assert_eq!(file.load().unwrap().cases[0].id, "vectors::1-a");
}

#[test]
fn a_field_that_is_there_twice_is_refused() {
    let good = wycheproof("EcdsaVerify", &der(TRON_R, TRON_S), "valid", &[]).to_string();
    let twice = good.replacen("\"result\":\"valid\"", "\"result\":\"invalid\",\n\"result\":\"valid\"", 1);
    assert_ne!(twice, good);
    let says = refused(&twice);
    assert_eq!(says, "vectors.json:2: no JSON: the field `result` for the second time at column 8");
}

/// One that comes with a suite holds no vectors. A suite's own file is one whatever else it names.
#[test]
fn a_json_schema_is_left_out_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, file: Value| fs::write(folder.path().join(name), file.to_string()).unwrap();
    let load = || load_vectors(&[folder.path().to_owned()], Formats::built_in());
    let good = wycheproof("EcdsaVerify", &der(TRON_R, TRON_S), "valid", &[]);
    write("good.json", good.clone());
    write("schema.json", json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}));
    assert_eq!(load().unwrap().cases.len(), 1);
    let mut named = good;
    named["$schema"] = "https://json-schema.org/draft-07/schema#".into();
    write("named.json", named);
    assert_eq!(load().unwrap().cases.len(), 2);
    write("other.json", json!({"$schema": "x"}));
    let says = load().unwrap_err().to_string();
    assert!(says.contains("other.json: vectors of no known suite"), "{says}");
}

/// Names and comments are shown in reports: nothing of them ends a line or changes the order of what stands there.
#[test]
fn what_a_suite_calls_a_vector_is_one_line() {
    let name = "a\nb\u{1b}c\u{2028}d\u{202e}e\u{feff}é";
    let file = changed(geth(&call("1b"), ""), "/0/Name", name);
    fails(&file, "a b c d e é: ", "expected a rejection");
}

/// What is no file of a suite: one line that says where.
#[test]
fn bad_files_are_one_line_with_the_place() {
    let good = wycheproof("EcdsaVerify", &der(TRON_R, TRON_S), "valid", &[]);
    let says = |file: Value| refused(&file.to_string()).replace("vectors.json: Wycheproof: ", "");
    let truncated = refused("{\n\"a");
    assert_eq!(truncated, "vectors.json:2: no JSON: EOF while parsing a string at column 2");
    assert_eq!(File::new(&format!("\u{feff}{good}")).load().unwrap().cases.len(), 1);
    let nested = refused(&format!("{{\"testGroups\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000)));
    assert!(nested.starts_with("vectors.json:1: no JSON: recursion limit exceeded"), "{nested}");
    let huge = refused(&format!("{{\"a\":\"{}\"}}", "0".repeat(64 << 20)));
    assert!(huge.ends_with("bytes: expected at most 67108864"), "{huge}");
    assert!(refused("{}").starts_with("vectors.json: vectors of no known suite: expected those of "));
    assert!(refused("").starts_with("vectors.json:1: no JSON: EOF"));
    let none = "vectors.json: a file of vectors that has none";
    assert_eq!(refused("[]"), none);
    assert_eq!(refused("{\"func\": \"ecrecover\", \"data\": []}"), none);
    let empty = changed(changed(good.clone(), "/testGroups", json!([])), "/numberOfTests", 0);
    assert_eq!(refused(&empty.to_string()), none);
    let unfinished = "vectors.json: geth's precompile tests: [0]: expected the field `Expected`";
    assert_eq!(refused("[{\"Input\": \"\", \"Name\": \"a\"}]"), unfinished);

    let change = |pointer: &str, to: Value| says(changed(good.clone(), pointer, to));
    let other = refused(&changed(good.clone(), "/testGroups/0/publicKey/curve", "secp256r1").to_string());
    assert!(other.ends_with("vectors.json: tcId 7 (a test): the curve is secp256r1"), "{other}");
    assert_eq!(change("/algorithm", "ECDH".into()), "algorithm: expected ECDSA, found ECDH");
    assert_eq!(
        change("/testGroups/0/type", "EddsaVerify".into()),
        "testGroups[0].type: expected verification or recovery, found EddsaVerify"
    );
    assert_eq!(change("/numberOfTests", 2.into()), "numberOfTests: says 2, the file has 1");
    assert_eq!(
        change("/testGroups/0/tests/0/tcId", (-7).into()),
        "testGroups[0].tests[0].tcId: expected a number of 0 or more, found -7"
    );
    assert_eq!(
        change("/testGroups/0/tests/0/sig", "-01".into()),
        "testGroups[0].tests[0].sig: expected hex digits, found '-' at character 1"
    );
    assert_eq!(
        change("/testGroups/0/tests/0/msg", "abc".into()),
        "testGroups[0].tests[0].msg: expected two hex digits a byte, found 3 digits, an odd number"
    );
    assert_eq!(
        change("/testGroups/0/tests/0/sig", 5.into()),
        "testGroups[0].tests[0].sig: expected a text, found 5"
    );
    assert_eq!(
        change("/testGroups/0/tests/0/result", "maybe".into()),
        "testGroups[0].tests[0].result: expected valid, invalid or acceptable, found maybe"
    );
    assert_eq!(
        change(GROUP_KEY, format!("04{}", "11".repeat(64)).into()),
        "testGroups[0].publicKey.uncompressed: not a public key: the point is not on secp256k1"
    );
    let mut without = good.clone();
    without.pointer_mut(TEST).unwrap().as_object_mut().unwrap().remove("sig");
    assert_eq!(says(without), "testGroups[0].tests[0]: expected the field `sig`");

    let rooterberg = rooterberg("RAW", json!({"r": EIP155_R, "s": EIP155_S, "id": 0}), true);
    let other = changed(rooterberg.clone(), "/algorithm/curve", "secp256r1");
    assert_eq!(
        refused(&other.to_string()),
        "vectors.json: Rooterberg: algorithm.curve: expected secp256k1, found secp256r1"
    );
    let other = changed(rooterberg, "/tests/0/sig/id", -1);
    assert_eq!(
        refused(&other.to_string()),
        "vectors.json: Rooterberg: tests[0].sig.id: expected a number of 0 or more, found -1"
    );
    let twice = good.to_string();
    let test = good.pointer(TEST).unwrap().to_string();
    let twice =
        twice.replace(&test, &format!("{test},{test}")).replace("\"numberOfTests\":1", "\"numberOfTests\":2");
    let taken = refused(&twice);
    assert!(
        taken.starts_with("vectors.json: tcId 7 (a test): the id `vectors::tc7` is taken by the case at "),
        "{taken}"
    );
}

/// As users see it: the file and the vector in the output, exit 0, 1 or 2.
#[test]
fn check_reads_files_and_folders_of_vectors() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let good = wycheproof("EcdsaVerify", &der(TRON_R, TRON_S), "valid", &[]);
    fs::create_dir(path("a")).unwrap();
    fs::write(path("a/one_test.json"), good.to_string()).unwrap();
    let address = format!("{EIP155_ADDRESS:0>64}");
    fs::write(path("ecRecover.json"), geth(&call("1b"), &address).to_string()).unwrap();
    let broken = wycheproof("EcdsaVerify", "", "invalid", &[]);
    fs::write(path("a/TWO_TEST.JSON"), broken.to_string()).unwrap();
    let all = succeeds(&["check", "--cases", &path(""), "--corpus", "built-in"]);
    let verdict = all.lines().last().unwrap();
    assert!(verdict.starts_with("agreed: 3 cases (5 inputs) x 7 subjects: "), "{verdict}");
    assert!(verdict.contains("0 findings, 1 that are no signature and asked nobody"), "{verdict}");

    let wrong = geth(&call("1c"), &address).to_string();
    fs::write(path("ecRecover.json"), wrong).unwrap();
    let output = run(&["check", "--cases", &path("ecRecover.json"), "--corpus", "built-in"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains(&format!("EXPECTATION  ecrecover::1-call-1 ({}: Call-1)", path("ecRecover.json"))),
        "{text}"
    );

    fs::write(path("ecRecover.json"), "[{\"Input\": \"0\", \"Expected\": \"\"}]").unwrap();
    let says = refuses(&["check", "--cases", &path("ecRecover.json"), "--corpus", "built-in"]);
    assert!(
        says.ends_with("[0].Input: expected two hex digits a byte, found 1 digits, an odd number"),
        "{says}"
    );
    assert!(says.starts_with(&path("ecRecover.json")), "{says}");
}

/// Linux gives a program no argument of 128 KiB.
#[test]
fn what_is_too_long_for_a_command_is_reproduced_by_its_file() {
    let reproduced = |bytes: usize| {
        let file = File::new(&geth(&"00".repeat(bytes), &format!("{EIP155_ADDRESS:0>64}")).to_string());
        let path = file.path().display().to_string();
        let output = run(&["check", "--cases", &path, "--corpus", "built-in"]);
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stdout).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("  reproduce: ")).unwrap().to_owned();
        line.replace(&path, "FILE")
    };
    assert!(reproduced((128 << 10) / 2 - 2).starts_with("ecrecheck recover --calldata 0x00"));
    assert_eq!(reproduced((128 << 10) / 2 - 1), "ecrecheck check --cases FILE");
}

#[test]
fn fuzz_judges_seeds_first_and_then_their_neighbours() {
    let file = File::new(&wycheproof("EcdsaVerify", &der(TRON_R, TRON_S), "valid", &[]).to_string());
    let path = file.path().display().to_string();
    let arguments =
        ["fuzz", "--seeds", &path, "--cases", "1", "--strategy", "valid", "--json", "--corpus", "built-in"];
    let report: Value = serde_json::from_str(&succeeds(&arguments)).unwrap();
    // Four recovery ids, fifteen neighbours of each, and the case that was asked for.
    assert_eq!(report["strategies"], json!({"literal": 4, "neighbour of a seed": 60, "valid": 1}));
    assert_eq!(report["cases"], 65);
    let none = File::new(&wycheproof("EcdsaVerify", "", "invalid", &[]).to_string());
    let path = none.path().display().to_string();
    let says = refuses(&["fuzz", "--seeds", &path, "--cases", "1", "--corpus", "built-in"]);
    assert_eq!(says, "--seeds: no inputs: the cases' signatures are none");
}
