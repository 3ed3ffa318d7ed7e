//! Which bytes were signed: the investigation's addresses, every kind of mistake, groups, and what is refused.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::{refused, run};
use ecrecheck::corpus::{Corpus, Formats};
use ecrecheck::format::{Expr, FieldKind, Message, Term, parse};
use ecrecheck::identify::explain::explain;
use ecrecheck::identify::groups::{Group, GroupsError, GroupsQuestion, identify_groups};
use ecrecheck::identify::reading::Layout;
use ecrecheck::identify::search::SearchProgress;
use ecrecheck::identify::value::{Value, ValueKind, fields};
use ecrecheck::identify::{DEPTH, ExpectedSigner, Identification as Identified, Question, Scope, identify};
use ecrecheck::input::bytes::{Word, from_hex};
use ecrecheck::input::signature::Signature;
use ecrecheck::input::{Input, ScalarInput};
use ecrecheck::reference::answer::{Answer, Expectation};
use serde_json::Value as Json;
use tempfile::TempDir;

const SIGNATURE: &str = "0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601";
const ROOT: &str = "0x8f2cF602C9695b23130367ed78d8F557554de7C5";
const APP_ID: &str = "app_id=0xea549f02e1a25fabd1cb788380e033ec5461b2ff";
const APP_KEY: &str = "app_key=0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810";
const PURPOSE: &str = "purpose=ethereum";
const DERIVED: &str = "derived_key=0x02d4ca795aa82a8819735390040bb88f4bbf7d9ca9ad492ba5b15f7d31c383fc08";
const CLAIM: &str = "claim_signature=0xcd52f120d5f44ecc3bb8e849969414742d4af40a318daf23b5a3f44d492cfe76209474009a0d0b95cd6d719946b74ea7ed418f95c5a4642b64d7fbb06b0f849b01";
const EARLIER_DERIVED: &str =
    "derived_key=0x03b76ab205707ff1fb4e56c007a1c25f4854626fe9fbec708c722e6dd9bcf7f0e7";
const EARLIER_CLAIM: &str = "claim_signature=0xf5e3f843606c72829c6fd25a6ea1ef521b2c87535f04dfd834ec8901357553806fa13d6583bfbd15b76ac09376ad60d4ca61cec2b07a4c0e076e44b07c2dc8d101";
const NEW_SIGNATURE: &str = "0x9e618603e72d01fedb82deff6daf2d62a572becf0059eec3f89c1ab40e1f2e594d2a283f843f34e8f39e4cc49a612496ce67223a12ac923f8efe330346dfc6c500";
const NEW_APP_ID: &str = "app_id=0x5bb4ff9a3837357f19dc176407a5709c62eb6c56";
const NEW_APP_KEY: &str = "app_key=0x02818494263695e8839122dbd88e281d7380622999df4e60a14befa0f2d096fc7c";

fn question(signature: &str, expect: &str, values: &[&str]) -> Question {
    let target = if expect.len() > 42 {
        ExpectedSigner::PublicKey(expect.parse().unwrap())
    } else {
        ExpectedSigner::Address(expect.parse().unwrap())
    };
    Question {
        signature: from_hex(signature).unwrap(),
        targets: vec![target],
        values: values.iter().map(|value| value.parse().unwrap()).collect(),
        ..Question::default()
    }
}

fn ask(question: &Question) -> Identified {
    identify(question, Formats::built_in(), &SearchProgress::default()).unwrap()
}

/// The first result's expression.
#[track_caller]
fn first(signature: &str, expect: &str, values: &[&str]) -> String {
    let answer = ask(&question(signature, expect, values));
    answer
        .found
        .first()
        .unwrap_or_else(|| panic!("not found in {}", answer.effort.tried))
        .expression
        .to_string()
}

/// How the first result is compared with the nearest known format.
#[track_caller]
fn explained(expect: &str, values: &[&str]) -> String {
    let question = question(SIGNATURE, expect, values);
    let answer = ask(&question);
    explain(&answer.found[0].expression, &question.values, Formats::built_in()).unwrap().sentence()
}

#[test]
fn the_true_root_is_found_in_the_known_formats_alone() {
    let question = question(SIGNATURE, ROOT, &[APP_ID, APP_KEY]);
    let answer = ask(&question);
    let found = &answer.found[0];
    assert_eq!(
        found.expression.to_string(),
        r#"keccak256("dstack-kms-issued:" + app_id + compressed(app_key))"#
    );
    assert_eq!(found.key.to_string(), "0x02cad3a8bb11c5c0858fb3e402048b5137457039d577986daade678ed4b4ab1b9b");
    assert!(answer.effort.tried < 100, "{}", answer.effort.tried);
    assert!(answer.chance(1) < -150.0);
    let explanation = explain(&found.expression, &question.values, Formats::built_in()).unwrap();
    assert_eq!(explanation.sentence(), "this is dstack.kms-issued.current");
}

const LOST: &str = "pad_right(drop(app_id, 1), 32)";
const RECOVERED: &str =
    r#"address(recover(keccak256(purpose + ":" + hex0x(address(derived_key))), claim_signature))"#;

#[test]
fn every_address_of_the_investigation_is_identified() {
    let values = [APP_ID, APP_KEY, PURPOSE, DERIVED, CLAIM];
    let expected = [
        (
            "0xB57e7acDB7fD455Ed15C8523696840CC28e616Ec",
            format!(r#"keccak256("dstack-kms-issued:" + {LOST} + {RECOVERED})"#),
        ),
        (
            "0xb935E51Ea14F83CF9Ba52c58E8736589C6A1ec01",
            r#"keccak256(purpose + ":" + hex0x(address(derived_key)))"#.to_owned(),
        ),
        ("0xc95C2a6E75E2CFB208b7e3e4b501A877492878fa", format!("keccak256({LOST} + {RECOVERED})")),
        ("0xbdFed2F25B06d406f2CC8B414aDdb6F347af8F13", format!("keccak256({RECOVERED})")),
    ];
    for (address, expression) in expected {
        assert_eq!(first(SIGNATURE, address, &values), expression);
    }
}

#[test]
fn the_deployed_trust_anchor_is_identified() {
    let values = [APP_ID, APP_KEY, PURPOSE, EARLIER_DERIVED, EARLIER_CLAIM];
    assert_eq!(
        first(SIGNATURE, "0xa2eB90b26A1274fa10905da7A62ff15542f2EbFf", &values),
        r#"keccak256("dstack-kms-issued:" + drop(app_id, 1) + address(recover(keccak256(purpose + ":" + hex(address(derived_key))), claim_signature)))"#
    );
}

#[test]
fn mistakes_are_said_in_words() {
    assert_eq!(
        explained("0xb935E51Ea14F83CF9Ba52c58E8736589C6A1ec01", &[PURPOSE, DERIVED]),
        "compared with dstack.key-claim.v0: derived_key's address in hex with 0x instead of its compressed public key in hex without 0x"
    );
    assert_eq!(
        explained("0xB57e7acDB7fD455Ed15C8523696840CC28e616Ec", &[APP_ID, APP_KEY, PURPOSE, DERIVED, CLAIM]),
        "compared with dstack.kms-issued.current: app_id has lost its first byte and is zero-padded on the right to 32 bytes; \
         the address of the key recovered from claim_signature instead of app_key's compressed public key; \
         recovered over a wrong message (compared with dstack.key-claim.v0): \
         derived_key's address in hex with 0x instead of its compressed public key in hex without 0x"
    );
}

#[test]
fn what_is_missing_is_said_and_so_is_another_hash() {
    let say = |found: &str, values: &[&str]| {
        let values: Vec<Value> = values.iter().map(|value| value.parse().unwrap()).collect();
        let found = ecrecheck::format::parse(found).unwrap();
        explain(&found, &values, Formats::built_in()).unwrap().sentence()
    };
    let kms = [APP_ID, APP_KEY];
    assert_eq!(
        say(r#"keccak256("dstack-kms-issued:" + app_id + uncompressed(app_key))"#, &kms),
        "compared with dstack.kms-issued.current: app_key's uncompressed public key instead of its compressed public key"
    );
    assert_eq!(
        say(r#"keccak256(app_id + compressed(app_key))"#, &kms),
        "compared with dstack.kms-issued.current: the text \"dstack-kms-issued:\" is missing"
    );
    assert_eq!(
        say(r#"eip191(keccak256("dstack-kms-issued:" + app_id + compressed(app_key)))"#, &kms),
        "compared with dstack.kms-issued.current: EIP-191 is wrapped around the digest"
    );
    assert_eq!(
        say(r#"sha3_256("dstack-kms-issued:" + app_id + compressed(app_key))"#, &kms),
        "compared with dstack.kms-issued.current: hashed with sha3_256 instead of keccak256"
    );
    assert_eq!(
        say(r#"keccak256(keccak256("dstack-kms-issued:" + app_id + compressed(app_key)))"#, &kms),
        "compared with dstack.kms-issued.current: the digest is hashed with keccak256 again"
    );
    assert_eq!(
        say(r#"keccak256("dstack-kms-issued:" + hex0x(app_id) + compressed(app_key))"#, &kms),
        "compared with dstack.kms-issued.current: app_id in hex with 0x instead of as raw bytes"
    );
}

/// The old simulator's app key, which signs what the test wants signed.
const SIGNER: &str = "0xe0e5d254fb944dcc370a2e5288b336a1e809871545a73ee645368957fefa31f9";
const SIGNER_ADDRESS: &str = "0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516";
const SIGNER_KEY: &str = "0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810";

/// A signature by that key, as libsecp256k1 makes it: r, s, recovery id.
fn signed(expression: &str, values: &[&str]) -> Vec<u8> {
    let values: Vec<Value> = values.iter().map(|value| value.parse().unwrap()).collect();
    let fields = ecrecheck::identify::value::fields(&values);
    let digest = ecrecheck::format::parse(expression).unwrap().digest(&fields).unwrap();
    let subject = ecrecheck::subject::all().unwrap();
    let key = SIGNER.parse().unwrap();
    let signature = subject
        .iter()
        .find_map(|subject| subject.sign(&key, &ecrecheck::input::bytes::Word(digest.digest)).ok())
        .unwrap();
    [signature.r.0.as_slice(), &signature.s.0, &[signature.recovery_id]].concat()
}

const ID: &str = "id=0x00112233445566778899aabbccddeeff00112233";
const KEY: &str = "key=0x03b76ab205707ff1fb4e56c007a1c25f4854626fe9fbec708c722e6dd9bcf7f0e7";
const TIME: &str = "time=1753000000";
const WHO: &str = "who=alice";

#[test]
fn encodings_hashes_and_orders_of_every_kind_are_found() {
    let cases: &[(&str, &[&str])] = &[
        (r#"sha256(who + "|" + hex_upper(id))"#, &[WHO, ID]),
        (r#"eip191(hex0x(id) + "\n" + time)"#, &[TIME, ID]),
        (r#"eip191(keccak256(id + reverse(u64be(time))))"#, &[TIME, ID]),
        (r#"keccak256(keccak256(who + checksum_address(id)))"#, &[WHO, ID]),
        (r#"sha256d(reverse(id) + u32be(time))"#, &[TIME, ID]),
        (r#"sha3_256(pad_left(id, 32) + who)"#, &[WHO, ID]),
        (r#"keccak256(checksum_address(address(key)) + who)"#, &[WHO, KEY]),
        (r#"keccak256(drop(xy(key), 44))"#, &[KEY]),
        (r#"keccak256(xy(key))"#, &[KEY]),
        (r#"keccak256("\x19TRON Signed Message:\n32" + uncompressed(key))"#, &[KEY]),
    ];
    for (expression, values) in cases {
        let signature = ecrecheck::input::bytes::to_hex(signed(expression, values));
        let answer = ask(&question(&signature, SIGNER_ADDRESS, values));
        let found =
            answer.found.iter().flat_map(|found| std::iter::once(&found.expression).chain(&found.also));
        let found: Vec<String> = found.map(ToString::to_string).collect();
        assert!(found.contains(&(*expression).to_owned()), "{expression} is not in {found:?}");
        assert!(answer.found[0].reading.is_literal(), "{}", answer.found[0].reading);
        // The same by public key, which takes another way through the engine.
        let by_key = ask(&question(&signature, SIGNER_KEY, values));
        assert_eq!(by_key.found[0].expression, answer.found[0].expression);
        assert_eq!(by_key.found[0].reading, answer.found[0].reading);
    }
}

#[test]
fn a_literal_of_the_user_is_tried() {
    let signature = ecrecheck::input::bytes::to_hex(signed(r#"keccak256("my-app v1 " + who)"#, &[WHO]));
    let mut question = question(&signature, SIGNER_ADDRESS, &[WHO]);
    question.scope.depth = 2;
    assert!(ask(&question).found.is_empty());
    question.scope.literals = vec![Expr::from(Term::Text("my-app v1 ".to_owned()))];
    assert_eq!(ask(&question).found[0].expression.to_string(), r#"keccak256("my-app v1 " + who)"#);
}

#[test]
fn every_reading_of_a_signature_is_tried() {
    let (expression, values) = (r#"keccak256(who + ":" + id)"#, [WHO, ID]);
    let signature = signed(expression, &values);
    let (r, s, v) = (&signature[..32], &signature[32..64], signature[64]);
    let n = ecrecheck::reference::SECP256K1.n;
    let flipped: [u8; 32] = (n - ruint::aliases::U256::from_be_slice(s)).to_be_bytes();
    let mut compact = s.to_vec();
    compact[0] |= v << 7;
    let written: Vec<(&str, Vec<u8>)> = vec![
        ("as v says", [r, s, &[v]].concat()),
        ("as v says", [r, s, &[27 + v]].concat()),
        ("as v says", [r, s, &[31 + v]].concat()),
        ("as v says", [r, s, &[37 + v]].concat()),
        ("though v says another", [r, s, &[v ^ 1]].concat()),
        ("which v does not say", [r, s, &[9]].concat()),
        ("s replaced by n - s", [r, &flipped, &[v ^ 1]].concat()),
        ("though v says another", [r, &flipped, &[v]].concat()),
        ("r and s swapped", [s, r, &[v]].concat()),
        ("EIP-2098", [r, &compact].concat()),
        ("recovery id", [r, s].concat()),
        ("a Bitcoin header or EIP-155's v first", [&[31 + v], r, s].concat()),
        ("v first, then r and s, recovery id 1, as v says", [&[37 + v], r, s].concat()),
        ("v first, then r and s, recovery id 1, as v says", [&[237 + v], r, s].concat()),
    ];
    for (says, bytes) in written {
        let mut question = question(&ecrecheck::input::bytes::to_hex(&bytes), SIGNER_ADDRESS, &values);
        question.scope.depth = 2;
        let answer = ask(&question);
        let found = answer.found.first().unwrap_or_else(|| panic!("{says} is not found"));
        assert_eq!(found.expression.to_string(), expression);
        assert!(found.reading.to_string().contains(says), "{} is not {says}", found.reading);
    }
}

/// Runs the program and gives its JSON.
fn json(arguments: &[&str]) -> (Option<i32>, Json) {
    let output = run(&[&["identify", "--json"], arguments].concat());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn every_result_fed_to_recover_gives_the_address_in_every_subject() {
    let high_s = "0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6ddbfa531bcc9db1aa971dc3b12d6e244f59d4154b39e0687ac15e0d37e438809b00";
    let values =
        ["--value", APP_ID, "--value", APP_KEY, "--value", PURPOSE, "--value", DERIVED, "--value", CLAIM];
    let addresses =
        [ROOT, "0xb935E51Ea14F83CF9Ba52c58E8736589C6A1ec01", "0xc95C2a6E75E2CFB208b7e3e4b501A877492878fa"];
    for (signature, address) in
        addresses.map(|address| (SIGNATURE, address)).into_iter().chain([(high_s, ROOT)])
    {
        let (status, report) =
            json(&[&["--signature", signature, "--expect", address], &values[..]].concat());
        assert_eq!((status, report["verdict"].as_str()), (Some(0), Some("found")), "{report}");
        let results = report["found"].as_array().unwrap();
        assert!(!results.is_empty());
        for result in results {
            let command = result["command"].as_str().unwrap();
            let arguments: Vec<String> = split(command.strip_prefix("ecrecheck ").unwrap());
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).chain(["--json"]).collect();
            let output = run(&arguments);
            assert_eq!(output.status.code(), Some(0), "{command}: {output:?}");
            let recovered: Json = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(recovered["expected"]["met"], true);
            let subjects = recovered["subjects"].as_array().unwrap();
            assert_eq!(subjects.len(), 7);
            for subject in subjects {
                assert_eq!(subject["address"], address, "{subject}");
            }
        }
    }
}

/// Splits a command whose arguments are plain or in single quotes.
fn split(command: &str) -> Vec<String> {
    let mut arguments = vec![String::new()];
    let mut quoted = false;
    for character in command.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => arguments.push(String::new()),
            other => arguments.last_mut().unwrap().push(other),
        }
    }
    arguments
}

#[test]
fn what_nothing_explains_ends_with_how_much_was_tried() {
    let output = run(&[
        "identify",
        "--signature",
        SIGNATURE,
        "--expect",
        "0xf6F3Bb63C4238E5d25c64eBAB48F44a42FC03df4",
        "--value",
        APP_ID,
        "--value",
        APP_KEY,
        "--depth",
        "2",
    ]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let (tried, rest) =
        text.strip_prefix("no format found up to depth 2; ").unwrap().split_once(' ').unwrap();
    assert!(tried.parse::<u64>().unwrap() > 50_000, "{text}");
    assert!(rest.starts_with("candidates tried of "), "{text}");
}

fn group(signature: &str, values: &[&str]) -> Group {
    Group {
        place: values.join(" "),
        signature: from_hex(signature).unwrap(),
        values: values.iter().map(|value| value.parse().unwrap()).collect(),
    }
}

fn groups(groups: Vec<Group>, depth: usize) -> GroupsQuestion {
    GroupsQuestion { groups, scope: Scope { depth, ..Scope::default() } }
}

#[test]
fn claims_of_one_simulator_give_the_format_and_the_app_key_without_being_told_either() {
    let signature = |claim: &'static str| claim.split_once('=').unwrap().1;
    // Under other names too, so that the known format's names do not lead.
    let renamed = |value: &str| value.replace("derived_key", "k").replace("purpose", "p");
    for rename in [false, true] {
        let of = |derived: &str| {
            let values =
                [PURPOSE, derived].map(|value| if rename { renamed(value) } else { value.to_owned() });
            values.map(String::from)
        };
        let (node, path) = (of(DERIVED), of(EARLIER_DERIVED));
        let question = groups(
            vec![
                group(signature(CLAIM), &[&node[0], &node[1]]),
                group(signature(EARLIER_CLAIM), &[&path[0], &path[1]]),
            ],
            DEPTH,
        );
        let answer = identify_groups(&question, Formats::built_in(), &SearchProgress::default()).unwrap();
        let names = if rename { ("p", "k") } else { ("purpose", "derived_key") };
        assert_eq!(
            answer.found[0].expression.to_string(),
            format!(r#"keccak256({} + ":" + hex(compressed({})))"#, names.0, names.1)
        );
        assert_eq!(answer.found[0].key.address().to_string(), SIGNER_ADDRESS);
    }
}

#[test]
fn three_groups_with_a_format_that_nobody_knows_are_found() {
    let names = ["who=alice", "who=bob", "who=carol"];
    let expression = r#"sha256(u32be(time) + who)"#;
    let sign =
        |who: &&str| group(&ecrecheck::input::bytes::to_hex(signed(expression, &[TIME, who])), &[TIME, who]);
    let answer = identify_groups(
        &groups(names.iter().map(sign).collect(), 2),
        Formats::built_in(),
        &SearchProgress::default(),
    )
    .unwrap();
    assert_eq!(answer.found[0].expression.to_string(), expression);
    assert_eq!(answer.found[0].key.to_string(), SIGNER_KEY);
    assert_eq!(answer.found[0].readings.len(), 3);
}

#[test]
fn the_two_simulators_have_different_roots() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("groups.toml");
    let table = |signature: &str, id: &str, key: &str| {
        let value = |value: &str| value.split_once('=').unwrap().1.to_owned();
        format!(
            "[[group]]\nsignature = \"{signature}\"\nvalues = {{ app_id = \"{}\", app_key = \"{}\" }}\n",
            value(id),
            value(key)
        )
    };
    fs::write(&file, table(SIGNATURE, APP_ID, APP_KEY) + &table(NEW_SIGNATURE, NEW_APP_ID, NEW_APP_KEY))
        .unwrap();
    let output = run(&["identify", "--groups", file.to_str().unwrap(), "--depth", "2"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let under: Vec<&str> =
        text.lines().skip_while(|line| !line.starts_with("under dstack.kms-issued.current: ")).collect();
    assert!(under[1].trim().starts_with("0x8f2cF602C9695b23130367ed78d8F557554de7C5  "), "{text}");
    assert!(under[2].trim().starts_with("0xA7F6043C29f9cc1d9D6aCF554c53E0c6792AaEAf  "), "{text}");
    assert!(text.contains("no format up to depth 2 gives one signer for all 2 signatures"), "{text}");
    assert!(text.contains("the signers differ"), "{text}");
}

/// The Safe fixture: a hash as people copy it, without `0x`, is found as with it; and where the digits were
/// signed as text, that is found too.
#[test]
fn hex_without_0x_is_tried_as_bytes_and_as_text() {
    const HASH: &str = "9c5baac8fd5e892f1941ad6415a3d1188ad172cd03272b45410ab478f7b882ac";
    let signature = "969308e2abeda61a0c9c41b3c615012f50dd7456ca76ea39a18e3b975abeb67f275b07810dd59fc928f3f9103e52557c1578c7c5c171ffc983afa5306466b1261f";
    let signer = "90F8bf6A479f320ead074411a4B0e7944Ea8c9C1";
    for hash in [HASH.to_owned(), format!("0x{HASH}")] {
        assert_eq!(first(signature, signer, &[&format!("safe_tx_hash={hash}")]), "eip191(safe_tx_hash)");
    }
    let [digits, text] = ["", "text:"].map(|form| format!("a={form}{HASH}"));
    for (as_text, as_bytes) in [
        ("eip191(a)", "eip191(hex(a))"),
        (
            r#"sha256d(varstr("Bitcoin Signed Message:\n") + varstr(a))"#,
            r#"sha256d(varstr("Bitcoin Signed Message:\n") + varstr(hex(a)))"#,
        ),
        ("keccak256(varstr(a))", "keccak256(varstr(hex(a)))"),
        ("sha256(keccak256(a))", "sha256(keccak256(hex(a)))"),
    ] {
        let expression = parse(as_text).unwrap();
        let digest = expression.digest(&fields(&[text.parse().unwrap()])).unwrap().digest;
        let Signature { r, s, recovery_id } =
            Signature::from_65_bytes(&from_hex(SIGNATURE).unwrap()).unwrap();
        let input = ScalarInput { digest: Word(digest), r, s, recovery_id }.into();
        let Expectation::Recovered { address, .. } = Answer::to(&input).expectation else { panic!("no key") };
        assert_eq!(first(SIGNATURE, &address.to_string(), &[&digits]), as_bytes);
    }
}

#[test]
fn bad_input_is_one_line_that_says_what_to_do() {
    let refuses = |arguments: &[&str]| {
        refused(&run(&[&["identify", "--signature", SIGNATURE, "--expect", ROOT], arguments].concat()))
    };
    let with = |signature: &str, expect: &str| {
        refused(&run(&["identify", "--signature", signature, "--expect", expect, "--value", APP_ID]))
    };
    let lines = [
        refuses(&["--value", "a=0xzz"]),
        refuses(&["--value", "a"]),
        refuses(&[]),
        refuses(&["--value", APP_ID, "--value", APP_ID]),
        refuses(&["--value", APP_ID, "--value", APP_KEY, "--value", DERIVED, "--depth", "6"]),
        refuses(&["--value", APP_ID, "--depth", "9"]),
        with(SIGNATURE, &ROOT.replace("0x8f2cF6", "0x8f2cf6")),
        with("0x1234", ROOT),
        with(&"00".repeat(65), ROOT),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
    invalid value 'a=0xzz' for '--value <NAME[:KIND]=VALUE>': `a` is not hex: expected hex digits, found 'z' at character 3 (write text: before a text) (see --help)
    invalid value 'a' for '--value <NAME[:KIND]=VALUE>': expected NAME=VALUE or NAME:KIND=VALUE, found "a" (see --help)
    --value: expected at least one value
    --value: `app_id` is given twice
    --limit: the space has 62600665220 candidates, more than the limit of 1000000000: lower the depth (6), remove values (3; `derived_key` has the most encodings) or literals (0), or raise the limit
    --depth: expected a depth from 1 to 8, found 9
    invalid value '0x8f2cf602C9695b23130367ed78d8F557554de7C5' for '--expect <ADDRESS|KEY>': not an address: wrong EIP-55 checksum, expected 0x8f2cF602C9695b23130367ed78d8F557554de7C5 if only the case is mistyped (see --help)
    --signature: expected 65 bytes, or 64 without v, found 2 (replace a longer v of EIP-155 by 27 or 28)
    --signature: no key can be recovered from this signature, in any layout: r or s is out of range, or r is not on the curve
    "#);
    assert!(refused(&run(&["identify", "--value", APP_ID])).contains("--signature"));
}

#[test]
fn bad_groups_are_one_line_that_says_where() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("groups.toml");
    let refuses = |text: &str| {
        fs::write(&file, text).unwrap();
        refused(&run(&["identify", "--groups", file.to_str().unwrap()]))
    };
    let one = format!("[[group]]\nsignature = \"{SIGNATURE}\"\nvalues = {{ a = \"x\" }}\n");
    let other = one.replace("0x2f", "0x2e");
    let lines = [
        refuses(""),
        refuses(&one),
        refuses(&(one.clone() + &one)),
        refuses(&(one.clone() + &other.replace("a =", "b ="))),
        refuses(&(one.clone() + &other.replace("\"x\"", "\"0xz\""))),
    ];
    let lines = lines.join("\n").replace(file.to_str().unwrap(), "groups.toml");
    insta::assert_snapshot!(lines, @"
    --groups: expected at least two [[group]] tables, found 0 (one signature needs an expected signer instead)
    --groups: expected at least two [[group]] tables, found 1 (one signature needs an expected signer instead)
    --groups: groups.toml:4 has the same signature as another group
    --groups: the groups do not have the same values: the first has a:text, number 2 has b:text
    groups.toml:6: `a` is not hex: expected hex digits, found 'z' at character 3 (write text: before a text)
    ");
    assert!(refuses(&one.replace("signature", "signatur")).contains("unknown field `signatur`"));
}

/// A signature in another spelling: v as 27 and above, and s replaced by n - s.
fn respelt(signature: &str) -> [String; 2] {
    let bytes = from_hex(signature).unwrap();
    let (r, s, v) = (&bytes[..32], &bytes[32..64], bytes[64]);
    let twin: [u8; 32] =
        (ecrecheck::reference::SECP256K1.n - ruint::aliases::U256::from_be_slice(s)).to_be_bytes();
    [[r, s, &[27 + v]].concat(), [r, &twin, &[v ^ 1]].concat()].map(ecrecheck::input::bytes::to_hex)
}

/// Under every format one signature is by one signer: that is no finding.
#[test]
fn one_signature_in_two_spellings_is_no_second_one() {
    for other in respelt(SIGNATURE) {
        let question =
            groups(vec![group(SIGNATURE, &[APP_ID, APP_KEY]), group(&other, &[APP_ID, APP_KEY])], 1);
        let error = identify_groups(&question, Formats::built_in(), &SearchProgress::default()).unwrap_err();
        assert!(matches!(error, GroupsError::Twice(_)), "{error}");
    }
}

/// As Bitcoin's wallets write them, whatever the header: 27 to 30 without, 31 to 34 with a compressed key.
#[test]
fn groups_are_read_with_a_header_first_too() {
    let written = |claim: &str, first: u8| {
        let bytes = from_hex(claim.split_once('=').unwrap().1).unwrap();
        ecrecheck::input::bytes::to_hex([&[first + bytes[64]], &bytes[..64]].concat())
    };
    for first in [27, 31] {
        let one = group(&written(CLAIM, first), &[PURPOSE, DERIVED]);
        let other = group(&written(EARLIER_CLAIM, first), &[PURPOSE, EARLIER_DERIVED]);
        let question = groups(vec![one, other], 1);
        let answer = identify_groups(&question, Formats::built_in(), &SearchProgress::default()).unwrap();
        let found = answer.found.first().unwrap_or_else(|| panic!("not found with {first}"));
        assert_eq!(found.key.address().to_string(), SIGNER_ADDRESS);
        assert!(found.readings.iter().all(|reading| reading.layout == Layout::Header), "{first}");
    }
}

#[test]
fn groups_may_write_their_keys_in_different_forms() {
    let xy = |derived: &str| {
        let key: ecrecheck::input::key::PublicKey = derived.split_once('=').unwrap().1.parse().unwrap();
        format!("derived_key=0x{}", const_hex::encode(key.xy()))
    };
    let signature = |claim: &'static str| claim.split_once('=').unwrap().1;
    let question = groups(
        vec![
            group(signature(CLAIM), &[PURPOSE, DERIVED]),
            group(signature(EARLIER_CLAIM), &[PURPOSE, &xy(EARLIER_DERIVED)]),
        ],
        1,
    );
    let answer = identify_groups(&question, Formats::built_in(), &SearchProgress::default()).unwrap();
    assert_eq!(answer.found[0].key.address().to_string(), SIGNER_ADDRESS);
}

#[test]
fn a_nested_signature_may_come_without_v() {
    let without = &CLAIM[..CLAIM.len() - 2];
    let nested = first(SIGNATURE, "0xbdFed2F25B06d406f2CC8B414aDdb6F347af8F13", &[PURPOSE, DERIVED, without]);
    assert_eq!(
        nested,
        r#"keccak256(address(recover(keccak256(purpose + ":" + hex0x(address(derived_key))), claim_signature + 0x01)))"#
    );
}

#[test]
fn a_search_can_be_stopped_and_says_so() {
    let progress = SearchProgress::default();
    progress.stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let question = question(SIGNATURE, "0xf6F3Bb63C4238E5d25c64eBAB48F44a42FC03df4", &[APP_ID, APP_KEY]);
    let answer = identify(&question, Formats::built_in(), &progress).unwrap();
    assert!(answer.effort.interrupted && answer.found.is_empty());
    assert!(answer.effort.tried < answer.effort.space);
}

/// Every format of a published signature is found from its fields alone, in its known form; those with many fields
/// too, whose names are what leads.
#[test]
fn each_fixtures_format_is_identified_from_its_fields() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let corpus = Corpus::load(&folder).unwrap();
    let mut found = BTreeSet::new();
    for case in &corpus.cases {
        let Some(Message { format: Some(format), fields, .. }) = &case.message else { continue };
        let known = corpus.formats.named(format).unwrap();
        let Some(input) = case.asked().next() else { continue };
        let Expectation::Recovered { address, .. } = Answer::to(input).expectation else { continue };
        let Input::Scalar(input) = input else { continue };
        if !case.kind.is_fixture() || format.starts_with("dstack.") || known.fields.contains_key("digest") {
            continue;
        }
        let kind = |name: &str, value: &[u8]| match known.fields[name].kind {
            FieldKind::Number => ValueKind::Number,
            FieldKind::Bytes if !value.is_empty() => ValueKind::Bytes,
            _ => ValueKind::Text,
        };
        let mut values: Vec<_> = fields
            .iter()
            .map(|(name, value)| Value {
                name: name.to_owned(),
                kind: kind(name, value),
                bytes: value.to_vec(),
            })
            .collect();
        // Not in the order of the fields.
        values.reverse();
        let signature = [&input.r.0[..], &input.s.0, &[input.recovery_id]].concat();
        let question = Question {
            signature,
            targets: vec![ExpectedSigner::Address(address)],
            values,
            scope: Scope { depth: 1, ..Scope::default() },
        };
        let answer = ask(&question);
        let first = answer.found.first().unwrap_or_else(|| panic!("{}: not found", case.id));
        let explanation = explain(&first.expression, &question.values, Formats::built_in()).unwrap();
        assert!(explanation.sentence().starts_with("this is "), "{}: {}", case.id, explanation.sentence());
        assert!(answer.effort.tried < 30_000, "{}: {}", case.id, answer.effort.tried);
        found.insert(format.as_str());
    }
    for format in [
        "eip1559.transaction",
        "eip2930.transaction",
        "eip4844.transaction",
        "eip7702.transaction",
        "eip712.typed-data-json",
        "erc2612.permit",
        "permit2.permit-single",
        "eip4361.sign-in",
        "safe.transaction",
        "cosmos.direct",
        "tron.transfer",
        "litecoin.signed-message",
        "dogecoin.signed-message",
        "substrate.ecdsa",
        "filecoin.message",
        "solana.secp256k1",
    ] {
        assert!(found.contains(format), "{format}");
    }
}
