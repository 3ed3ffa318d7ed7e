//! Reads from the lockfile which versions of the libraries under test are compiled in, and gathers the corpus.
//!
//! A subject's identity must hold the version that really runs, so nobody types it. Each version is
//! found by following the lockfile's dependency edges from this package, because the tree holds two
//! versions of k256 and two of secp256k1. Cargo does not tell a build script where the lockfile is, and as a
//! dependency this package may bring one along that says something else than the one that cargo resolved:
//! tests/it/lockfile.rs includes this file, and tests which one is chosen.

use std::ffi::OsString;
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
    use std::os::unix::ffi::OsStringExt as _;

    let parent = PathBuf::from(format!("/proc/{}", std::os::unix::process::parent_id()));
    let folder = fs::read_link(parent.join("cwd")).ok()?;
    let command_line = fs::read(parent.join("cmdline")).unwrap_or_default();
    let command_line: Vec<_> =
        command_line.split(|byte| *byte == 0).map(|argument| OsString::from_vec(argument.to_vec())).collect();
    let mut folders = named_on(&command_line, &folder);
    folders.push(folder);
    Some(folders)
}

/// Elsewhere there is no such easy way to them.
#[cfg(not(target_os = "linux"))]
fn of_parent() -> Option<Vec<PathBuf>> {
    None
}

/// Names the lockfile, where it is not found otherwise.
pub(crate) const OVERRIDE: &str = "ECRECHECK_LOCKFILE";

/// What a build script can know of the build.
#[derive(Debug, Clone)]
pub(crate) struct Build {
    /// What [`OVERRIDE`] says.
    pub(crate) named: Option<PathBuf>,
    /// Where build scripts write to: below the workspace, unless the target folder is elsewhere.
    pub(crate) out: PathBuf,
    /// Where cargo seems to work, likeliest first.
    pub(crate) cargo: Vec<PathBuf>,
    /// This package.
    pub(crate) package: PathBuf,
    /// This package's version.
    pub(crate) version: String,
}

/// A lockfile that lists this package.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) lock: Lockfile,
    pub(crate) by: By,
}

/// What a lockfile was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// [`OVERRIDE`].
    Name,
    /// It is above the output folder.
    Output,
    /// It is above a folder where cargo seems to work.
    Cargo,
    /// It is this package's own.
    Package,
}

impl Build {
    /// The nearest lockfile that lists this package in this version: above the output folder, above where cargo
    /// works, above this package.
    pub(crate) fn lockfile(&self) -> Result<Found, String> {
        if let Some(path) = &self.named {
            if path.is_relative() {
                return Err(format!("{OVERRIDE}={}: expected an absolute path", path.display()));
            }
            let lock = Lockfile::load(path)
                .map_err(|error| format!("{OVERRIDE}={}: cannot be read: {error}", path.display()))?;
            return match self.ecrecheck(&lock) {
                Some(_) => Ok(Found { path: path.clone(), lock, by: By::Name }),
                None => {
                    Err(format!("{OVERRIDE}={}: does not list ecrecheck {}", path.display(), self.version))
                }
            };
        }
        // What `cargo install` builds has nothing to do with the folder that it is called in.
        let installed = self.out.iter().any(|name| name.to_string_lossy().starts_with("cargo-install"));
        let cargo = self.cargo.iter().filter(|_| !installed).map(|folder| (folder, By::Cargo));
        [(&self.out, By::Output)]
            .into_iter()
            .chain(cargo)
            .chain([(&self.package, By::Package)])
            .find_map(|(folder, by)| folder.ancestors().find_map(|above| self.found(above, by)))
            .ok_or_else(|| {
                format!(
                    "no Cargo.lock lists ecrecheck {}: set {OVERRIDE} to that of the workspace",
                    self.version
                )
            })
    }

    fn found(&self, folder: &Path, by: By) -> Option<Found> {
        let path = folder.join("Cargo.lock");
        let lock = Lockfile::load(&path).ok()?;
        self.ecrecheck(&lock)?;
        Some(Found { path, lock, by })
    }

    fn ecrecheck<'a>(&self, lock: &'a Lockfile) -> Option<&'a Package> {
        let is_this = |package: &&Package| {
            package.name.as_str() == "ecrecheck" && package.version.to_string() == self.version
        };
        lock.packages.iter().find(is_this)
    }

    /// The version of a dependency of this package: the way to it by names, the last in a version that begins so.
    pub(crate) fn version_of(&self, lock: &Lockfile, way: &[&str], version: &str) -> Option<String> {
        let package = way.iter().enumerate().try_fold(self.ecrecheck(lock)?, |package, (step, name)| {
            let last = step + 1 == way.len();
            let dependency = package.dependencies.iter().find(|dependency| {
                dependency.name.as_str() == *name
                    && (!last || dependency.version.to_string().starts_with(version))
            })?;
            lock.packages.iter().find(|package| dependency.matches(package))
        })?;
        Some(package.version.to_string())
    }

    /// Why the lockfile may not be this build's, if so.
    pub(crate) fn doubt(&self, found: &Found) -> Option<String> {
        let below = found.path.parent().is_some_and(|folder| self.out.starts_with(folder));
        (found.by == By::Package && !below).then(|| {
            format!(
                "the versions of the libraries under test are read from {}, which may not be the lockfile of this \
                 build: set {OVERRIDE} to the Cargo.lock of the workspace",
                found.path.display()
            )
        })
    }
}

/// The folders that cargo's command line names, from the folder that it was given in.
pub(crate) fn named_on(command_line: &[OsString], folder: &Path) -> Vec<PathBuf> {
    let arguments =
        command_line.iter().take_while(|argument| *argument != "--").map(|text| text.to_string_lossy());
    let arguments: Vec<_> = arguments.collect();
    let value_of = |flag: &str| {
        arguments.iter().enumerate().find_map(|(at, argument)| match argument.strip_prefix(flag)? {
            "" => arguments.get(at + 1).map(ToString::to_string),
            rest => rest.strip_prefix('=').map(str::to_owned),
        })
    };
    // Joining is right for a file too: the search begins with what is above it.
    ["--manifest-path", "--path"]
        .iter()
        .filter_map(|flag| value_of(flag))
        .map(|path| folder.join(path))
        .collect()
}
