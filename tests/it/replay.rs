//! `ecrecheck replay`: case files, what fuzz targets were fed, and what is kept of it.

use std::fs;
use std::path::Path;

use crate::support::{copy_folder, corpus_folder as corpus, ecrecheck, refused, refuses, stdout, succeeds};
use tempfile::TempDir;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn case_files_are_checked() {
    let case = corpus().join("cases/infinity.toml");
    assert!(succeeds(&["replay", text(&case)]).contains("agreed: 26 cases"));
}

#[test]
fn raw_inputs_are_run_by_the_target_that_is_given_or_that_their_folder_is_named_after() {
    let folder = TempDir::new().unwrap();
    let raw = folder.path().join("crash-1");
    // A literal scalar: digest 1, r = 4 with recovery id 2 (x = n + 4), s = 1.
    let word = |last: u8| [[0; 31].as_slice(), &[last]].concat();
    let bytes = [&[0, 0], word(4).as_slice(), &word(1), &[2], &word(1)].concat();
    fs::write(&raw, &bytes).unwrap();
    let said = succeeds(&["replay", "--target", "recover", text(&raw)]);
    assert!(said.contains("target recover\nstrategy    literal\n"), "{said}");
    assert!(said.contains("recovery id 2\n") && said.contains("facts       "), "{said}");
    assert!(said.contains("x-reduced") && said.contains("evm-k256 "), "{said}");

    let artifacts = folder.path().join("artifacts/signature_bytes");
    fs::create_dir_all(&artifacts).unwrap();
    fs::write(artifacts.join("crash-2"), []).unwrap();
    let said = succeeds(&["replay", text(&artifacts.join("crash-2"))]);
    assert!(said.contains("target signature_bytes\n") && said.contains("has 65 bytes, found 0"), "{said}");
}

#[test]
fn what_cannot_be_read_is_refused_in_one_line() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("case.toml");
    let says = |text: &str| {
        fs::write(&file, text).unwrap();
        refuses(&["replay", file.to_str().unwrap()])
    };
    assert!(says("version = 2\n[[case]]\n").contains("case.toml:"));
    let case = fs::read_to_string(corpus().join("cases/infinity.toml")).unwrap();
    let newer = format!("version = 2\n{case}");
    assert!(says(&newer).ends_with("case.toml:1: is of version 2: this ecrecheck reads versions up to 1"));
    let truncated = &case[..case.len() - 40];
    assert!(says(truncated).contains("case.toml:"));
    assert!(refuses(&["replay", "--target", "recover", "none"]).contains("none: cannot be read"));
    let named = folder.path().join("recover");
    fs::create_dir(&named).unwrap();
    assert!(refuses(&["replay", "--target", "recover", text(&named)]).contains("expected a file"));
    assert!(refuses(&["replay"]).contains("<FILE>"));
    let prehash = corpus().join("cases/prehash.toml");
    let line = refuses(&["replay", "--emit", "calldata", text(&prehash)]);
    assert_eq!(line, "`prehash::empty` is not expressible as calldata");
}

#[test]
fn a_raw_input_of_no_target_is_refused_with_the_names() {
    let folder = TempDir::new().unwrap();
    let raw = folder.path().join("crash-1");
    fs::write(&raw, [0x55; 300]).unwrap();
    let line = refuses(&["replay", text(&raw)]);
    assert!(line.contains("give its fuzz target with --target (recover, ecrecover_call, "), "{line}");
    // More than a raw input may have.
    let vectors = folder.path().join("vectors.json");
    fs::write(&vectors, " ".repeat(2 << 20)).unwrap();
    let line = refuses(&["replay", text(&vectors)]);
    assert!(line.ends_with("; vectors in JSON are for `check --cases` and `fuzz --seeds`"), "{line}");
    let line = refuses(&["replay", "--target", "recovr", text(&raw)]);
    assert!(line.contains("unknown fuzz target `recovr`; the targets are recover, "), "{line}");
    let line = refuses(&["replay", "--emit", "calldata", "--target", "format_parser", text(&raw)]);
    assert!(line.ends_with("holds no signature"), "{line}");
}

#[test]
fn a_raw_input_is_kept_as_a_case_that_check_runs() {
    let folder = TempDir::new().unwrap();
    let kept = folder.path().join("corpus");
    copy_folder(&corpus(), &kept);
    let raw = folder.path().join("crash-1");
    fs::write(&raw, [0; 99]).unwrap();
    let keep = |target: &str| {
        let arguments = ["replay", "--keep", "--target", target, "--corpus", text(&kept), text(&raw)];
        let output = ecrecheck().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        stdout(&output)
    };
    assert!(keep("recover").contains("kept as "), "as a case");
    let files: Vec<_> = fs::read_dir(kept.join("regressions")).unwrap().flatten().collect();
    assert_eq!(files.len(), 1);
    let case = fs::read_to_string(files[0].path()).unwrap();
    assert!(case.contains("rejected = \"r-zero\"") && case.contains("fuzz target recover"), "{case}");
    let before = succeeds(&["check"]).lines().last().unwrap().to_owned();
    let after = succeeds(&["check", "--corpus", text(&kept)]).lines().last().unwrap().to_owned();
    let cases = |line: &str| line.split(' ').nth(1).unwrap().parse::<u32>().unwrap();
    assert_eq!(cases(&after), cases(&before) + 1, "{before} {after}");

    // What holds no signature is kept as a seed, which `seeds` copies.
    assert!(keep("format_parser").contains("format_parser/kept-"), "as a seed");
    let seeds: Vec<_> = fs::read_dir(kept.join("seeds/format_parser")).unwrap().flatten().collect();
    assert_eq!(seeds.len(), 1);
    assert_eq!(fs::read(seeds[0].path()).unwrap(), [0; 99]);

    let line = refuses(&["replay", "--keep", text(&files[0].path())]);
    assert!(line.contains("is a case file: move it to regressions/"), "{line}");
}

#[test]
fn a_planted_bug_is_examined_instead_of_the_real_subjects() {
    let folder = TempDir::new().unwrap();
    let raw = folder.path().join("crash-1");
    // A literal scalar: digest 0, r = 4 with recovery id 2, s = n + 1, which no subject may reduce.
    let n_plus_1 = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142";
    let mut r = [0; 32];
    r[31] = 4;
    let s = const_hex::decode(n_plus_1).unwrap();
    fs::write(&raw, [&[0, 0], r.as_slice(), &s, &[2], &[0; 32]].concat()).unwrap();
    let replay = ["replay", "--target", "recover", text(&raw)];
    assert!(!succeeds(&replay).contains("FINDING"));
    let output = ecrecheck().args(replay).args(["--planted", "s-reduced"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(stdout(&output).contains("\nFINDING  s-reduced: "), "{output:?}");
    let line = refuses(&["replay", "--planted", "none", text(&raw)]);
    assert!(line.contains("no planted bug `none`"), "{line}");
}

#[test]
fn the_built_in_corpus_keeps_nothing() {
    let folder = TempDir::new().unwrap();
    let raw = folder.path().join("crash-1");
    fs::write(&raw, [0; 99]).unwrap();
    let keep = |more: &[&str]| {
        let arguments = ["replay", "--keep", "--target", "recover", text(&raw)];
        ecrecheck().current_dir(&folder).args(arguments).args(more).output().unwrap()
    };
    assert_eq!(
        refused(&keep(&[])),
        "--keep: the built-in corpus cannot be written to: give --out FOLDER or --corpus FOLDER"
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is written");
    assert!(stdout(&keep(&["--out", "kept"])).contains("kept as kept/"));
}
