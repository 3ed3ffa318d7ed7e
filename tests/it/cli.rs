//! The command line as its users meet it: exit status, stdout, stderr.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;

use crate::support::{
    copy_folder, corpus_folder as corpus, ecrecheck, refused, refuses, run, stdout, succeeds,
};
use serde_json::Value;
use tempfile::TempDir;

const EXPRESSION: &str = r#"keccak256("dstack-kms-issued:" + app_id + compressed(app_key))"#;
const APP_ID: &str = "app_id=0xea549f02e1a25fabd1cb788380e033ec5461b2ff";
const APP_KEY: &str = "app_key=0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810";
const SIGNATURE: &str = "0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601";
const DIGEST: &str = "0x3c55b4e0efaca928c9c29944c17889a61c7ba1c56dea9e8dce9e4f3224dba8ba";
const ROOT: &str = "0x8f2cF602C9695b23130367ed78d8F557554de7C5";

#[test]
fn check_is_the_default_and_prints_matrix_and_verdict() {
    let text = succeeds(&["check"]);
    assert_eq!(succeeds(&[]), text);
    let verdict = text.lines().last().unwrap();
    assert!(verdict.starts_with("agreed: ") && verdict.ends_with(" unsupported, 0 findings"), "{verdict}");
    assert!(
        text.lines().any(|line| line.starts_with("high-s ") && line.contains(" doc")),
        "the matrix is there"
    );
    // libsecp256k1 takes neither a prehash of another length nor a call.
    let row = text.lines().find(|line| line.starts_with("libsecp256k1 ") && line.contains(" of ")).unwrap();
    let cells: Vec<u64> = row.split_whitespace().filter_map(|cell| cell.parse().ok()).collect();
    let [asked, agreed, documented, findings, not_expressible, cases] = cells[..] else { panic!("{row}") };
    assert_eq!((asked, documented, findings), (agreed, 0, 0), "{row}");
    assert!(not_expressible > 50 && asked + not_expressible == cases, "{row}");
    assert!(!text.contains('\u{1b}'), "no colour in a pipe");
}

#[test]
fn check_prints_json() {
    let report: Value = serde_json::from_str(&succeeds(&["check", "--json"])).unwrap();
    assert_eq!(report["verdict"], "agreed");
    assert_eq!(report["whole_corpus"], true);
    assert_eq!(report["subjects"].as_array().unwrap().len(), 7);
    assert_eq!(report["failures"], serde_json::json!([]));
    let (totals, cases) = (&report["totals"]["libsecp256k1"], report["cases"].as_u64().unwrap());
    let [agreed, unsupported] = ["agreed", "unsupported"].map(|name| totals[name].as_u64().unwrap());
    assert!(unsupported > 50 && agreed + unsupported == cases, "each case once: {totals}");
    assert!(report["matrix"]["high-s"]["subjects"]["k256-0.13"]["documented"].as_u64().unwrap() > 0);
}

#[test]
fn check_works_from_another_directory() {
    let elsewhere = TempDir::new().unwrap();
    let output = ecrecheck().current_dir(&elsewhere).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let corpus = corpus();
    let output =
        ecrecheck().current_dir(&elsewhere).arg("check").arg("--corpus").arg(&corpus).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let output = ecrecheck().current_dir(&elsewhere).env("ECRECHECK_CORPUS", &corpus).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

/// What `check` says when it is run in a folder: the first line, and the last.
#[track_caller]
fn checked_in(folder: &Path, arguments: &[&str]) -> (String, String) {
    let output = ecrecheck().current_dir(folder).arg("check").args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = stdout(&output);
    (text.lines().next().unwrap().to_owned(), text.lines().last().unwrap().to_owned())
}

const BUILT_IN: &str = concat!("checked  the built-in corpus of ecrecheck ", env!("CARGO_PKG_VERSION"));

#[test]
fn the_built_in_corpus_is_checked_where_no_folder_is() {
    let elsewhere = TempDir::new().unwrap();
    let folder = corpus();
    let (checked, verdict) = checked_in(elsewhere.path(), &["--corpus", folder.to_str().unwrap()]);
    assert_eq!(checked, format!("checked  {}", folder.display()));
    // Every case, and that the whole corpus is covered: the same line of verdict.
    assert_eq!(checked_in(elsewhere.path(), &[]), (BUILT_IN.to_owned(), verdict.clone()));
    assert_eq!(checked_in(&folder, &["--corpus", "built-in"]), (BUILT_IN.to_owned(), verdict));
    let report: Value =
        serde_json::from_str(&succeeds(&["check", "--corpus", "built-in", "--json"])).unwrap();
    assert_eq!(report["checked"], BUILT_IN.strip_prefix("checked  ").unwrap());
}

/// Together with the test above: no file of this source tree is needed where the program runs.
#[test]
fn no_source_knows_the_folder_it_was_built_in() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut sources = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources += 1;
                let text = fs::read_to_string(&path).unwrap();
                assert!(!text.contains("CARGO_MANIFEST_DIR"), "{}", path.display());
            }
        }
    }
    assert!(sources > 90, "the sources are there: {sources}");
}

#[test]
fn another_project_may_have_a_folder_of_that_name() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("corpus")).unwrap();
    let line = refused(&ecrecheck().current_dir(&folder).output().unwrap());
    let begins =
        "the folder `corpus` here or above is no corpus: give --corpus FOLDER or --corpus built-in: ";
    assert!(line.starts_with(begins) && line.contains("/corpus: no corpus: expected some of"), "{line}");
    assert_eq!(checked_in(folder.path(), &["--corpus", "built-in"]).0, BUILT_IN);
}

#[test]
fn without_a_corpus_folder_findings_go_to_the_working_folder() {
    let folder = TempDir::new().unwrap();
    // What does not diverge is a finding.
    let wrong = r#"[[divergence]]
id = "wrong"
subjects = ["k256-0.14"]
versions = ">=0.14"
facts = ["high-s"]
reference = "recovered"
outcome = "rejected"
why = "it is not so"
link = "https://example.org"
"#;
    fs::write(folder.path().join("wrong.toml"), wrong).unwrap();
    let run = |arguments: &[&str]| {
        let output = ecrecheck().current_dir(&folder).args(arguments).output().unwrap();
        (output.status.code(), stdout(&output))
    };
    let (status, text) = run(&["fuzz", "--cases", "400", "--divergences", "wrong.toml"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("  written to regressions/"), "{text}");
    let command = text.lines().find_map(|line| line.trim().strip_prefix("reproduce: ecrecheck ")).unwrap();
    let command: Vec<_> = command.split(' ').collect();
    assert_eq!(run(&[&command[..], &["--divergences", "wrong.toml"]].concat()).0, Some(1));
    assert_eq!(run(&command).0, Some(0), "{command:?}");
    let (status, text) = run(&["fuzz", "--cases", "400", "--divergences", "wrong.toml", "--out", "found"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("  written to found/"), "{text}");
}

#[test]
fn check_survives_a_reader_that_stops_reading() {
    let mut child = ecrecheck().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_missing_corpus_is_one_line() {
    let line = refuses(&["check", "--corpus", "no/such/folder"]);
    assert_eq!(line, "no/such/folder: corpus folder not found");
}

#[test]
fn failures_are_named_with_a_place_and_a_command_that_shows_them() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("case.toml");
    let text = fs::read_to_string(corpus().join("cases/high-s.toml")).unwrap();
    let case = text.split("[[case]]").nth(1).unwrap();
    fs::write(&file, format!("[[case]]{}", case.replace("0xdbfa531b", "0xdbfa531c"))).unwrap();
    let output = run(&["check", "--cases", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains(&format!("EXPECTATION  high-s::simulator-root ({}:2)", file.display())), "{text}");
    assert!(text.lines().last().unwrap().starts_with("FAILED: 1 failure; 1 cases"), "{text}");

    let command = text.lines().find_map(|line| line.trim().strip_prefix("reproduce: ecrecheck ")).unwrap();
    let shown = succeeds(&command.split(' ').collect::<Vec<_>>());
    assert!(shown.contains("0xdbfa531c"), "{shown}");
}

#[test]
fn cases_that_cannot_be_read_are_one_line() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let check = |name: &str| {
        let line = refuses(&["check", "--cases", &path(name)]);
        line.strip_prefix(&path(name)).unwrap_or(&line).to_owned()
    };
    assert!(check("none.toml").starts_with(": cannot be read: "));

    fs::create_dir(path("empty")).unwrap();
    assert_eq!(check("empty"), ": no .toml or .json file in this folder");
    fs::write(path("empty/case.toml"), "# nothing\n").unwrap();
    let expected = ": no cases: expected [[case]] or [[fixture]] tables, or vectors in JSON";
    assert_eq!(check("empty"), expected);

    File::create(path("large.toml")).unwrap().set_len(1 << 30).unwrap();
    assert_eq!(check("large.toml"), ": has 1073741824 bytes: expected at most 67108864");

    fs::write(path("latin.toml"), b"# one\n# \xe9\n").unwrap();
    assert_eq!(check("latin.toml"), ":2: expected text, which is UTF-8");
    fs::write(path("broken.toml"), "[[case]]\nid = \n").unwrap();
    assert!(check("broken.toml").starts_with(":2: "), "{}", check("broken.toml"));
    fs::write(path("unknown.toml"), "\n[[kase]]\n").unwrap();
    assert_eq!(
        check("unknown.toml"),
        ":2: unknown field `kase`, expected one of `version`, `fixture`, `case`"
    );
}

#[test]
fn a_part_of_the_corpus_is_checked_as_such() {
    let file = corpus().join("fixtures/dstack-simulators.toml");
    let folder = corpus().join("fixtures");
    for path in [file, folder] {
        let text = succeeds(&["check", "--cases", path.to_str().unwrap()]);
        assert!(
            text.trim_end().ends_with("(these cases only; that all facts are covered was not checked)"),
            "{text}"
        );
    }
}

#[test]
fn recover_gives_the_true_kms_root_with_every_subject() {
    let arguments = [
        "recover",
        "--format",
        EXPRESSION,
        "--set",
        APP_ID,
        "--set",
        APP_KEY,
        "--signature",
        SIGNATURE,
        "--json",
    ];
    let report: Value = serde_json::from_str(&succeeds(&arguments)).unwrap();
    let subjects = report["subjects"].as_array().unwrap();
    assert_eq!(subjects.len(), 7);
    for subject in subjects {
        assert_eq!(
            (subject["outcome"].as_str(), subject["address"].as_str()),
            (Some("recovered"), Some(ROOT))
        );
        assert_eq!(subject["verdict"], "agreed");
    }
    assert_eq!(report["message"]["digest"], DIGEST);
    assert_eq!(report["facts"], serde_json::json!(["ordinary"]));

    let known = ["--format", "dstack.kms-issued.current", "--expect", ROOT];
    let text = succeeds(
        &[&["recover", "--set", APP_ID, "--set", APP_KEY, "--signature", SIGNATURE], &known[..]].concat(),
    );
    assert!(text.contains(&format!("expected    {ROOT}: met")), "{text}");
}

#[test]
fn recover_takes_each_form_of_a_signature() {
    let r_s = &SIGNATURE[..130];
    let with_v28 = format!("{r_s}1c");
    let mut compact = r_s.to_owned();
    compact.replace_range(66..67, "a"); // s begins with 0x24: with the parity 0xa4
    for form in [
        &["--signature", &with_v28][..],
        &["--signature", r_s, "--recovery-id", "1"],
        &["--signature", &compact, "--compact"],
    ] {
        let text = succeeds(&[&["recover", "--digest", DIGEST, "--expect", ROOT], form].concat());
        assert!(text.contains("recovery id 1\n"), "{text}");
    }
    let kept = run(&["recover", "--digest", DIGEST, "--signature", &format!("{r_s}1d")]);
    assert!(stdout(&kept).contains("recovery id 29\n") && kept.status.code() == Some(0));
}

#[test]
fn recover_fails_where_another_signer_comes_out() {
    let other = "0xA7F6043C29f9cc1d9D6aCF554c53E0c6792AaEAf";
    let output = run(&["recover", "--digest", DIGEST, "--signature", SIGNATURE, "--expect", other]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains(&format!("expected    {other}: NOT MET")));
}

#[test]
fn recover_refuses_bad_input_in_one_line() {
    let signature = ["--signature", SIGNATURE];
    let recover = |arguments: &[&str]| {
        let line = refuses(&[&["recover"], arguments].concat());
        line.strip_prefix("").unwrap().to_owned()
    };
    let format = |format: &str| recover(&[&["--format", format], &signature[..]].concat());
    assert_eq!(
        recover(&["--digest", DIGEST, "--signature", &SIGNATURE[..128]]),
        "--signature: expected 65 bytes, or 64 with --recovery-id or --compact, found 63"
    );
    assert_eq!(
        recover(&["--digest", DIGEST, "--signature", &SIGNATURE[..130]]),
        "--signature: 64 bytes have no recovery id: give --recovery-id, or --compact for EIP-2098"
    );
    assert!(
        recover(&["--digest", "0x12", "--signature", SIGNATURE])
            .contains("expected 32 bytes (64 hex digits), found 1")
    );
    assert!(recover(&["--digest", "12", "--signature", SIGNATURE]).contains("(64 hex digits), found 1"));
    assert!(recover(&["--digest", DIGEST]).contains("--signature <HEX>"));
    assert!(recover(&signature).contains("--digest <HEX>"));
    assert_eq!(format("keccak256(app_id"), "--format: at character 17: expected `+`, `,` or `)`");
    assert_eq!(
        format("keccak256(app_id)"),
        "--format: at character 11: unknown field `app_id`; no field is defined"
    );
    assert_eq!(format("\"abc\""), "--format: at character 1: a digest has 32 bytes, this expression gives 3");
    assert_eq!(
        format("dstack.kms-isued.current"),
        "--format: unknown format `dstack.kms-isued.current`; did you mean `dstack.kms-issued.current`?"
    );
    assert_eq!(format("eip191.personal-sign"), "--set, for eip191.personal-sign: field `message` is missing");
    let off_curve = [
        "--format",
        EXPRESSION,
        "--set",
        APP_ID,
        "--set",
        "app_key=0x020000000000000000000000000000000000000000000000000000000000000005",
    ];
    assert_eq!(
        recover(&[&off_curve[..], &signature].concat()),
        "--format: at character 54: not a public key: the point is not on secp256k1"
    );
    let unused = ["--format", "sha256(\"a\")", "--set", "b=0x00"];
    assert_eq!(
        recover(&[&unused[..], &signature].concat()),
        "--set: the expression does not use the field `b`"
    );
    let checksum = ["--digest", DIGEST, "--expect", "0x8F2cF602C9695b23130367ed78d8F557554de7C5"];
    assert!(
        recover(&[&checksum[..], &signature].concat())
            .contains(&format!("expected {ROOT} if only the case is mistyped"))
    );
}

#[test]
fn everything_can_be_listed_as_text_and_json() {
    for (what, entry) in [
        ("subjects", "k256-0.13"),
        ("formats", "dstack.kms-issued.current"),
        ("fixtures", "simulator-old::kms-issued"),
        ("divergences", "k256-0.13-rejects-high-s"),
        ("facts", "q-infinity"),
        ("investigation", "Format 1"),
    ] {
        assert!(succeeds(&["list", what]).contains(entry), "{what}");
        let listing: Value = serde_json::from_str(&succeeds(&["list", what, "--json"])).unwrap();
        let entries = listing.as_array().unwrap();
        assert!(
            entries.iter().any(|row| row.as_object().unwrap().values().next().unwrap() == entry),
            "{what}"
        );
    }
}

#[test]
fn fuzz_agrees_and_counts_what_it_reached() {
    let report: Value =
        serde_json::from_str(&succeeds(&["fuzz", "--cases", "2500", "--seed", "7", "--json"])).unwrap();
    assert_eq!((&report["verdict"], &report["cases"]), (&"agreed".into(), &2500.into()));
    assert_eq!((&report["findings"], &report["missed"]), (&serde_json::json!([]), &serde_json::json!([])));
    assert!(report["facts"]["q-infinity"].as_u64().unwrap() > 0);
}

#[test]
fn fuzz_fails_where_a_class_was_asked_for_and_not_reached() {
    let output = run(&["fuzz", "--cases", "1", "--strategy", "call", "--jobs", "1"]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(
        text.contains("MISSED  gas-exact: strategy call must reach it, and none of its cases did"),
        "{text}"
    );
    assert!(text.lines().last().unwrap().starts_with("FAILED: 1 cases"), "{text}");
}

#[test]
fn fuzz_refuses_bad_arguments_in_one_line() {
    assert!(
        refuses(&["fuzz", "--strategy", "cal"])
            .contains("there is no strategy `cal`; there are valid, high-s")
    );
    assert!(refuses(&["fuzz", "--seed", "x"]).contains("--seed"));
    assert!(refuses(&["fuzz", "--cases", "0"]).contains("--cases"));
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let line = refuses(&["fuzz", "--cases", "1", "--out", file.join("below").to_str().unwrap()]);
    assert!(line.starts_with("--out "), "{line}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is written");
}

#[test]
fn selftest_finds_every_planted_bug() {
    let text = succeeds(&["selftest"]);
    assert!(!text.contains("NOT FOUND") && !text.contains("NOT REACHED"), "{text}");
    assert!(text.contains(" 721 of 721 classes of inputs in "), "{text}");
    assert!(text.lines().last().unwrap().starts_with("found: 113 of 113 planted bugs"), "{text}");
}

#[test]
fn the_corpus_variable_counts_without_a_command_too() {
    for arguments in [&[][..], &["check"]] {
        let output = ecrecheck().args(arguments).env("ECRECHECK_CORPUS", "no/such/folder").output().unwrap();
        let line = refused(&output);
        assert_eq!(line, "no/such/folder: corpus folder not found");
    }
}

#[test]
fn an_error_is_one_line_whatever_an_argument_holds() {
    assert!(refuses(&["check", "--corpus", "no\nsuch"]).contains("no\\nsuch: corpus folder not found"));
    let with = ["recover", "--format", "sha256(a)", "--signature", SIGNATURE, "--set", "a\u{1b}[31m\nb=0x00"];
    assert!(refuses(&with).contains("\\u{1b}[31m\\nb"));
}

#[test]
fn help_that_nobody_reads_is_no_error() {
    let mut child = ecrecheck().arg("--help").stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// A copy of the corpus without the divergence for k256 0.13's high-s rejection: it is a finding there.
fn corpus_without_a_divergence() -> TempDir {
    let copy = TempDir::new().unwrap();
    copy_folder(&corpus(), copy.path());
    let file = copy.path().join("divergences.toml");
    let text = fs::read_to_string(&file).unwrap();
    let entries: Vec<_> = text.split("[[divergence]]").collect();
    assert!(entries[1].contains("k256-0.13-rejects-high-s"));
    fs::write(&file, [&entries[..1], &entries[2..]].concat().join("[[divergence]]")).unwrap();
    copy
}

#[test]
fn what_fuzz_finds_is_written_and_runs_again() {
    let copy = corpus_without_a_divergence();
    let folder = copy.path().to_str().unwrap();
    let output = run(&["fuzz", "--cases", "400", "--corpus", folder]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("FINDING  k256-0.13: gives rejected, but 0x"), "{text}");
    let command = text.lines().find_map(|line| line.trim().strip_prefix("reproduce: ecrecheck ")).unwrap();
    let again = run(&[&command.split(' ').collect::<Vec<_>>()[..], &["--corpus", folder]].concat());
    assert_eq!(again.status.code(), Some(1));
    assert!(stdout(&again).contains("k256-0.13: gives rejected, but 0x"), "{}", stdout(&again));
    // From then on it is one of the corpus's cases.
    let checked = stdout(&run(&["check", "--corpus", folder]));
    assert!(checked.contains("FINDING  regression::"), "{checked}");
}

#[test]
fn what_fuzz_finds_is_shown_where_it_cannot_be_written() {
    let copy = corpus_without_a_divergence();
    fs::write(copy.path().join("regressions"), "a file in the place of the folder").unwrap();
    let output = run(&["fuzz", "--cases", "400", "--corpus", copy.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("cannot be written (") && text.contains("[[case]]\nid = \"regression::"), "{text}");
}
