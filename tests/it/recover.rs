//! `recover` with the layouts that signatures have on the wire, its expectations and its refusals; and the
//! command line where the corpus is red, stands elsewhere, or stdout is full.
//!
//! Signatures and signers are those of the corpus's fixtures, each with its source there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::{copy_folder, corpus_folder, ecrecheck, refused, run};
use serde_json::Value;
use tempfile::TempDir;

/// The older dstack simulator: its KMS root signs its app key.
const APP_ID: &str = "app_id=0xea549f02e1a25fabd1cb788380e033ec5461b2ff";
const APP_KEY: &str = "app_key=0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810";
const SIGNATURE: &str = "0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601";
const DIGEST: &str = "0x3c55b4e0efaca928c9c29944c17889a61c7ba1c56dea9e8dce9e4f3224dba8ba";
const ROOT: &str = "0x8f2cF602C9695b23130367ed78d8F557554de7C5";
const ROOT_KEY: &str = "0x02cad3a8bb11c5c0858fb3e402048b5137457039d577986daade678ed4b4ab1b9b";
/// The same key in SEC 1's uncompressed form.
const ROOT_KEY_UNCOMPRESSED: &str = "0x04cad3a8bb11c5c0858fb3e402048b5137457039d577986daade678ed4b4ab1b9bb811e979f316a8d9469bf0aebf03ec7a837c251644ba37264402f52490c75f2e";
/// The newer one's root.
const OTHER: &str = "0xA7F6043C29f9cc1d9D6aCF554c53E0c6792AaEAf";
const OTHER_KEY: &str = "0x0321529e458424ab1f710a3a57ec4dad2fb195ddca572f7469242ba6c7563085b6";

/// EIP-155's example.
const EXAMPLE_DIGEST: &str = "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53";
const EXAMPLE_R: &str = "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276";
const EXAMPLE_S: &str = "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";
const EXAMPLE_SIGNER: &str = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F";
const EXAMPLE_FIELDS: [&str; 7] = [
    "nonce=text:9",
    "gas_price=text:20000000000",
    "gas=text:21000",
    "to=0x3535353535353535353535353535353535353535",
    "value=text:1000000000000000000",
    "data=0x",
    "chain_id=text:1",
];

/// OpenZeppelin's test digest, and its signatures with v 27 and 28, without that.
const OPENZEPPELIN_DIGEST: &str = "0x7dbaf558b0a1a5dc7a67202117ab143c1d8605a983e4a743bc06fcc03162dc0d";
const V27: &str = "0x5d99b6f7f6d1f73d1a26497f2b1c89b24c0993913f86e9a2d02cd69887d9c94f3c880358579d811b21dd1b7fd9bb01c1d81d10e69f0384e675c32b39643be892";
const V27_SIGNER: &str = "0x2cc1166f6212628A0deEf2B33BEFB2187D35b86c";
const V28: &str = "0x331fe75a821c982f9127538858900d87d3ec1f9f737338ad67cad133fa48feff48e6fa0c18abc62e42820f05943e47af3e9fbe306ce74d64094bdf1691ee53e0";
const V28_SIGNER: &str = "0x1E318623aB09Fe6de3C9b8672098464Aeda9100E";

fn recover(arguments: &[&str]) -> Output {
    run(&[&["recover"], arguments].concat())
}

/// This exit status, nothing on stderr, and what stands on stdout.
#[track_caller]
fn ends_with(status: i32, output: &Output) -> String {
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let stdout = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(output.status.code(), Some(status), "{stdout}");
    stdout
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Arguments with `--set` before each field.
fn with_fields<'a>(arguments: &[&'a str], fields: &[&'a str]) -> Vec<&'a str> {
    let fields = fields.iter().flat_map(|field| ["--set", field]);
    arguments.iter().copied().chain(fields).collect()
}

#[test]
fn a_known_formats_wire_layout_is_used() {
    let example = format!("0x{EXAMPLE_R}{EXAMPLE_S}25"); // v = 37
    for (format, fields, signature, recovery_id, signer) in [
        (
            "safe.eth-sign", // v = 31
            &["safe_tx_hash=0x9c5baac8fd5e892f1941ad6415a3d1188ad172cd03272b45410ab478f7b882ac"][..],
            "0x969308e2abeda61a0c9c41b3c615012f50dd7456ca76ea39a18e3b975abeb67f275b07810dd59fc928f3f9103e52557c1578c7c5c171ffc983afa5306466b1261f",
            0,
            "0x90F8bf6A479f320ead074411a4B0e7944Ea8c9C1",
        ),
        (
            "bitcoin.signed-message", // header = 32, before r and s
            &["message=text:Trust no one"],
            "0x20fa237eb5f675f3e71f6e947a07db19040badd2bce380e51eae75e7bfcfea1e7b5b2b92fd0b25fa1fd64951831783148b8ad64acc16dfca2298361f34d50150e9",
            1,
            "0x915E5774ACE6a368BA37dC6aE57B78c73BfDFB2E",
        ),
        ("eip155.transaction", &EXAMPLE_FIELDS, &example, 0, EXAMPLE_SIGNER),
        (
            "eip2098.compact", // 64 bytes, the top bit of s set
            &["digest=0xac33ec93c768b669bdb542a85baebaf7342d35fc9ad8fc0bbc1b852c6f8bf021"],
            "0x9328da16089fcba9bececa81663203989f2df5fe1faa6291a45381c81bd17f76939c6d6b623b42da56557e5e734a43dc83345ddfadec52cbe24d0cc64f550793",
            1,
            "0x2e988A386a799F506693793c6A5AF6B54dfAaBfB",
        ),
        (
            "eip191.personal-sign", // v = 28, as people paste it
            &["message=text:Some data"],
            "0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c",
            1,
            "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23",
        ),
        ("dstack.kms-issued.current", &[APP_ID, APP_KEY], SIGNATURE, 1, ROOT),
    ] {
        let arguments = ["--format", format, "--signature", signature, "--expect", signer, "--json"];
        let report = json(&ends_with(0, &recover(&with_fields(&arguments, fields))));
        assert_eq!(report["input"]["recovery_id"], recovery_id, "{format}");
        assert_eq!(report["reference"]["address"], signer);
        assert_eq!(report["expected"], serde_json::json!({"address": signer, "met": true}));
        assert_eq!(report["message"]["format"], format);
    }
}

#[test]
fn a_v_that_a_wire_layout_does_not_have_is_refused() {
    let v = |v: &str| {
        let signature = format!("0x{EXAMPLE_R}{EXAMPLE_S}{v}");
        let arguments = ["--format", "eip155.transaction", "--signature", &signature];
        refused(&recover(&with_fields(&arguments, &EXAMPLE_FIELDS)))
    };
    let expected = |found: &str| {
        format!(
            "--signature: a signature of the form r || s || v (EIP-155) has v of 35 or more, without leading zeros, found {found}"
        )
    };
    assert_eq!(v("1b"), expected("27"));
    assert_eq!(v("22"), expected("34"));
    assert_eq!(v("0025"), expected("0x0025"));
}

/// The recovery id is flipped for v 38, and another signer comes out.
#[test]
fn eip155_holds_the_parity_in_v() {
    let signature = format!("0x{EXAMPLE_R}{EXAMPLE_S}26");
    let arguments = ["--format", "eip155.transaction", "--signature", &signature, "--expect", EXAMPLE_SIGNER];
    let text = ends_with(1, &recover(&with_fields(&arguments, &EXAMPLE_FIELDS)));
    assert!(text.contains("recovery id 1\n"), "{text}");
}

#[test]
fn v_27_and_28_are_recovery_ids_and_other_values_are_kept() {
    let v = |rs: &str, v: &str| {
        let signature = format!("{rs}{v}");
        let arguments = ["--digest", OPENZEPPELIN_DIGEST, "--signature", &signature, "--json"];
        let report = json(&ends_with(0, &recover(&arguments)));
        (report["input"]["recovery_id"].as_u64().unwrap(), report["reference"]["address"].clone())
    };
    assert_eq!(v(V27, "1b"), (0, V27_SIGNER.into()));
    assert_eq!(v(V27, "00"), (0, V27_SIGNER.into()));
    assert_eq!(v(V28, "1c"), (1, V28_SIGNER.into()));
    assert_eq!(v(V28, "01"), (1, V28_SIGNER.into()));
    for (byte, kept) in [("04", 4), ("1a", 26), ("1d", 29), ("1f", 31), ("25", 37), ("ff", 255)] {
        assert_eq!(v(V27, byte), (kept, Value::Null), "v = {kept}");
    }
}

#[test]
fn a_recovery_id_is_given_once() {
    let rs = &SIGNATURE[..130];
    let with = |arguments: &[&str]| recover(&[&["--digest", DIGEST, "--signature"], arguments].concat());
    ends_with(0, &with(&[rs, "--recovery-id", "1", "--expect", ROOT]));
    ends_with(1, &with(&[rs, "--recovery-id", "0", "--expect", ROOT]));
    assert_eq!(
        refused(&with(&[SIGNATURE, "--recovery-id", "1"])),
        "--signature: 65 bytes hold their recovery id: leave --recovery-id out"
    );
    assert!(refused(&with(&[rs, "--recovery-id", "256"])).contains("256"));
    assert!(refused(&with(&[rs, "--recovery-id", "1", "--compact"])).contains("cannot be used with"));
    assert!(
        refused(&with(&[SIGNATURE, "--compact"])).ends_with("has 64 bytes, found 65"),
        "the compact form has no v"
    );
}

/// 66 bytes are no 65: only EIP-155's v may have more bytes than one.
#[test]
fn a_signature_has_64_or_65_bytes() {
    for (bytes, found) in [("0x", 0), (&SIGNATURE[..128], 63), (&format!("{SIGNATURE}00"), 66)] {
        for recovery_id in [&[][..], &["--recovery-id", "1"]] {
            let arguments = [&["--digest", DIGEST, "--signature", bytes][..], recovery_id].concat();
            let expected = "expected 65 bytes, or 64 with --recovery-id or --compact";
            assert_eq!(refused(&recover(&arguments)), format!("--signature: {expected}, found {found}"));
        }
    }
}

#[test]
fn a_field_is_set_once_and_only_where_it_is_used() {
    let current = ["--format", "dstack.kms-issued.current", "--signature", SIGNATURE];
    let set = |fields: &[&str]| refused(&recover(&with_fields(&current, fields)));
    let twice = "--set: the field `app_id` is given twice";
    assert_eq!(set(&[APP_ID, APP_KEY, APP_ID]), twice);
    assert_eq!(set(&["app_id=0x00", APP_ID, APP_KEY]), twice);
    let expression = ["--format", "keccak256(app_id)", "--signature", SIGNATURE];
    assert_eq!(refused(&recover(&with_fields(&expression, &[APP_ID, APP_ID]))), twice);

    let known = "--set, for dstack.kms-issued.current";
    assert_eq!(set(&[APP_ID]), format!("{known}: field `app_key` is missing"));
    assert_eq!(
        set(&[APP_ID, APP_KEY, "app_ids=0x00"]),
        format!("{known}: unknown field `app_ids`; did you mean `app_id`?")
    );
    assert_eq!(
        set(&["app_id=0x00", APP_KEY]),
        format!("{known}: field `app_id`: expected 20 bytes, found 1")
    );
    assert!(set(&["app_id", APP_KEY]).contains("expected NAME=VALUE"));
    insta::assert_snapshot!(
        set(&["app_id=ea54", APP_KEY]),
        @r#"invalid value 'app_id=ea54' for '--set <NAME=VALUE>': expected 0x… (bytes) or text:… (text), found "ea54" (see --help)"#
    );
}

/// Where bytes are the only reading, `0x` adds nothing.
#[test]
fn hex_is_read_without_0x() {
    let bare = [DIGEST, SIGNATURE, ROOT, ROOT_KEY].map(|hex| &hex[2..]);
    let [digest, signature, root, root_key] = bare;
    for (signer, met) in [(root, true), (root_key, true), (&OTHER[2..], false)] {
        let arguments = ["--digest", digest, "--signature", signature, "--expect", signer, "--json"];
        let report = json(&ends_with(if met { 0 } else { 1 }, &recover(&arguments)));
        assert_eq!(report["input"]["digest"], DIGEST);
        assert_eq!(report["reference"]["address"], ROOT);
        assert_eq!(report["expected"]["met"], met);
    }
    let prehash = ["--prehash", &digest[..10], "--signature", signature, "--json"];
    assert_eq!(json(&ends_with(0, &recover(&prehash)))["input"]["surface"], "prehash");
}

/// Neither command nor option takes a private key: the error shows what was given.
#[test]
fn an_error_shows_the_value_that_cannot_be_read() {
    let digest = |digest: &str| refused(&recover(&["--digest", digest, "--signature", SIGNATURE]));
    let refused = [
        digest("3c55b4e0efaca928c9c29944c17889a61c7ba1c56dea9e8dce9e4f3224dba8"),
        digest("3c55b4e0efaca928c9c29944c17889a61c7ba1c56dea9e8dce9e4f3224dba8b"),
        digest("0X3c55b4e0efaca928c9c29944c17889a61c7ba1c56dea9e8dce9e4f3224dba8ba"),
        digest("sha256(a)"),
        digest(""),
        refused(&recover(&["--digest", DIGEST, "--signature", SIGNATURE, "--expect", &ROOT_KEY[4..]])),
    ];
    insta::assert_snapshot!(refused.join("\n"), @"
    invalid value '3c55b4e0efaca928c9c29944c17889a61c7ba1c56dea9e8dce9e4f3224dba8' for '--digest <HEX>': expected 32 bytes (64 hex digits), found 31 (see --help)
    invalid value '3c55b4e0efaca928c9c29944c17889a61c7ba1c56dea9e8dce9e4f3224dba8b' for '--digest <HEX>': expected two hex digits a byte, found 63 digits, an odd number (see --help)
    invalid value '0X3c55b4e0efaca928c9c29944c17889a61c7ba1c56dea9e8dce9e4f3224dba8ba' for '--digest <HEX>': expected hex digits, found 'X' at character 2 (see --help)
    invalid value 'sha256(a)' for '--digest <HEX>': expected hex digits, found 's' at character 1 (see --help)
    invalid value '' for '--digest <HEX>': expected hex digits, found nothing (no bytes are written 0x) (see --help)
    invalid value 'cad3a8bb11c5c0858fb3e402048b5137457039d577986daade678ed4b4ab1b9b' for '--expect <ADDRESS|KEY>': not a public key: expected SEC 1 (33 bytes from 02 or 03, or 65 from 04), found 32 bytes from ca (see --help)
    ");
}

/// What stands after the first `=` is the value.
#[test]
fn a_fields_text_may_hold_what_it_likes() {
    for value in ["a=b", "0x00", "text:", ""] {
        let field = format!("message=text:{value}");
        let format = ["--format", "eip191.personal-sign", "--signature", SIGNATURE, "--json"];
        let report = json(&ends_with(0, &recover(&with_fields(&format, &[&field]))));
        let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(report["message"]["fields"]["message"], format!("0x{hex}"));
    }
}

#[test]
fn the_expected_signer_is_an_address_or_a_key_in_either_form() {
    let expect =
        |signer: &str| recover(&["--digest", DIGEST, "--signature", SIGNATURE, "--json", "--expect", signer]);
    let lowercase = ROOT.to_lowercase();
    for signer in [ROOT, &lowercase, ROOT_KEY, ROOT_KEY_UNCOMPRESSED] {
        let report = json(&ends_with(0, &expect(signer)));
        assert_eq!(report["expected"], serde_json::json!({"address": ROOT, "met": true}), "{signer}");
    }
    for signer in [OTHER, OTHER_KEY] {
        let report = json(&ends_with(1, &expect(signer)));
        assert_eq!(report["expected"], serde_json::json!({"address": OTHER, "met": false}), "{signer}");
        assert_eq!(report["reference"]["address"], ROOT);
        assert!(report["subjects"].as_array().unwrap().iter().all(|subject| subject["verdict"] == "agreed"));
    }
    let off_curve = format!("0x02{}05", "00".repeat(31));
    assert!(refused(&expect(&off_curve)).contains("the point is not on secp256k1"));
    let hybrid = ROOT_KEY_UNCOMPRESSED.replacen("0x04", "0x06", 1);
    assert!(refused(&expect(&hybrid)).contains("found 65 bytes from 06"));
    assert!(refused(&expect(&ROOT[..40])).contains("expected 20 bytes (40 hex digits), found 19"));
}

#[test]
fn an_expected_signer_is_not_met_where_nobody_signed() {
    let zero = "0x0000000000000000000000000000000000000000";
    let no_r = format!("0x{}{}00", "00".repeat(32), EXAMPLE_S);
    let arguments = ["--digest", EXAMPLE_DIGEST, "--signature", &no_r, "--expect", zero, "--json"];
    let report = json(&ends_with(1, &recover(&arguments)));
    assert_eq!(report["expected"], serde_json::json!({"address": zero, "met": false}));
    assert_eq!(report["reference"], serde_json::json!({"outcome": "rejected", "reason": "r-zero"}));
    // Without an expectation there is none in the report, and a rejection that all agree on is no finding.
    let report =
        json(&ends_with(0, &recover(&arguments[..4].iter().copied().chain(["--json"]).collect::<Vec<_>>())));
    assert_eq!(report.get("expected"), None);
}

#[test]
fn calldata_is_a_call_with_the_gas_that_is_given() {
    let word = |v: u8| format!("{}{v:02x}", "00".repeat(31));
    let calldata = |v: u8| format!("{EXAMPLE_DIGEST}{}{EXAMPLE_R}{EXAMPLE_S}", word(v));
    let (v27, v29) = (calldata(27), calldata(29));
    let call = |arguments: &[&str]| recover(&[&["--json", "--calldata"], arguments].concat());

    let report = json(&ends_with(0, &call(&[&v27, "--expect", EXAMPLE_SIGNER])));
    assert_eq!((&report["input"]["surface"], &report["input"]["gas"]), (&"call".into(), &100_000.into()));
    assert_eq!(report["expected"]["met"], true);
    let report = json(&ends_with(0, &call(&[&v27, "--gas", "3000"])));
    assert_eq!(report["facts"], serde_json::json!(["gas-exact"]));
    assert_eq!(report["reference"]["address"], EXAMPLE_SIGNER);
    let report = json(&ends_with(0, &call(&[&v27, "--gas", "2999"])));
    assert_eq!(report["reference"], serde_json::json!({"outcome": "rejected", "reason": "out-of-gas"}));
    let report = json(&ends_with(1, &call(&[&v29, "--expect", EXAMPLE_SIGNER])));
    assert_eq!(report["reference"], serde_json::json!({"outcome": "rejected", "reason": "v-not-27-28"}));

    refused(&call(&[&v27, "--signature", SIGNATURE]));
    refused(&call(&[&v27, "--digest", DIGEST]));
}

/// The EIP-155 example's digest with bytes after it: SEC 1 signs the leftmost 32.
#[test]
fn a_prehash_may_have_any_length() {
    let signature = format!("0x{EXAMPLE_R}{EXAMPLE_S}1b");
    let prehash = format!("{EXAMPLE_DIGEST}ff00");
    let arguments = ["--prehash", &prehash, "--signature", &signature, "--expect", EXAMPLE_SIGNER, "--json"];
    let report = json(&ends_with(0, &recover(&arguments)));
    assert_eq!(report["input"]["surface"], "prehash");
    assert_eq!(report["facts"], serde_json::json!(["prehash-above-32"]));
    assert_eq!(report["expected"]["met"], true);
}

/// A copy of the corpus as `corpus` in a folder, in which a byte of an expected address is another.
fn red_project() -> (TempDir, PathBuf) {
    let project = TempDir::new().unwrap();
    let corpus = project.path().join("corpus");
    copy_folder(&corpus_folder(), &corpus);
    let file = corpus.join("fixtures/dstack-simulators.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("address = \"0x8f2cF602"));
    fs::write(&file, text.replacen("address = \"0x8f2cF602", "address = \"0x8f2cF603", 1)).unwrap();
    (project, corpus)
}

#[test]
fn a_red_check_says_in_json_what_failed_where_and_how_to_see_it() {
    let (_project, corpus) = red_project();
    let report = json(&ends_with(1, &run(&["check", "--json", "--corpus", corpus.to_str().unwrap()])));
    assert_eq!(report["verdict"], "failed");
    assert_eq!(report["whole_corpus"], true);
    let failures = report["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 1, "{failures:#?}");
    let failure = &failures[0];
    let keys: Vec<_> = failure.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["kind", "id", "place", "what", "reproduce"]);
    assert_eq!(failure["kind"], "expectation");
    assert_eq!(failure["id"], "simulator-old::kms-issued");
    let file = corpus.join("fixtures/dstack-simulators.toml");
    assert_eq!(failure["place"], format!("{}:5", file.display()));
    let expected =
        format!("expected 0x8f2cF603C9695b23130367ed78d8F557554de7C5, the reference gives {ROOT} ");
    assert!(failure["what"].as_str().unwrap().starts_with(&expected), "{failure}");
    let rs = &SIGNATURE[..130];
    assert_eq!(
        failure["reproduce"],
        format!("ecrecheck recover --digest {DIGEST} --signature {rs} --recovery-id 1")
    );
}

/// A subject that differs as nothing documents: the divergence that documents it is gone.
#[test]
fn a_finding_fails_a_check_and_a_recovery() {
    let (_project, corpus) = red_project();
    fs::write(corpus.join("divergences.toml"), "# none\n").unwrap();
    let corpus = corpus.to_str().unwrap();
    let report = json(&ends_with(1, &run(&["check", "--json", "--corpus", corpus])));
    assert_eq!(report["verdict"], "failed");
    let failures = report["failures"].as_array().unwrap();
    let finding = failures.iter().find(|failure| failure["id"] == "high-s::simulator-root").unwrap();
    assert_eq!(finding["kind"], "finding");
    assert!(finding["what"].as_str().unwrap().starts_with(&format!("k256-0.13: gives rejected, but {ROOT}")));

    // n - s and the other parity: every subject but one recovers the root, and that one is a finding.
    let high_s = "0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6ddbfa531bcc9db1aa971dc3b12d6e244f59d4154b39e0687ac15e0d37e438809b00";
    let arguments = ["--digest", DIGEST, "--signature", high_s, "--expect", ROOT, "--json"];
    let documented = json(&ends_with(0, &recover(&arguments)));
    let report = json(&ends_with(1, &recover(&[&arguments[..], &["--corpus", corpus]].concat())));
    for (report, verdict) in [(documented, "documented"), (report, "finding")] {
        assert_eq!(report["expected"]["met"], true);
        let subjects = report["subjects"].as_array().unwrap();
        let verdicts: Vec<_> = subjects.iter().map(|subject| subject["verdict"].as_str().unwrap()).collect();
        let agreed = "agreed";
        assert_eq!(verdicts, [agreed, verdict, agreed, agreed, agreed, agreed, agreed]);
    }
}

#[test]
fn the_corpus_is_found_in_a_folder_above() {
    let (project, _) = red_project();
    let below = project.path().join("a/b");
    fs::create_dir_all(&below).unwrap();
    let check_from = |folder: &Path| ecrecheck().current_dir(folder).arg("check").output().unwrap();
    for folder in [project.path(), &below] {
        let text = ends_with(1, &check_from(folder));
        assert!(text.contains("EXPECTATION  simulator-old::kms-issued ("), "{text}");
    }
    // The nearest one counts, and is not passed over for what it lacks.
    fs::create_dir(below.join("corpus")).unwrap();
    let says = refused(&check_from(&below));
    assert!(says.contains("a/b/corpus: no corpus: expected some of"), "{says}");
    copy_folder(&corpus_folder(), &below.join("corpus"));
    ends_with(0, &check_from(&below));
    // And one that is named counts before all.
    let output = ecrecheck().current_dir(project.path()).args(["check", "--corpus", "a/b/corpus"]).output();
    ends_with(0, &output.unwrap());
    let mut named = ecrecheck();
    let named = named.current_dir(project.path()).env("ECRECHECK_CORPUS", "a/b/corpus").arg("check").output();
    ends_with(0, &named.unwrap());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_stdout_is_one_line_and_work_that_was_not_done() {
    for arguments in [
        &["check"][..],
        &["check", "--json"],
        &["recover", "--digest", DIGEST, "--signature", SIGNATURE],
        &["recover", "--digest", DIGEST, "--signature", SIGNATURE, "--json"],
        &["list", "facts"],
    ] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = ecrecheck().args(arguments).stdout(full).output().unwrap();
        let says = refused(&output);
        assert!(says.starts_with("cannot write to stdout: "), "{arguments:?}: {says}");
    }
}

#[test]
fn what_does_not_belong_to_the_input_is_refused() {
    let digest = ["--digest", DIGEST, "--signature", SIGNATURE];
    let says = |arguments: &[&str]| refused(&recover(arguments));
    assert_eq!(says(&with_fields(&digest, &[APP_ID])), "--set needs --format");
    assert_eq!(says(&[&digest[..], &["--gas", "3000"]].concat()), "--gas needs --calldata");
    assert_eq!(says(&with_fields(&["--calldata", "0x00"], &[APP_ID])), "--set needs --format");
    let twice = "--calldata holds the signature: remove --recovery-id and --compact";
    assert_eq!(says(&["--calldata", "0x00", "--recovery-id", "1"]), twice);
    assert_eq!(says(&["--calldata", "0x00", "--compact"]), twice);
}
