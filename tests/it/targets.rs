//! The fuzz targets on stable: every seed runs clean, the seeds show every class, the dictionaries are
//! dictionaries, and a finding is told in a way that a person can act on.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{copy_folder, corpus_folder, run, stdout};
use ecrecheck::fuzz_target::{Target, seed};
use ecrecheck::fuzz_targets;
use ecrecheck::judge::Harness;
use ecrecheck::judge::fact::Fact;
use ecrecheck::run::fuzz::bytes;
use ecrecheck::run::planted;
use ecrecheck::subject::Subject;
use tempfile::TempDir;

fn seeds_of(target: &Target) -> Vec<PathBuf> {
    let folder = corpus_folder().join("seeds").join(target.name);
    let mut seeds: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "{target:?} has no seeds");
    seeds
}

fn run_bytes(target: &Target, bytes: &[u8], harness: Harness<'_>) -> Option<String> {
    seed::run(target, bytes, harness)
}

#[test]
fn every_seed_runs_clean() {
    let harness = Harness::built_in().unwrap();
    let mut ran = 0;
    for target in fuzz_targets() {
        for seed in seeds_of(target) {
            let finding = run_bytes(target, &fs::read(&seed).unwrap(), harness);
            assert_eq!(finding, None, "{}", seed.display());
            ran += 1;
        }
    }
    assert!(ran >= 100, "{ran} seeds");
}

#[test]
fn every_seed_is_replayed_by_the_command() {
    let seeds: Vec<_> = fuzz_targets().into_iter().flat_map(seeds_of).collect();
    let arguments: Vec<_> =
        ["replay"].into_iter().chain(seeds.iter().map(|seed| seed.to_str().unwrap())).collect();
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let said = stdout(&output);
    for seed in &seeds {
        assert!(said.contains(&format!("{}: target ", seed.display())), "{}", seed.display());
    }
    assert!(said.contains(" agreed") && !said.contains("FINDING"));
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
        .flat_map(|name| seeds_of(named(name).unwrap()).into_iter().map(move |seed| (name, seed)))
        .flat_map(|(name, seed)| (named(name).unwrap().read)(&fs::read(seed).unwrap()).classes())
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
fn the_seeds_are_what_the_command_makes_of_the_corpus() {
    let output = run(&["seeds", "--check"]);
    assert_eq!(output.status.code(), Some(0), "run `ecrecheck seeds`: {}", stdout(&output));
    for target in fuzz_targets() {
        assert!(stdout(&output).contains(target.name), "{}", stdout(&output));
    }
}

#[test]
fn stale_and_missing_seeds_are_named() {
    let folder = TempDir::new().unwrap();
    let seeds = folder.path().join("seeds");
    copy_folder(&corpus_folder().join("seeds"), &seeds);
    let missing = seeds_of(named("format_parser").unwrap())[0].file_name().unwrap().to_owned();
    fs::remove_file(seeds.join("format_parser").join(&missing)).unwrap();
    fs::write(seeds.join("recover/of-no-use"), "x").unwrap();
    fs::write(seeds.join("case_files.dict"), "").unwrap();
    fs::write(seeds.join("recover/high-s-x-ge-p"), "x").unwrap();
    fs::write(seeds.join("gone.dict"), "").unwrap();
    let output = run(&["seeds", "--check", "--out", seeds.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let stale: Vec<_> =
        stdout(&output).lines().filter(|line| line.starts_with("STALE  ")).map(str::to_owned).collect();
    let says = |path: &str, why: &str| {
        assert!(stale.iter().any(|line| line.contains(&format!("{path}: {why}"))), "{path}: {stale:?}");
    };
    assert_eq!(stale.len(), 5, "{stale:?}");
    says(&format!("format_parser/{}", missing.to_str().unwrap()), "missing");
    says("case_files.dict", "changed");
    says("recover/of-no-use", "not made by this command");
    says("gone.dict", "not made by this command");
    says("recover/high-s-x-ge-p", "changed");
}

#[test]
fn what_others_put_beside_the_seeds_is_never_removed() {
    let folder = TempDir::new().unwrap();
    let seeds = folder.path();
    copy_folder(&corpus_folder().join("seeds"), seeds);
    // Made once, by what the index says; a fuzzer's; a folder.
    let index = seeds.join("recover.txt");
    let text = fs::read_to_string(&index).unwrap();
    fs::write(&index, format!("{text}old (1 bytes): the case old\n")).unwrap();
    fs::write(seeds.join("recover/old"), "x").unwrap();
    fs::write(seeds.join("recover/crash-1"), "x").unwrap();
    fs::create_dir(seeds.join("recover/folder")).unwrap();
    let output = run(&["seeds", "--out", seeds.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(stdout(&output).contains("recover/old: no longer made"), "{}", stdout(&output));
    assert!(!seeds.join("recover/old").exists());
    assert!(seeds.join("recover/crash-1").exists() && seeds.join("recover/folder").exists());
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
}

#[test]
fn dictionaries_are_quoted_bytes_and_hold_the_field_s_constants() {
    for target in fuzz_targets() {
        let path = corpus_folder().join("seeds").join(format!("{}.dict", target.name));
        let text = fs::read_to_string(path).unwrap();
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
        let options = corpus_folder().join("seeds").join(format!("{}.options", target.name));
        let text = fs::read_to_string(options).unwrap();
        let max: u64 =
            text.lines().find_map(|line| line.strip_prefix("max_len = ")).unwrap().parse().unwrap();
        for seed in seeds_of(target) {
            assert!(fs::metadata(&seed).unwrap().len() <= max, "{}", seed.display());
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
        .into_iter()
        .find_map(|seed| run_bytes(target, &fs::read(seed).unwrap(), harness))
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
    // Each of these is of a class that a seed must be in.
    let found = |name: &str, target: &str| {
        let bug = planted::subjects().into_iter().find(|bug| bug.identity().name == name).unwrap();
        let subjects: Vec<Box<dyn Subject>> = vec![Box::new(bug)];
        let harness = Harness::new(&subjects, &[]);
        let target = named(target).unwrap();
        seeds_of(target).iter().any(|seed| run_bytes(target, &fs::read(seed).unwrap(), harness).is_some())
    };
    for bug in planted::subjects() {
        let name = bug.identity().name;
        assert!(found(name, "recover") || found(name, "ecrecover_call"), "{name} is found by no seed");
    }
}

fn named(name: &str) -> Option<&'static Target> {
    fuzz_targets().into_iter().find(|target| target.name == name)
}
