//! Reads from the lockfile which versions of the libraries under test are compiled in, and gathers the corpus.
//!
//! A subject's identity must hold the version that really runs, so nobody types it. Each version is
//! found by following the lockfile's dependency edges from this package, because the tree holds two
//! versions of k256 and two of secp256k1.

#[path = "build/lockfile.rs"]
mod lockfile;

use std::path::{Path, PathBuf};
use std::{env, fs};

use lockfile::{Build, By, OVERRIDE};

/// Environment variable for the crate, and the way to it: names, the last with the version's beginning.
const VERSIONS: &[(&str, &[&str], &str)] = &[
    ("VERSION_K256_0_13", &["k256"], "0.13."),
    ("VERSION_K256_0_14", &["k256"], "0.14."),
    ("VERSION_SECP256K1", &["secp256k1"], ""),
    ("VERSION_SECP256K1_SYS", &["secp256k1", "secp256k1-sys"], ""),
    ("VERSION_REVM", &["revm"], ""),
    ("VERSION_REVM_PRECOMPILE", &["revm", "revm-precompile"], ""),
    ("VERSION_REVM_K256", &["revm", "revm-precompile", "k256"], ""),
    ("VERSION_REVM_SECP256K1", &["revm", "revm-precompile", "secp256k1"], ""),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    gather_corpus();
    read_versions();
}

/// Writes the list of the corpus's TOML files, each with its text, for src/corpus.rs: the program, tests and fuzz
/// targets must not depend on files.
fn gather_corpus() {
    println!("cargo::rerun-if-changed=corpus");
    let root = folder("CARGO_MANIFEST_DIR").join("corpus");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    assert!(!files.is_empty(), "{}: no .toml file: the corpus is compiled in", root.display());
    let entry = |file: &PathBuf| {
        let names =
            file.strip_prefix(&root).expect("a file below it").iter().map(|name| name.to_string_lossy());
        format!("({:?}, include_str!({file:?})),\n", names.collect::<Vec<_>>().join("/"))
    };
    let list = format!("&[\n{}]\n", files.iter().map(entry).collect::<String>());
    fs::write(folder("OUT_DIR").join("corpus.rs"), list).expect("the output folder can be written to");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
}

fn read_versions() {
    println!("cargo::rerun-if-env-changed={OVERRIDE}");
    let build = Build {
        named: env::var_os(OVERRIDE).filter(|path| !path.is_empty()).map(PathBuf::from),
        out: folder("OUT_DIR"),
        cargo: cargo_folders(),
        package: folder("CARGO_MANIFEST_DIR"),
        version: env::var("CARGO_PKG_VERSION").expect("set by cargo"),
    };
    let found = build.lockfile().unwrap_or_else(|error| panic!("{error}"));
    println!("cargo::rerun-if-changed={}", found.path.display());
    if found.by == By::Cargo || found.by == By::Package {
        // Workspaces that share a target folder share what this prints.
        println!("cargo::rerun-if-env-changed=PWD");
    }
    if let Some(doubt) = build.doubt(&found) {
        println!("cargo::warning={doubt}");
    }
    for (variable, way, version) in VERSIONS {
        let version = build.version_of(&found.lock, way, version).unwrap_or_else(|| {
            panic!("{}: no {} {version} below ecrecheck", found.path.display(), way.join(" -> "))
        });
        println!("cargo::rustc-env={variable}={version}");
    }
}

fn folder(variable: &str) -> PathBuf {
    PathBuf::from(env::var_os(variable).expect("set by cargo"))
}

/// Where cargo, which runs this, seems to work.
fn cargo_folders() -> Vec<PathBuf> {
    let mut folders = of_parent().unwrap_or_default();
    folders.extend(env::var_os("PWD").map(PathBuf::from));
    folders
}

/// What the parent process's command line names, and its working folder.
#[cfg(target_os = "linux")]
fn of_parent() -> Option<Vec<PathBuf>> {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;

    let parent = PathBuf::from(format!("/proc/{}", std::os::unix::process::parent_id()));
    let folder = fs::read_link(parent.join("cwd")).ok()?;
    let command_line = fs::read(parent.join("cmdline")).unwrap_or_default();
    let command_line: Vec<_> =
        command_line.split(|byte| *byte == 0).map(|argument| OsString::from_vec(argument.to_vec())).collect();
    let mut folders = lockfile::named_on(&command_line, &folder);
    folders.push(folder);
    Some(folders)
}

/// Elsewhere there is no such easy way to them.
#[cfg(not(target_os = "linux"))]
fn of_parent() -> Option<Vec<PathBuf>> {
    None
}
