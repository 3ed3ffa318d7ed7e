//! Which lockfile build.rs reads the versions of the libraries under test from.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

#[path = "../../build.rs"]
#[allow(dead_code, clippy::print_stdout, reason = "a build script runs alone, and prints for cargo")]
mod build_script;

use build_script::{Build, By, named_on};

/// Folders as a build meets them: a user's workspace, this package in a cache, a target folder elsewhere.
struct Scene(TempDir);

impl Scene {
    fn new() -> Self {
        let scene = Self(TempDir::new().unwrap());
        scene.lock("user", "ecrecheck", "0.1.0", "0.13.9");
        scene.lock("cache/ecrecheck", "ecrecheck", "0.1.0", "0.13.4");
        scene
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Writes a lockfile that lists a package in a version, and below it two versions of k256.
    fn lock(&self, folder: &str, name: &str, version: &str, k256: &str) {
        let package = |name: &str, version: &str, dependencies: &[String]| {
            let dependencies = dependencies.iter().map(|name| format!(" {name:?},\n")).collect::<String>();
            format!(
                "[[package]]\nname = {name:?}\nversion = {version:?}\ndependencies = [\n{dependencies}]\n\n"
            )
        };
        let below = [format!("k256 {k256}"), "k256 0.14.0".into(), "revm".into()];
        let text = ["version = 4\n\n".to_owned()].into_iter().chain([
            package(name, version, &below),
            package("k256", k256, &[]),
            package("k256", "0.14.0", &[]),
            package("revm", "43.0.3", &["k256 0.14.0".to_owned()]),
        ]);
        fs::create_dir_all(self.path(folder)).unwrap();
        fs::write(self.path(folder).join("Cargo.lock"), text.collect::<String>()).unwrap();
    }

    fn build(&self, out: &str, cargo: &[&str]) -> Build {
        Build {
            named: None,
            out: self.path(out),
            cargo: cargo.iter().map(|folder| self.path(folder)).collect(),
            package: self.path("cache/ecrecheck"),
            version: "0.1.0".into(),
        }
    }
}

/// Where the lockfile is, what it was found by, which k256 it lists, and whether there is a doubt.
#[track_caller]
fn found(scene: &Scene, build: &Build) -> (String, By, String, bool) {
    let found = build.lockfile().unwrap();
    let k256 = build.version_of(&found.lock, &["k256"], "0.13.").unwrap();
    let folder = found.path.parent().unwrap().strip_prefix(scene.0.path()).unwrap();
    (folder.to_str().unwrap().to_owned(), found.by, k256, build.doubt(&found).is_some())
}

fn of(folder: &str, by: By, k256: &str, doubt: bool) -> (String, By, String, bool) {
    (folder.to_owned(), by, k256.to_owned(), doubt)
}

const OUT: &str = "user/target/debug/build/ecrecheck-1/out";
const ELSEWHERE: &str = "elsewhere/debug/build/ecrecheck-1/out";

#[test]
fn a_dependency_reads_the_lockfile_of_the_workspace_that_is_built() {
    let scene = Scene::new();
    let theirs = |by| of("user", by, "0.13.9", false);
    assert_eq!(found(&scene, &scene.build(OUT, &[])), theirs(By::Output));
    assert_eq!(found(&scene, &scene.build(ELSEWHERE, &["user/crates/one"])), theirs(By::Cargo));
    assert_eq!(found(&scene, &scene.build(ELSEWHERE, &["home", "user"])), theirs(By::Cargo));
}

#[test]
fn the_likeliest_folder_of_cargo_counts() {
    let scene = Scene::new();
    scene.lock("other", "ecrecheck", "0.1.0", "0.13.2");
    let build = scene.build(ELSEWHERE, &["other/Cargo.toml", "user"]);
    assert_eq!(found(&scene, &build), of("other", By::Cargo, "0.13.2", false));
}

#[test]
fn a_lockfile_that_does_not_list_this_version_does_not_count() {
    let scene = Scene::new();
    scene.lock("user/inner", "something", "0.1.0", "0.13.1");
    scene.lock("user/inner/one", "ecrecheck", "0.2.0", "0.13.1");
    fs::create_dir_all(scene.path("user/inner/one/two")).unwrap();
    fs::write(scene.path("user/inner/one/two/Cargo.lock"), "no lockfile").unwrap();
    let build = scene.build(ELSEWHERE, &["user/inner/one/two"]);
    assert_eq!(found(&scene, &build), of("user", By::Cargo, "0.13.9", false));
}

#[test]
fn the_lockfile_of_this_package_comes_last_and_in_doubt() {
    let scene = Scene::new();
    let own = |doubt| of("cache/ecrecheck", By::Package, "0.13.4", doubt);
    let build = scene.build(ELSEWHERE, &["home"]);
    assert_eq!(found(&scene, &build), own(true));
    let doubt = build.doubt(&build.lockfile().unwrap()).unwrap();
    let path = scene.path("cache/ecrecheck/Cargo.lock");
    assert!(doubt.contains(path.to_str().unwrap()) && doubt.contains("ECRECHECK_LOCKFILE"), "{doubt}");
    assert!(!doubt.contains('\n'), "{doubt}");

    let build = scene.build("cache/ecrecheck/target/debug/build/ecrecheck-1/out", &["user"]);
    assert_eq!(found(&scene, &build), of("cache/ecrecheck", By::Output, "0.13.4", false), "its own build");
}

#[test]
fn cargo_install_has_nothing_to_do_with_the_folder_it_is_called_in() {
    let scene = Scene::new();
    let build = scene.build("tmp/cargo-installAbC123/release/build/ecrecheck-1/out", &["user"]);
    assert_eq!(found(&scene, &build), of("cache/ecrecheck", By::Package, "0.13.4", true));
}

#[test]
fn the_lockfile_that_is_named_counts_or_is_refused() {
    let scene = Scene::new();
    scene.lock("named", "ecrecheck", "0.1.0", "0.13.3");
    let with = |path: PathBuf| Build { named: Some(path), ..scene.build(OUT, &["user"]) };
    let named = with(scene.path("named/Cargo.lock"));
    assert_eq!(found(&scene, &named), of("named", By::Name, "0.13.3", false));

    let refusal = |path: PathBuf| with(path).lockfile().unwrap_err();
    assert!(refusal(scene.path("none/Cargo.lock")).contains("none/Cargo.lock: cannot be read: "));
    assert_eq!(refusal("Cargo.lock".into()), "ECRECHECK_LOCKFILE=Cargo.lock: expected an absolute path");
    scene.lock("named", "ecrecheck", "0.2.0", "0.13.3");
    assert!(
        refusal(scene.path("named/Cargo.lock")).ends_with("named/Cargo.lock: does not list ecrecheck 0.1.0")
    );
}

#[test]
fn without_a_lockfile_there_is_an_error() {
    let scene = Scene::new();
    let build = Build { version: "9.9.9".into(), ..scene.build(OUT, &["user"]) };
    let error = build.lockfile().unwrap_err();
    assert_eq!(error, "no Cargo.lock lists ecrecheck 9.9.9: set ECRECHECK_LOCKFILE to that of the workspace");
}

#[test]
fn versions_are_found_along_the_dependencies() {
    let scene = Scene::new();
    let build = scene.build(OUT, &[]);
    let lock = build.lockfile().unwrap().lock;
    let version = |way: &[&str], begins| build.version_of(&lock, way, begins);
    assert_eq!(version(&["k256"], "0.14."), Some("0.14.0".into()));
    assert_eq!(version(&["revm", "k256"], ""), Some("0.14.0".into()));
    assert_eq!(version(&["k256"], "0.15."), None);
    assert_eq!(version(&["revm", "secp256k1"], ""), None);
}

#[test]
fn cargo_may_be_told_where_to_work() {
    let named = |line: &str| {
        let line: Vec<_> = line.split(' ').map(Into::into).collect();
        named_on(&line, Path::new("/here"))
    };
    assert_eq!(named("cargo build --manifest-path ../a/Cargo.toml"), [Path::new("/here/../a/Cargo.toml")]);
    assert_eq!(named("cargo build --manifest-path=/a/Cargo.toml -p b"), [Path::new("/a/Cargo.toml")]);
    assert_eq!(named("cargo install --path a"), [Path::new("/here/a")]);
    assert_eq!(named("cargo run -- --manifest-path a"), [] as [&Path; 0]);
    assert_eq!(named("cargo build --manifest-path"), [] as [&Path; 0]);
    assert_eq!(named("cargo build --pathological=x"), [] as [&Path; 0]);
}
