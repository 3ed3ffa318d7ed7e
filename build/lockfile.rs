//! The lockfile of the workspace that is being built. build.rs and a test of its own include this file.
//!
//! Cargo does not tell a build script where it is. As a dependency, this package may bring a lockfile along that
//! says something else than the one that cargo resolved.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cargo_lock::{Lockfile, Package};

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
