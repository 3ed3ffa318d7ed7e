//! A team's own corpus, outside of this repository: `init`, `check`, `snapshot`, `recover --fixture`.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::ecrecheck;

/// Runs the program in a folder: exit status, stdout, stderr.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = ecrecheck().current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A folder in which `init` made the corpus `ours`.
fn made() -> TempDir {
    let folder = TempDir::new().unwrap();
    let (status, _, stderr) = run(folder.path(), &["init", "ours"]);
    assert_eq!((status, stderr.as_str()), (0, ""));
    folder
}

fn edit(folder: &TempDir, file: &str, from: &str, to: &str) {
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn one_format_and_one_fixture_are_a_corpus() {
    let folder = made();
    let (status, stdout, _) = run(folder.path(), &["check", "--corpus", "ours"]);
    assert_eq!(status, 0, "{stdout}");
    assert!(stdout.contains("agreed: 1 cases x 7 subjects: 7 agreed"), "{stdout}");
    // Formats that are built in are known beside it.
    let (_, formats, _) = run(folder.path(), &["list", "formats", "--corpus", "ours"]);
    assert!(formats.contains("example.greeting") && formats.contains("eip191.personal-sign"), "{formats}");
}

#[test]
fn a_changed_format_fails_with_what_changed() {
    let folder = made();
    let snapshot = |more: &[&str]| run(folder.path(), &[&["snapshot", "--corpus", "ours"], more].concat());
    let (status, stdout, _) = snapshot(&[]);
    assert_eq!(status, 1);
    assert!(stdout.starts_with("MISSING  fixture__example__hello-world"), "{stdout}");
    assert_eq!(snapshot(&["--accept"]).0, 0);
    assert_eq!(snapshot(&[]).0, 0);

    edit(&folder, "ours/formats/example.toml", "\"Hello \" + name", "\"Hello\" + name");
    let (status, stdout, _) = snapshot(&[]);
    assert_eq!(status, 1);
    for expected in [
        "CHANGED  fixture__example__hello-world (format: example.greeting)",
        "- expression  eip191(\"Hello \" + name)",
        "+ expression  eip191(\"Hello\" + name)",
        "the preimage had 39 bytes and has 38; they part after 27: there was 0x3148656c6c6f20576f726c64, and there is 0x3048656c6c6f576f726c64",
        "- reference   0x2e988A386a799F506693793c6A5AF6B54dfAaBfB",
        "FAILED: 1 of 1 snapshots in ",
        "ecrecheck snapshot --accept --corpus ours\n",
    ] {
        assert!(stdout.contains(expected), "{expected} is in {stdout}");
    }
    // What is pinned stays what was typed: the check names the fixture too.
    let (status, stdout, _) = run(folder.path(), &["check", "--corpus", "ours"]);
    assert_eq!(status, 1);
    assert!(stdout.contains("EXPECTATION  example::hello-world (ours/fixtures/example.toml:"), "{stdout}");
    assert_eq!(snapshot(&["--accept"]).0, 0);
    assert_eq!(snapshot(&[]).0, 0);
}

#[test]
fn orphans_and_conflicts_fail_and_nothing_is_overwritten() {
    let folder = made();
    let snapshot = |more: &[&str]| run(folder.path(), &[&["snapshot", "--corpus", "ours"], more].concat());
    assert_eq!(snapshot(&["--accept"]).0, 0);
    let file = folder.path().join("snapshots/fixture__example__hello-world.snap");
    let pinned = fs::read_to_string(&file).unwrap();
    fs::write(folder.path().join("snapshots/gone.snap"), &pinned).unwrap();
    let (status, stdout, _) = snapshot(&[]);
    assert_eq!(status, 1);
    assert!(stdout.starts_with("ORPHAN  snapshots/gone.snap"), "{stdout}");
    assert_eq!(snapshot(&["--accept"]).0, 0);
    assert!(!folder.path().join("snapshots/gone.snap").exists());

    for (spoilt, why) in [
        (pinned.replace("\nabout ", "\n<<<<<<< ours\nabout "), "the marks of a merge conflict"),
        ("no header\n".to_owned(), "is no snapshot"),
    ] {
        fs::write(&file, &spoilt).unwrap();
        for more in [&[][..], &["--accept"]] {
            let (status, stdout, stderr) = snapshot(more);
            assert_eq!((status, stdout.as_str()), (2, ""));
            assert!(stderr.contains(why) && stderr.lines().count() == 1, "{stderr}");
            assert_eq!(fs::read_to_string(&file).unwrap(), spoilt);
        }
    }
}

#[test]
fn what_was_recovered_is_a_fixture() {
    let folder = made();
    let signature = "0x68a020a209d3d56c46f38cc50a33f704f4a9a10a59377f8dd762ac66910e9b907e865ad05c4035ab5792787d4a0297a43617ae897930a6fe4d822b8faea52064";
    let whole = format!("{signature}1b");
    let recover = [
        "recover",
        "--corpus",
        "ours",
        "--format",
        "example.greeting",
        "--set",
        "name=text:World",
        "--signature",
    ];
    let with = |signature: &str, more: &[&str]| {
        let (status, stdout, stderr) =
            run(folder.path(), &[&recover[..], &[signature, "--fixture", "example::again"], more].concat());
        assert_eq!(status, 0, "{stderr}");
        stdout
    };
    let fixture = with(&whole, &[]);
    assert_eq!(fixture, with(signature, &["--recovery-id", "0"]), "pasted without its v");
    fs::write(folder.path().join("ours/fixtures/again.toml"), fixture).unwrap();
    let (status, stdout, _) = run(folder.path(), &["check", "--corpus", "ours"]);
    assert_eq!(status, 0, "{stdout}");
    assert!(stdout.contains("agreed: 2 cases"), "{stdout}");
}

#[test]
fn what_is_no_corpus_or_takes_a_name_is_refused() {
    let folder = made();
    let refused = |arguments: &[&str]| {
        let (status, stdout, stderr) = run(folder.path(), arguments);
        assert_eq!((status, stdout.as_str(), stderr.lines().count()), (2, "", 1), "{stderr}");
        stderr
    };
    assert!(refused(&["init", "ours"]).contains("ours: is not empty: nothing was written"));
    fs::create_dir(folder.path().join("none")).unwrap();
    assert!(refused(&["check", "--corpus", "none"]).contains("none: no corpus: expected some of"));
    fs::create_dir_all(folder.path().join("formats-only")).unwrap();
    fs::rename(folder.path().join("ours/formats"), folder.path().join("formats-only/formats")).unwrap();
    assert!(refused(&["check", "--corpus", "formats-only"]).contains("no cases: expected fixtures or cases"));
    assert!(refused(&["snapshot", "--corpus", "formats-only"]).contains("no fixtures"));
    fs::rename(folder.path().join("formats-only/formats"), folder.path().join("ours/formats")).unwrap();

    edit(&folder, "ours/formats/example.toml", "example.greeting", "eip191.personal-sign");
    let taken = refused(&["check", "--corpus", "ours"]);
    assert!(taken.contains("two formats have the name `eip191.personal-sign`"), "{taken}");
    edit(&folder, "ours/formats/example.toml", "eip191.personal-sign", "example.greeting");

    edit(&folder, "ours/fixtures/example.toml", "name = \"text:World\"\n", "");
    let lost = refused(&["check", "--corpus", "ours"]);
    assert!(lost.contains("ours/fixtures/example.toml:") && lost.contains("`name`"), "{lost}");
}

#[test]
fn a_folder_that_cannot_be_written_is_one_line() {
    let folder = made();
    fs::write(folder.path().join("snapshots"), "a file").unwrap();
    for more in [&[][..], &["--accept"]] {
        let (status, stdout, stderr) =
            run(folder.path(), &[&["snapshot", "--corpus", "ours"], more].concat());
        assert_eq!((status, stdout.as_str(), stderr.lines().count()), (2, "", 1), "{stderr}");
        assert!(stderr.contains("snapshots: cannot be"), "{stderr}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("snapshots")).unwrap(), "a file");
}

/// A format with what its fields can be: numbers of so many bits, bytes that may be missing, examples.
#[test]
fn what_a_format_says_of_its_fields_is_held() {
    let folder = made();
    let format = |field: &str| {
        let text = format!(
            "[[format]]\nname = \"ours.any\"\nabout = \"a\"\ndigest = 'keccak256(x)'\nsigner = \"a\"\nwire = \"rs\"\nsource = \"a\"\n[format.fields]\nx = {{ {field}, about = \"a\" }}\n"
        );
        fs::write(folder.path().join("ours/formats/any.toml"), text).unwrap();
    };
    let recover = |value: &str| {
        let (signature, set) = (format!("0x{}", "11".repeat(64)), format!("x={value}"));
        let arguments = ["recover", "--corpus", "ours", "--format", "ours.any", "--set", &set, "--signature"];
        let (status, _, stderr) =
            run(folder.path(), &[&arguments[..], &[&signature, "--recovery-id", "0"]].concat());
        (status, stderr)
    };
    format("kind = \"number\", bits = 8");
    assert_eq!(recover("text:255").0, 0);
    let (status, stderr) = recover("text:256");
    assert_eq!(status, 2);
    assert!(stderr.ends_with("field `x`: expected a number of at most 8 bits\n"), "{stderr}");
    format("kind = \"bytes\", length = 2, optional = true");
    assert_eq!((recover("0x").0, recover("0x1234").0), (0, 0));
    assert!(recover("0x12").1.contains("expected 2 bytes, found 1"));
    format("kind = \"bytes\", length = 2, examples = [\"0x1234\", \"0x12\"]");
    let (status, stderr) = recover("0x1234");
    assert_eq!(status, 2);
    let why = "format `ours.any`: an example is none: field `x`: expected 2 bytes, found 1";
    assert!(stderr.contains(why), "{stderr}");
    for (field, why) in [
        ("kind = \"text\", length = 2", "field `x`: `length` is for bytes"),
        ("kind = \"bytes\", optional = true", "field `x`: `optional` is for bytes of a `length`"),
        ("kind = \"bytes\", bits = 8", "field `x`: `bits` is for numbers"),
        ("kind = \"number\", bits = 0", "field `x`: `bits` is 1 to 256"),
        ("kind = \"number\", bits = 257", "field `x`: `bits` is 1 to 256"),
    ] {
        format(field);
        let (status, stderr) = recover("0x1234");
        assert_eq!(status, 2);
        assert!(stderr.contains(why), "{field}: {stderr}");
    }
}

#[test]
fn typed_data_that_is_none_is_one_line() {
    let folder = made();
    let with = |types: &str, message: &str| {
        let json = format!(
            r#"{{"types":{{"EIP712Domain":[],{types}}},"primaryType":"A","domain":{{}},"message":{message}}}"#
        );
        let set = format!("json=text:{json}");
        let signature = format!("0x{}", "11".repeat(64));
        let arguments =
            ["recover", "--format", "eip712.typed-data-json", "--set", &set, "--signature", &signature];
        let (status, stdout, stderr) =
            run(folder.path(), &[&arguments[..], &["--recovery-id", "0"]].concat());
        assert_eq!((status, stdout.as_str(), stderr.lines().count()), (2, "", 1), "{json}: {stderr}");
        stderr
    };
    let cycle =
        with(r#""A":[{"name":"b","type":"B"}],"B":[{"name":"a","type":"A"}]"#, r#"{"b":{"a":{"b":{}}}}"#);
    assert!(cycle.contains("contains itself"), "{cycle}");
    let missing = with(r#""A":[{"name":"b","type":"B"}]"#, r#"{"b":{}}"#);
    assert!(missing.contains("`B`"), "{missing}");
    let large = with(r#""A":[{"name":"b","type":"uint8"}]"#, r#"{"b":256}"#);
    assert!(large.contains("uint8"), "{large}");
}
