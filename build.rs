//! Reads from the lockfile which versions of the libraries under test are compiled in, and gathers the known
//! formats and the documented differences.
//!
//! A subject's identity must hold the version that really runs, so nobody types it. Each version is
//! found by following the lockfile's dependency edges from this package, because the tree holds two
//! versions of k256 and two of secp256k1.

use std::path::{Path, PathBuf};
use std::{env, fs};

use cargo_lock::{Lockfile, Package};

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
    gather_formats();
    take_divergences();
    let (path, lock) = lockfile();
    println!("cargo::rerun-if-changed={}", path.display());
    for (variable, way, version) in VERSIONS {
        let package = follow(&lock, way, version).unwrap_or_else(|| {
            panic!("{}: no {} {version} below ecrecheck", path.display(), way.join(" -> "))
        });
        println!("cargo::rustc-env={variable}={}", package.version);
    }
}

/// Gathers the known formats for the generators, which must not depend on files. A missing corpus is no
/// matter here: the program says so when it is run.
fn gather_formats() {
    println!("cargo::rerun-if-changed=corpus/formats");
    let mut files: Vec<PathBuf> = fs::read_dir("corpus/formats")
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let texts: Vec<String> =
        files.iter().map(|file| fs::read_to_string(file).expect("a format file")).collect();
    write("formats.toml", &texts.join("\n"));
}

/// Takes the documented differences along for fuzzers, which run where no corpus is.
fn take_divergences() {
    println!("cargo::rerun-if-changed=corpus/divergences.toml");
    write("divergences.toml", &fs::read_to_string("corpus/divergences.toml").unwrap_or_default());
}

/// Writes a text for the crate to include.
fn write(name: &str, text: &str) {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo")).join(name);
    fs::write(out, text).expect("the output folder can be written to");
}

/// The lockfile of the workspace that is being compiled: the nearest one above the output folder, or
/// above this package, that lists this package.
fn lockfile() -> (PathBuf, Lockfile) {
    let folders =
        ["OUT_DIR", "CARGO_MANIFEST_DIR"].map(|name| PathBuf::from(env::var_os(name).expect("set by cargo")));
    folders
        .iter()
        .flat_map(|folder| folder.ancestors())
        .map(|folder| folder.join("Cargo.lock"))
        .filter(|path| path.is_file())
        .find_map(|path| read(&path).filter(|lock| ecrecheck(lock).is_some()).map(|lock| (path, lock)))
        .expect("no Cargo.lock lists ecrecheck: run `cargo generate-lockfile`")
}

fn read(path: &Path) -> Option<Lockfile> {
    Lockfile::load(path).ok()
}

fn ecrecheck(lock: &Lockfile) -> Option<&Package> {
    let version = env::var("CARGO_PKG_VERSION").expect("set by cargo");
    lock.packages
        .iter()
        .find(|package| package.name.as_str() == "ecrecheck" && package.version.to_string() == version)
}

fn follow<'a>(lock: &'a Lockfile, way: &[&str], version: &str) -> Option<&'a Package> {
    way.iter().enumerate().try_fold(ecrecheck(lock)?, |package, (step, name)| {
        let last = step + 1 == way.len();
        let dependency = package.dependencies.iter().find(|dependency| {
            dependency.name.as_str() == *name
                && (!last || dependency.version.to_string().starts_with(version))
        })?;
        lock.packages.iter().find(|package| dependency.matches(package))
    })
}
