//! The fuzz targets on stable: every seed runs clean, the seeds show every class, the dictionaries are
//! dictionaries, and a finding is told in a way that a person can act on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use crate::support::{copy_folder, corpus_folder, refuses, run, stdout, succeeds};
use ecrecheck::corpus::Corpus;
use ecrecheck::fuzz_target::FuzzTarget;
use ecrecheck::fuzz_target::seed::{self, Seed};
use ecrecheck::fuzz_targets;
use ecrecheck::judge::Harness;
use ecrecheck::judge::fact::Fact;
use ecrecheck::judge::finding::Culprit;
use ecrecheck::run::fuzz::bytes;
use ecrecheck::run::planted;
use ecrecheck::subject::Subject;
use tempfile::TempDir;

/// The seeds of every target, which take seconds to make.
static SEEDS: LazyLock<BTreeMap<&'static str, Vec<Seed>>> = LazyLock::new(|| {
    let corpus = Corpus::load(&corpus_folder()).unwrap();
    let made = |target| seed::seeds(target, &corpus).into_iter().map(|chosen| chosen.seed).collect();
    fuzz_targets().into_iter().map(|target| (target.name, made(target))).collect()
});

fn seeds_of(target: &FuzzTarget) -> &'static [Seed] {
    let seeds = &SEEDS[target.name];
    assert!(!seeds.is_empty(), "{target:?} has no seeds");
    seeds
}

fn run_bytes(target: &FuzzTarget, bytes: &[u8], harness: Harness<'_>) -> Option<String> {
    seed::run(target, bytes, harness)
}

#[test]
fn every_seed_runs_clean() {
    let harness = Harness::built_in().unwrap();
    let mut ran = 0;
    for target in fuzz_targets() {
        for seed in seeds_of(target) {
            assert_eq!(run_bytes(target, &seed.bytes, harness), None, "{target:?} {}", seed.name);
            ran += 1;
        }
    }
    assert!(ran >= 100, "{ran} seeds");
}

#[test]
fn the_command_writes_every_seed_and_copies_kept_ones_and_replay_runs_them() {
    let folder = TempDir::new().unwrap();
    let (corpus, out) = (folder.path().join("corpus"), folder.path().join("seeds"));
    copy_folder(&corpus_folder(), &corpus);
    fs::create_dir_all(corpus.join("seeds/format_parser")).unwrap();
    fs::write(corpus.join("seeds/format_parser/kept-one"), "keccak256(").unwrap();
    let text = succeeds(&["seeds", "--corpus", corpus.to_str().unwrap(), "--out", out.to_str().unwrap()]);

    let mut files = Vec::new();
    for target in fuzz_targets() {
        let mut expected: BTreeMap<_, _> =
            seeds_of(target).iter().map(|seed| (seed.name.as_str(), seed.bytes.clone())).collect();
        let line = text.lines().find(|line| line.starts_with(&format!("{} ", target.name))).unwrap();
        assert!(line.contains(&format!(" {} seeds, ", expected.len())), "{line}");
        if target.name == "format_parser" {
            expected.insert("kept-one", b"keccak256(".to_vec());
            assert!(line.ends_with(", 1 kept"), "{line}");
        }
        let written = fs::read_dir(out.join(target.name)).unwrap().map(|entry| entry.unwrap().path());
        let written: Vec<_> = written.collect();
        assert_eq!(written.len(), expected.len(), "{target:?}: each under a name of its own");
        for file in written {
            let name = file.file_name().unwrap().to_str().unwrap();
            assert_eq!(fs::read(&file).unwrap(), expected[name], "{}", file.display());
            files.push(file.to_str().unwrap().to_owned());
        }
        let beside = |kind: &str| fs::read_to_string(out.join(format!("{}.{kind}", target.name))).unwrap();
        assert_eq!(beside("dict"), seed::dictionary(target));
        assert_eq!(beside("options"), seed::options(target));
        let index = beside("txt");
        for seed in seeds_of(target) {
            let line = format!("{} ({} bytes): {}", seed.name, seed.bytes.len(), seed.from);
            assert!(index.lines().any(|indexed| indexed == line), "{line}");
        }
    }

    let arguments: Vec<_> = ["replay"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let said = stdout(&output);
    for file in &files {
        assert!(said.contains(&format!("{file}: target ")), "{file}");
    }
    assert!(said.contains(" agreed") && !said.contains("FINDING"));
}

#[test]
fn seeds_go_into_an_empty_folder_only() {
    let folder = TempDir::new().unwrap();
    let mine = folder.path().join("mine");
    fs::write(&mine, "x").unwrap();
    let line = refuses(&["seeds", "--out", folder.path().to_str().unwrap()]);
    assert_eq!(line, format!("{}: not empty: expected a new or empty folder", folder.path().display()));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(fs::read(&mine).unwrap(), b"x");
}

#[test]
fn every_target_takes_any_bytes() {
    let harness = Harness::built_in().unwrap();
    for target in fuzz_targets() {
        for length in [0, 1, 2, 3, 33, 64, 65, 98, 99, 130, 300] {
            for (number, first) in [0, 1, 2, 7, 255].into_iter().enumerate() {
                let mut bytes = bytes(length as u64, number as u64)[..length].to_vec();
                if let Some(byte) = bytes.first_mut() {
                    *byte = first;
                }
                assert_eq!(run_bytes(target, &bytes, harness), None, "{target:?} {bytes:?}");
            }
        }
    }
}

#[test]
fn the_seeds_show_every_fact_with_every_answer_that_it_can_have() {
    let shown: BTreeSet<String> = ["recover", "ecrecover_call"]
        .into_iter()
        .map(|name| named(name).unwrap())
        .flat_map(|target| seeds_of(target).iter().map(|seed| (target.read)(&seed.bytes)))
        .flat_map(|case| case.classes())
        .collect();
    let mut missing = Vec::new();
    for fact in Fact::ALL {
        let (recovers, rejected) = fact.answers();
        missing.extend(recovers.then(|| format!("{fact} recovers")));
        missing.extend(rejected.then(|| format!("{fact} rejected")));
    }
    assert!(missing.len() > Fact::ALL.len(), "{} classes", missing.len());
    missing.retain(|class| !shown.contains(class));
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn the_targets_are_the_files_and_the_binaries_of_the_fuzz_crate() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let names: BTreeSet<String> = fuzz_targets().into_iter().map(|target| target.name.to_owned()).collect();
    let files = fs::read_dir(fuzz.join("fuzz_targets")).unwrap();
    let files: BTreeSet<String> =
        files.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(files, names);
    let manifest: toml::Table = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap().parse().unwrap();
    let binaries = manifest["bin"].as_array().unwrap().iter();
    let binaries: BTreeSet<String> = binaries.map(|bin| bin["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(binaries, names);
    // ClusterFuzzLite divides the time among the targets: ten seconds each, and nightly a quarter of an hour.
    for (workflow, each) in [("cflite_pr.yml", 10), ("nightly.yml", 900)] {
        let workflow = fs::read_to_string(fuzz.join("../.github/workflows").join(workflow)).unwrap();
        let seconds = workflow.lines().find_map(|line| line.trim().strip_prefix("fuzz-seconds: "));
        assert_eq!(seconds.unwrap().parse(), Ok(each * names.len()));
    }
}

#[test]
fn dictionaries_are_quoted_bytes_and_hold_the_field_s_constants() {
    for target in fuzz_targets() {
        let text = seed::dictionary(target);
        let words: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(words.len() >= 20, "{target:?}: {words:?}");
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len(), "{target:?}: each once");
        for word in words {
            let inside = word.strip_prefix('"').and_then(|word| word.strip_suffix('"')).unwrap();
            assert!(!inside.is_empty() && inside.len() % 4 == 0 && inside.len() <= 4 * 64, "{word}");
            for byte in inside.as_bytes().chunks(4) {
                assert!(byte.starts_with(b"\\x") && byte[2..].iter().all(u8::is_ascii_hexdigit), "{word}");
            }
        }
        // n, p and n / 2 (SEC 2, 2.4.1).
        if ["recover", "ecrecover_call", "signature_bytes"].contains(&target.name) {
            for hex in [
                "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
                "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
                "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0",
                "000000000000000000000000000000000000000000000000000000000000001b",
            ] {
                let pairs = hex.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
                let word: String = pairs.map(|pair| format!("\\x{pair}")).collect();
                assert!(text.contains(&format!("\"{word}\"")), "{hex}");
            }
        }
    }
}

#[test]
fn no_seed_is_longer_than_the_fuzzer_is_told_to_go() {
    for target in fuzz_targets() {
        let text = seed::options(target);
        let max: usize =
            text.lines().find_map(|line| line.strip_prefix("max_len = ")).unwrap().parse().unwrap();
        for seed in seeds_of(target) {
            assert!(seed.bytes.len() <= max, "{target:?} {}", seed.name);
        }
    }
}

#[test]
fn a_finding_shows_the_case_and_says_what_to_do() {
    let bug = planted::subjects().into_iter().find(|bug| bug.identity().name == "s-reduced").unwrap();
    let subjects: Vec<Box<dyn Subject>> = vec![Box::new(bug)];
    let harness = Harness::new(&subjects, &[]);
    let target = named("recover").unwrap();
    let finding = seeds_of(target)
        .iter()
        .find_map(|seed| run_bytes(target, &seed.bytes, harness))
        .expect("a seed shows the planted bug");
    assert!(finding.starts_with("FINDING  s-reduced: "), "{finding}");
    for part in ["\ndigest      0x", "\nr           0x", "\nfacts       ", "\nreference   "] {
        assert!(finding.contains(part), "{part}: {finding}");
    }
    assert!(finding.contains("ecrecheck replay --target recover FILE\n"), "{finding}");
    assert!(finding.ends_with("ecrecheck replay --target recover --keep FILE"), "{finding}");
}

#[test]
fn every_planted_bug_is_found_by_a_seed() {
    let mut left: BTreeSet<_> =
        planted::subjects().iter().map(|bug| bug.identity().name.to_owned()).collect();
    for target in ["recover", "ecrecover_call"].map(|name| named(name).unwrap()) {
        for seed in seeds_of(target) {
            // Anew for each seed, as some remember.
            let bugs = planted::subjects().into_iter().filter(|bug| left.contains(bug.identity().name));
            let bugs: Vec<Box<dyn Subject>> = bugs.map(|bug| Box::new(bug) as Box<dyn Subject>).collect();
            for finding in target.examine(&seed.bytes, Harness::new(&bugs, &[])).findings {
                if let Culprit::Subject(name) = finding.culprit {
                    left.remove(&name);
                }
            }
        }
    }
    assert_eq!(left, BTreeSet::new(), "found by no seed");
}

fn named(name: &str) -> Option<&'static FuzzTarget> {
    fuzz_targets().into_iter().find(|target| target.name == name)
}
