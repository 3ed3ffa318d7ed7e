//! What several tests need: the binary, run as its users run it, and copies of the corpus to spoil.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The corpus of this source tree.
pub(crate) fn corpus_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// Copies all below a folder into another, which is made if it is not there.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// The binary, with nothing of the environment that changes what it does.
pub(crate) fn ecrecheck() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ecrecheck"));
    command.env_remove("ECRECHECK_CORPUS").stdin(Stdio::null());
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    ecrecheck().args(arguments).output().unwrap()
}

/// Exit status 0, and nothing but the result.
#[track_caller]
pub(crate) fn succeeds(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    stdout(&output)
}

/// What it prints where it ends with this status and says nothing on stderr.
#[track_caller]
pub(crate) fn ends_with(status: i32, arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    stdout(&output)
}

/// Of a run of the binary, see [`refused`].
#[track_caller]
pub(crate) fn refuses(arguments: &[&str]) -> String {
    refused(&run(arguments))
}

/// Exit status 2, nothing on stdout, and one line on stderr, which is given without `error: `.
#[track_caller]
pub(crate) fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(stderr.lines().count(), 1, "one line: {stderr}");
    stderr.trim_end().strip_prefix("error: ").unwrap().to_owned()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Holds a file to what is printed now; `INSTA_UPDATE=always` writes it anew.
#[track_caller]
pub(crate) fn keeps(file: &Path, printed: &str) {
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(file, printed).unwrap();
    }
    assert_eq!(fs::read_to_string(file).unwrap_or_default(), printed, "{}", file.display());
}

/// Says what was not done here, past what the test harness captures: a skip must not look like a pass. Where
/// `ECRECHECK_SKIP=never` it fails.
#[track_caller]
pub(crate) fn skipped(what: &str, needs: &str) {
    assert!(std::env::var("ECRECHECK_SKIP").as_deref() != Ok("never"), "{what}: {needs} is missing");
    writeln!(std::io::stderr().lock(), "SKIPPED  {what}: {needs} is missing").unwrap();
}
