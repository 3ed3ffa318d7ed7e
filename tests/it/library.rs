//! Shared libraries as subjects: libsecp256k1 agrees, and whatever a library does is an outcome of its input, after
//! which the run goes on. They are compiled here where there is a C compiler; otherwise stderr shows a skip.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::support::{corpus_folder, ecrecheck, refused, refuses, run, skipped, stdout, succeeds};
use ecrecheck::generate::{STRATEGIES, generate};
use ecrecheck::input::{Input, ScalarInput};
use ecrecheck::outsider::{Settings, Spec};
use ecrecheck::run::{conformance, fuzz};
use ecrecheck::subject::Outcome;
use ecrecheck::{Corpus, Subject};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A library in a folder of its own.
struct Built {
    _folder: TempDir,
    file: PathBuf,
}

impl Built {
    fn subject(&self) -> String {
        format!("library:{}", self.file.display())
    }
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Compiles it; a shown skip where there is no compiler.
fn compiled(source: &Path, arguments: &[&str]) -> Option<Built> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("libfixture.so");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-o"]).arg(&file).arg(source).args(arguments);
    let Ok(output) = cc.output() else {
        skipped(&format!("{} as a shared library", source.display()), "cc");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(Built { _folder: folder, file })
}

/// `tests/library/fixture.c` that does this with a digest of zeros.
fn fixture(misbehaviour: &str) -> Option<Built> {
    compiled(&source("tests/library/fixture.c"), &["-w", &format!("-DMISBEHAVE={misbehaviour}")])
}

/// A library of this code, which has the fixture's function unless it renames it.
fn around_the_fixture(code: &str) -> Option<Built> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("around.c");
    let code = format!("#define MISBEHAVE\n#include {:?}\n{code}\n", source("tests/library/fixture.c"));
    fs::write(&file, code).unwrap();
    compiled(&file, &["-w"])
}

fn settings() -> Settings {
    Settings { host: assert_cmd::cargo::cargo_bin!("ecrecheck").into(), ..Settings::default() }
}

fn opened(built: &Built, settings: &Settings) -> Box<dyn Subject> {
    built.subject().parse::<Spec>().unwrap().open(settings).unwrap()
}

/// The signature of EIP-155's example, which the fixture knows.
fn known() -> ScalarInput {
    ScalarInput {
        digest: "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53".parse().unwrap(),
        r: "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276".parse().unwrap(),
        s: "0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83".parse().unwrap(),
        recovery_id: 0,
    }
}

/// What the fixture misbehaves with.
fn zeros() -> ScalarInput {
    ScalarInput { digest: format!("0x{}", "00".repeat(32)).parse().unwrap(), ..known() }
}

/// What a fixture's misbehaviour is to the harness. What is asked before and after it is answered: the run goes on.
#[track_caller]
fn outcome_of(misbehaviour: &str, settings: &Settings) -> Option<Outcome> {
    let built = fixture(misbehaviour)?;
    let subject = opened(&built, settings);
    let (known, zeros): (Input, Input) = (known().into(), zeros().into());
    let mut outcomes = subject.answer_all(&[&known, &zeros, &known, &known]);
    let outcome = outcomes.remove(1);
    let recovered = subject.recover(&self::known());
    for answer in outcomes.iter().chain([&recovered]) {
        let key = "(key 0x024bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382)";
        let expected = format!("0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F {key}");
        assert_eq!(answer.to_string(), expected, "{misbehaviour}");
    }
    Some(outcome)
}

/// The outcome's name and its words.
#[track_caller]
fn is(misbehaviour: &str, name: &str, words: &str) {
    let Some(outcome) = outcome_of(misbehaviour, &settings()) else { return };
    let said = match &outcome {
        Outcome::Rejected { words } => words.clone(),
        Outcome::Malformed { how } | Outcome::Died { how } | Outcome::Hung { how } => how.clone(),
        other => other.to_string(),
    };
    assert_eq!(outcome.kind().to_string(), name, "{misbehaviour}: {outcome:?}");
    assert!(said.starts_with(words), "{misbehaviour}: {said}");
}

#[test]
fn a_crash_is_the_outcome_of_its_input() {
    is("*(volatile int *)0 = 0", "died", "signal: 11 (SIGSEGV)");
    is("abort()", "died", "signal: 6 (SIGABRT)");
    is("exit(0)", "died", "exit status: 0");
    is("_exit(3)", "died", "exit status: 3");
}

#[test]
fn a_loop_without_end_is_the_outcome_of_its_input() {
    // The answers before and after have the same limit, on a machine that may be busy.
    let settings = Settings { timeout: Duration::from_secs(2), ..settings() };
    if let Some(outcome) = outcome_of("for (;;)", &settings) {
        assert_eq!(outcome.kind().to_string(), "hung", "{outcome:?}");
    }
}

#[test]
fn writes_beyond_the_output_or_into_the_inputs_are_malformed() {
    let outside = "wrote outside its 64 bytes of output, first at offset";
    is("memset(output, 1, 65); return 0", "malformed", &format!("{outside} 64"));
    is("output[127] = 0; return -1", "malformed", &format!("{outside} 127"));
    is("output[-1] = 1; return -1", "malformed", &format!("{outside} -1"));
    is("((uint8_t *)msg)[31] = 1; return -1", "malformed", "wrote to its const inputs");
    is("((uint8_t *)sig)[63] ^= 1; return -1", "malformed", "wrote to its const inputs");
    is(
        "output[64] = 0; ((uint8_t *)sig)[0] = 0; return 7",
        "malformed",
        &format!("{outside} 64; wrote to its const inputs; returned 7, neither EOK (0) nor EFAIL (-1)"),
    );
}

#[test]
fn a_status_that_the_standard_lacks_is_malformed() {
    is("return 7", "malformed", "returned 7, neither EOK (0) nor EFAIL (-1)");
    is("return 1", "malformed", "returned 1, neither EOK (0) nor EFAIL (-1)");
}

#[test]
fn success_without_output_is_malformed() {
    is("return 0", "malformed", "returned EOK (0) and wrote no output");
}

#[test]
fn a_key_is_taken_as_it_is_written() {
    if let Some(outcome) = outcome_of("memset(output, 0, 64); return 0", &settings()) {
        let key = "(key 0x020000000000000000000000000000000000000000000000000000000000000000)";
        // keccak256 of 64 zeros: what `ecrecover` of a point at infinity has given elsewhere.
        assert_eq!(outcome.to_string(), format!("0x3f17f1962B36e491b30A40b2405849e597Ba5FB5 {key}"));
    }
}

#[test]
fn a_rejection_says_what_is_in_the_output() {
    is("return -1", "rejected", "EFAIL, output untouched");
    is("memset(output, 0, 64); return -1", "rejected", "EFAIL, output zeroed");
    let half = format!("EFAIL, output bytes 0 to 31 are 0x{}", "01".repeat(32));
    is("memset(output, 1, 32); return -1", "rejected", &half);
    is("output[5] = 0; return -1", "rejected", "EFAIL, output bytes 5 to 5 are 0x00");
}

#[test]
fn prints_do_not_spoil_the_protocol() {
    let print = r#"puts("{\"id\": 1}"); fflush(stdout); write(1, "more\n", 5); return -1"#;
    is(print, "rejected", "EFAIL, output untouched");
}

/// How many are in the corpus and among the first generated ones: scalar inputs, and all.
fn inputs(generated: u64) -> (usize, usize) {
    let corpus = Corpus::load(&corpus_folder()).unwrap();
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    let of_corpus = corpus.cases.iter().flat_map(|case| case.asked()).cloned();
    let generated = (0..generated).map(|number| generate(&fuzz::bytes(0, number), &strategies).input);
    let all: Vec<Input> = of_corpus.chain(generated).collect();
    let scalar = all.iter().filter(|input| matches!(input, Input::Scalar(_))).count();
    (scalar, all.len())
}

#[test]
fn libsecp256k1_agrees_with_every_scalar_case() {
    let header =
        Command::new("cc").args(["-E", "-include", "secp256k1_recovery.h", "-x", "c", "/dev/null"]).output();
    if !header.is_ok_and(|output| output.status.success()) {
        return skipped("subjects/c/libsecp256k1.c", "cc or secp256k1_recovery.h (Debian: libsecp256k1-dev)");
    }
    let adapter = source("subjects/c/libsecp256k1.c");
    assert!(fs::read_to_string(&adapter).unwrap().lines().count() <= 25);
    let built = compiled(&adapter, &["-O2", "-Wall", "-Wextra", "-Werror", "-lsecp256k1"]).unwrap();
    let report = conformance::check(opened(&built, &settings()), 500).unwrap();
    assert!(report.passes(), "{report}");
    let (scalar, all) = inputs(500);
    assert!(scalar > 500, "{scalar} of {all}");
    assert_eq!((report.tally().agreed, report.tally().unsupported), (scalar, all - scalar), "{report}");
    assert_eq!(report.tally().findings, 0, "{report}");
}

#[test]
fn a_check_reports_a_crash_and_goes_on() {
    let Some(built) = fixture("abort()") else { return };
    let case = |id: &str, input: ScalarInput| {
        let ScalarInput { digest, r, s, recovery_id } = input;
        format!(
            "[[case]]\nid = \"library::{id}\"\nabout = \"about\"\nsource = \"here\"\nfacts = []\ndigest = \"{digest}\"\nr = \"{r}\"\ns = \"{s}\"\nrecovery_id = {recovery_id}\n[case.expect]\n"
        )
    };
    let example = "address = \"0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F\"\npublic_key = \"0x024bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382\"\n";
    let off_curve = ScalarInput { r: format!("0x{}05", "00".repeat(31)).parse().unwrap(), ..zeros() };
    let rejected = "rejected = \"x-off-curve\"\n";
    let cases = [case("1", known()) + example, case("2", off_curve) + rejected, case("3", known()) + example];
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("cases.toml");
    fs::write(&file, cases.join("\n")).unwrap();
    let output = run(&["check", "--json", "--cases", file.to_str().unwrap(), "--subject", &built.subject()]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(report["cases"], 3);
    let failures = report["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert_eq!(failures[0]["id"], "library::2");
    let text = failures[0].to_string();
    assert!(text.contains("libfixture") && text.contains("died: signal: 6 (SIGABRT)"), "{text}");
    let identity = &report["subjects"][0];
    let lineage = json!({"code": "libfixture.so", "version": "0.0.0"});
    assert_eq!((&identity["name"], &identity["version"]), (&"libfixture".into(), &"0.0.0".into()));
    assert_eq!((&identity["lineage"], &identity["entry"]), (&lineage, &built.subject().into()));
}

#[test]
fn another_symbol_and_another_name_can_be_chosen() {
    let Some(built) = around_the_fixture("") else { return };
    let Some(renamed) = compiled(
        &source("tests/library/fixture.c"),
        &["-w", "-DMISBEHAVE=", "-Dzkvm_secp256k1_ecrecover=recover_it"],
    ) else {
        return;
    };
    let spec = format!("mine={}#recover_it", renamed.subject());
    let subject = spec.parse::<Spec>().unwrap().open(&settings()).unwrap();
    assert_eq!(subject.identity().name, "mine");
    assert_eq!(subject.identity().entry, spec);
    assert_eq!(subject.recover(&known()), opened(&built, &settings()).recover(&known()));
    let line = refuses(&["check", "--subject", &renamed.subject()]);
    let expected = "has no function `zkvm_secp256k1_ecrecover`: name the one to call, library:FILE#SYMBOL (`nm -D` lists them)";
    assert_eq!(line, format!("subject `{}`: {expected}", renamed.subject()));
}

/// Of a library with this name and these bytes: the error, without the subject.
#[track_caller]
fn refused_file(name: &str, bytes: &[u8]) -> String {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, bytes).unwrap();
    let subject = format!("library:{}", file.display());
    let line = refuses(&["check", "--subject", &subject]);
    line.strip_prefix(&format!("subject `{subject}`: ")).expect(&line).to_owned()
}

#[test]
fn what_is_no_library_is_refused() {
    let line = refuses(&["check", "--subject", "library:./nowhere.so"]);
    assert_eq!(line, "subject `library:./nowhere.so`: there is no such file");
    let line = refuses(&["check", "--subject", "library:."]);
    assert_eq!(line, "subject `library:.`: it is no file");
    assert_eq!(refused_file("text.so", b"#!/bin/sh\n"), "it is no shared library");
    assert_eq!(refused_file("empty.so", b""), "it is no shared library");
    assert_eq!(
        refused_file("libfoo.a", b"!<arch>\n/               0"),
        "it is a static library: link it into a shared one (cc -shared)"
    );
    // As long as a header, and nothing after it.
    let own = &fs::read(std::env::current_exe().unwrap()).unwrap()[..64];
    let line = refused_file("cut.so", own);
    assert!(line.starts_with("cannot be loaded: "), "{line}");
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn a_library_for_another_architecture_is_refused() {
    let mut other = fs::read(std::env::current_exe().unwrap()).unwrap()[..64].to_vec();
    let ours = "build it for this machine, x86-64 (64 bits, little endian)";
    for (machine, name) in [(243, "RISC-V"), (183, "AArch64"), (7, "ELF machine 7")] {
        other[18] = machine;
        assert_eq!(
            refused_file("other.so", &other),
            format!("it is a library for {name} (64 bits, little endian): {ours}")
        );
    }
    (other[4], other[18]) = (1, 3);
    let line = refused_file("other.so", &other);
    assert_eq!(line, format!("it is a library for x86 (32 bits, little endian): {ours}"));
}

#[test]
fn a_library_that_cannot_be_loaded_is_refused_with_the_reason() {
    let refusal = |code: &str| {
        let built = around_the_fixture(code)?;
        let line = refuses(&["check", "--subject", &built.subject()]);
        let of_file = format!("subject `{}`: ", built.subject());
        Some(line.strip_prefix(&of_file).expect(&line).replace(&built.file.display().to_string(), "FILE"))
    };
    let constructor =
        |does: &str| refusal(&format!("__attribute__((constructor)) void first() {{ {does}; }}"));
    for (found, expected) in [
        (refusal("int gone(); int *f() { return gone; }"), "cannot be loaded: FILE: undefined symbol: gone"),
        (constructor("exit(0)"), "loading it ended the process (exit status: 0)"),
        (constructor("abort()"), "loading it ended the process (signal: 6 (SIGABRT)"),
        (constructor("*(volatile int *)0 = 0"), "loading it ended the process (signal: 11 (SIGSEGV)"),
        (
            constructor(r#"fputs("no license\n", stderr); _exit(2)"#),
            "loading it ended the process (exit status: 2); stderr: no license",
        ),
    ] {
        let Some(found) = found else { return };
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn a_library_that_is_never_loaded_is_refused_in_time() {
    let Some(built) = around_the_fixture("__attribute__((constructor)) void first() { for (;;); }") else {
        return;
    };
    let settings = Settings { start: Duration::from_secs(1), ..settings() };
    let error = built.subject().parse::<Spec>().unwrap().open(&settings).err().unwrap();
    assert_eq!(
        error.to_string(),
        format!("subject `{}`: loading it did not end within 1 s", built.subject())
    );
}

#[test]
fn a_constructor_that_prints_does_not_spoil_the_protocol() {
    let Some(built) = around_the_fixture(
        r#"__attribute__((constructor)) void first() { puts("loaded"); fflush(stdout); }"#,
    ) else {
        return;
    };
    assert_eq!(opened(&built, &settings()).recover(&known()).kind().to_string(), "recovered");
}

#[test]
fn the_host_is_no_command_of_users() {
    let help = succeeds(&["--help"]);
    assert!(help.contains("selftest") && !help.contains("load-library"), "{help}");
}

#[test]
fn a_host_that_is_not_there_is_named() {
    let Some(built) = fixture("") else { return };
    let settings = Settings { host: "./no-such-host".into(), ..settings() };
    let error = built.subject().parse::<Spec>().unwrap().open(&settings).err().unwrap();
    let begin =
        format!("subject `{}`: cannot start `./no-such-host`, which loads libraries: ", built.subject());
    assert!(error.to_string().starts_with(&begin), "{error}");
}

/// A name without a slash is a file of this folder, not one that the loader looks for in the system's.
#[test]
fn a_name_alone_is_a_file_of_this_folder() {
    let Some(built) = fixture("") else { return };
    let check = |subject: &str| {
        let mut check = ecrecheck();
        check.current_dir(built.file.parent().unwrap()).args(["check", "--subject", subject, "--corpus"]);
        check.arg(corpus_folder()).output().unwrap()
    };
    let line = refused(&check("library:libc.so.6"));
    assert_eq!(line, "subject `library:libc.so.6`: there is no such file");
    assert_eq!(check("library:libfixture.so").status.code(), Some(1), "the fixture knows two answers");
}
