//! The programs of docs/vectors.md: each passes the vectors, and fails where a digit of an expectation is another.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ecrecheck::report::export::ExportFormat;

use super::{spoilt, text, vectors};
use crate::support::{skipped, stdout};

/// As it stands in docs/vectors.md.
#[allow(unreachable_pub, reason = "printed code")]
mod printed {
    include!("../../vectors/cases.rs");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A program of docs/vectors.md, by its first line, which names it.
fn program(language: &str, name: &str) -> String {
    let document = fs::read_to_string(root().join("docs/vectors.md")).unwrap();
    let fence = format!("```{language}\n");
    let mut blocks = document.split(&fence).skip(1).map(|block| block.split("```").next().unwrap());
    let is_named = |block: &&str| block.lines().next().unwrap().contains(name);
    blocks.find(is_named).unwrap_or_else(|| panic!("{name} in docs/vectors.md")).to_owned()
}

/// Runs a reader on what an export wrote, and on the same with a digit after `after` changed.
fn reads(format: ExportFormat, file: &str, after: &str, run: impl Fn(&Path) -> Output) {
    let export = format.export(&vectors(), &[]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    let whole = text(&export, file);
    fs::write(&path, whole).unwrap();
    let output = run(&path);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = stdout(&output);
    assert!(said.ends_with(", 0 failed\n"), "{said}");
    let count: usize = said.split(' ').next().unwrap().parse().unwrap();
    // Of all that is known, a reader takes the scalar inputs.
    assert!(count <= export.held && count > 350, "{said}");

    fs::write(&path, spoilt(whole, after)).unwrap();
    let output = run(&path);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = stdout(&output);
    assert!(said.starts_with("FAILED ") && said.ends_with(", 1 failed\n"), "{said}");
}

/// Runs a program of the document with node, beside the packages of `subjects/javascript`.
fn node(name: &str) -> Option<impl Fn(&Path) -> Output> {
    let packages = root().join("subjects/javascript/node_modules");
    if !packages.is_dir() || Command::new("node").arg("--version").output().is_err() {
        skipped(&format!("{name} of docs/vectors.md"), "node, or `subjects/setup javascript`,");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(packages, folder.path().join("node_modules")).unwrap();
    let file = folder.path().join(name);
    fs::write(&file, program("js", name)).unwrap();
    Some(move |vectors: &Path| {
        let _kept = &folder;
        Command::new("node").args([&file, vectors]).output().unwrap()
    })
}

#[test]
fn noble_reads_wycheproofs_file() {
    let Some(run) = node("wycheproof.mjs") else { return };
    reads(ExportFormat::Wycheproof, "ecdsa_secp256k1_recover_test.json", "\"publicKey\": \"04", run);
}

#[test]
fn ethereumjs_reads_geths_file() {
    let Some(run) = node("geth.mjs") else { return };
    reads(ExportFormat::Geth, "ecRecover.json", "\"Expected\": \"000000000000000000000000", run);
}

#[test]
fn coincurve_reads_what_is_known() {
    let python = root().join("subjects/python/venv/bin/python");
    if !python.exists() {
        return skipped("cases.py of docs/vectors.md", "`subjects/setup python`");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.py");
    fs::write(&file, program("python", "cases.py")).unwrap();
    let run = |vectors: &Path| Command::new(&python).args([&file, vectors]).output().unwrap();
    reads(ExportFormat::Json, "cases.json", "\"public_key\": \"0x02", run);
}

#[test]
fn rust_reads_what_is_known() {
    let code = program("rust", "cases.rs");
    let (_, code) = code.split_once('\n').unwrap();
    assert_eq!(
        fs::read_to_string(root().join("tests/vectors/cases.rs")).unwrap(),
        code,
        "tests/vectors/cases.rs"
    );
    let export = ExportFormat::Json.export(&vectors(), &[]);
    let whole = text(&export, "cases.json");
    let (count, failed) = printed::check(whole);
    assert!(count > 350 && failed.is_empty(), "{count} {failed:?}");
    let (_, failed) = printed::check(&spoilt(whole, "\"public_key\": \"0x02"));
    assert_eq!(failed.len(), 1, "{failed:?}");
}

#[test]
fn c_reads_wycheproofs_file() {
    let folder = tempfile::tempdir().unwrap();
    let (source, built) = (folder.path().join("wycheproof.c"), folder.path().join("wycheproof"));
    fs::write(&source, program("c", "wycheproof.c")).unwrap();
    let arguments: [PathBuf; 5] = ["-O1".into(), "-o".into(), built.clone(), source, "-lsecp256k1".into()];
    match Command::new("cc").args(arguments).output() {
        Ok(output) if output.status.success() => {}
        // Where the header is there, the program must compile.
        Ok(output) if Path::new("/usr/include/secp256k1_recovery.h").exists() => panic!("{output:?}"),
        _ => {
            return skipped(
                "wycheproof.c of docs/vectors.md",
                "cc or secp256k1_recovery.h (Debian: libsecp256k1-dev)",
            );
        }
    }
    let run = |vectors: &Path| Command::new(&built).arg(vectors).output().unwrap();
    reads(ExportFormat::Wycheproof, "ecdsa_secp256k1_recover_test.json", "\"publicKey\": \"04", run);
}
