//! State tests, run by revm's own runner (revme) and by EELS's; and by revm with a planted crypto provider, which must
//! fail for each planted bug that one of the tests' calls can show, and for no other.
//!
//! revm takes one provider a process, and revme runs in threads of its own. So each run is a process: this binary,
//! asked for the one test that runs revme.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::thread;

use clap::Parser as _;
use ecrecheck::corpus::vector::Vector;
use ecrecheck::generate::{STRATEGIES, generate};
use ecrecheck::report::export::ExportFormat;
use ecrecheck::run::minimal::minimal_set;
use ecrecheck::run::{fuzz, planted};
use ecrecheck::subject::ask;
use ecrecheck::subject::evm::Evm;
use ecrecheck::{Bytes, Identity, Outcome, ScalarInput, Subject, Word};
use revm::precompile::{Crypto, PrecompileHalt, install_crypto};

use super::{agrees, spoilt, vectors};
use crate::support::skipped;

const FOLDER: &str = "ECRECHECK_TEST_STATE_TESTS";
const PLANTED: &str = "ECRECHECK_TEST_PLANTED";

/// A subject as a crypto provider of revm.
struct Provider(Box<dyn Subject>);

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.identity().name)
    }
}

impl Crypto for Provider {
    fn secp256k1_ecrecover(
        &self,
        signature: &[u8; 64],
        recovery_id: u8,
        digest: &[u8; 32],
    ) -> Result<[u8; 32], PrecompileHalt> {
        let word = |bytes: &[u8]| Word(bytes.try_into().unwrap());
        let (r, s) = (word(&signature[..32]), word(&signature[32..]));
        match self.0.recover(&ScalarInput { digest: Word(*digest), r, s, recovery_id }) {
            Outcome::Recovered { address, .. } => {
                let mut word = [0; 32];
                word[12..].copy_from_slice(&address.0);
                Ok(word)
            }
            _ => Err(PrecompileHalt::Secp256k1RecoverFailed),
        }
    }
}

/// A planted bug, or a sound implementation.
fn provider(name: &str) -> Provider {
    let all = planted::subjects().into_iter().chain(planted::controls());
    let found = all.into_iter().find(|subject| subject.identity().name == name);
    Provider(Box::new(found.unwrap_or_else(|| panic!("{name}"))))
}

/// Writes vectors as state tests.
fn written(vectors: &[Vector]) -> tempfile::TempDir {
    let export = ExportFormat::StateTest.export(vectors, &[]);
    assert_eq!(export.files.len(), export.held);
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in &export.files {
        let file = folder.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    folder
}

/// Runs revme on a folder, in a process whose revm has this provider.
fn revme(folder: &Path, provider: &str) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["export::state_tests::revme_in_a_process_of_its_own", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(PLANTED, provider)
        .output()
        .unwrap()
}

#[test]
#[ignore = "the tests below run it, each time in a process of its own"]
fn revme_in_a_process_of_its_own() {
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    assert!(install_crypto(provider(&variable(PLANTED))), "another provider is installed");
    let command = revme::cmd::statetest::Cmd::parse_from(["statetest", "--omit-progress", &variable(FOLDER)]);
    if let Err(error) = command.run() {
        panic!("a state test failed: {error}");
    }
}

fn passes(output: &Output) -> bool {
    let said = String::from_utf8_lossy(&output.stdout);
    match output.status.success() {
        true => {
            assert!(said.contains("All tests passed!"), "{output:?}");
            true
        }
        false => {
            let failed = ["state root mismatch", "thread panicked"];
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(failed.iter().any(|failed| stderr.contains(failed)), "{said}\n{stderr}");
            false
        }
    }
}

#[test]
fn revme_passes_on_a_sound_provider_and_fails_on_a_spoilt_test() {
    let folder = written(&vectors());
    for sound in ["control", "honest-cache"] {
        let output = revme(folder.path(), sound);
        assert!(passes(&output), "{output:?}");
    }
    for (file, after) in [
        ("high-s/eip155-example.json", "\"hash\": \"0x"),
        // What is stored depends on the gas: the root does then too.
        ("call/gas-one-less.json", "\"0x07\": \"0x"),
        ("infinity/even.json", "\"data\": [\n        \"0x"),
    ] {
        let folder = written(&vectors());
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, spoilt(&text, after)).unwrap();
        let fails = !passes(&revme(folder.path(), "control"));
        // Another digest has no key at infinity.
        assert!(fails, "{file}");
    }
}

/// The corpus, and generated vectors, of which a format of calls can hold some.
fn with_generated(count: u64) -> Vec<Vector> {
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    let generated = (0..count).map(|number| {
        let made = generate(&fuzz::bytes(0, number), &strategies);
        Vector::asking(made.input, format!("generated::{number}"), String::new(), String::new())
    });
    vectors().into_iter().chain(generated).collect()
}

/// With the minimal set of the corpus and of generated vectors: it finds each bug that all of them find.
#[test]
fn revme_fails_for_each_planted_bug_that_a_call_can_show() {
    let all = with_generated(1_500);
    let set = minimal_set(&all, |vector| ExportFormat::StateTest.asks(vector).ok());
    let vectors: Vec<_> = set.chosen.iter().map(|at| all[*at].clone()).collect();
    let folder = written(&vectors);
    assert!(passes(&revme(folder.path(), "control")));
    let calls: Vec<_> = vectors
        .iter()
        .filter_map(|vector| Some((vector, ExportFormat::StateTest.asks(vector).ok()?)))
        .collect();
    // Those with a memory depend on the order, and those of calls sit in the precompile, which is revm's here.
    let remember: BTreeSet<_> = planted::with_state().map(|bug| bug.identity().name).collect();
    let bugs: Vec<_> = planted::subjects().iter().map(|bug| bug.identity().name).collect();
    let bugs: Vec<_> = bugs.into_iter().filter(|name| !remember.contains(name)).collect();
    let shown_by_calls = |name: &&&'static str| {
        let evm = Evm::on(Identity::new("planted", "1.0.0", "planted"), Arc::new(provider(name)));
        calls.iter().any(|(vector, call)| !agrees(&ask(&evm, call), vector))
    };
    let expected: BTreeSet<_> = bugs.iter().filter(shown_by_calls).copied().collect();
    // No call says a recovery id above 1, and what sits in the precompile is no provider's.
    let unseen = ["x-reduced-as-unreduced", "recovery-id-masked", "v-unchecked"];
    assert!(unseen.iter().all(|name| bugs.contains(name) && !expected.contains(name)), "{expected:?}");
    let left: Vec<_> = expected.iter().copied().chain(unseen).collect();
    let left = std::sync::Mutex::new(left);
    let work = || {
        let mut failed = Vec::new();
        loop {
            let Some(bug) = left.lock().unwrap().pop() else { return failed };
            if !passes(&revme(folder.path(), bug)) {
                failed.push(bug);
            }
        }
    };
    let failed: BTreeSet<&str> = thread::scope(|scope| {
        let workers = [(); 2].map(|()| scope.spawn(work));
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(failed, expected);
    let known =
        ["high-s-rejected", "high-s-parity-kept", "infinity-gives-address", "r-reduced", "s-zero-accepted"];
    assert!(known.iter().all(|name| failed.contains(name)), "{failed:?}");
    assert!(failed.len() >= 40, "{}: {failed:?}", failed.len());
}

/// EELS's verdicts on files of state tests: how many, and which failed.
fn eels(program: &Path, files: &[PathBuf]) -> (usize, Vec<String>) {
    let mut child = Command::new(program)
        .arg("statetest")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let list: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
    child.stdin.take().unwrap().write_all(list.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let verdicts = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Vec<serde_json::Value>>();
    let verdicts: Vec<_> = verdicts.flat_map(Result::unwrap).collect();
    let failed = verdicts.iter().filter(|verdict| verdict["pass"] != true);
    (verdicts.len(), failed.map(|verdict| verdict["name"].as_str().unwrap().to_owned()).collect())
}

#[test]
fn eels_passes_and_fails_on_a_spoilt_test() {
    let program =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("subjects/python/venv-eels/bin/ethereum-spec-evm");
    if !program.exists() {
        return skipped("state tests in EELS", "`subjects/setup python`");
    }
    let folder = written(&vectors());
    let mut files: Vec<PathBuf> = Vec::new();
    for group in fs::read_dir(folder.path()).unwrap() {
        files.extend(fs::read_dir(group.unwrap().path()).unwrap().map(|file| file.unwrap().path()));
    }
    let (count, failed) = eels(&program, &files);
    // Each in Osaka and in Prague.
    assert_eq!((count, failed), (2 * files.len(), Vec::new()));
    assert!(files.len() > 350);

    let file = folder.path().join("high-s/eip155-example.json");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, spoilt(&text, "\"hash\": \"0x")).unwrap();
    assert_eq!(eels(&program, &[file]), (2, vec!["high-s::eip155-example".to_owned()]));
}

#[test]
fn a_call_that_needs_more_than_osaka_gives_is_a_test_of_prague() {
    let call = |gas: u64| {
        let calldata = Bytes(vec![0; 128]);
        let input = ecrecheck::Input::Call(ecrecheck::CallInput { calldata, gas });
        Vector::asking(input, "a::b".into(), String::new(), String::new())
    };
    let forks = |gas: u64| -> Vec<String> {
        let export = ExportFormat::StateTest.export(&[call(gas)], &[]);
        let Some(text) = export.files.get("a/b.json") else { return vec![export.not_held[0].why.to_owned()] };
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        value["a::b"]["post"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(forks(100_000), ["Osaka", "Prague"]);
    assert_eq!(forks(1 << 32), ["Prague"]);
    assert_eq!(forks(u64::MAX), ["a call with more gas than a block may have"]);
    let folder = written(&[call(1 << 32)]);
    assert!(passes(&revme(folder.path(), "control")));
}
