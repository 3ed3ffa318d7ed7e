//! The reports of deviations: each has what a maintainer asks first, and its reproducer shows it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ecrecheck::Corpus;
use ecrecheck::judge::Divergence;
use ecrecheck::judge::fact::classify;
use ecrecheck::outsider::roster::Roster;
use ecrecheck::reference::answer::Answer;

use crate::support::skipped;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The reports, without their index: name and text.
fn reports() -> Vec<(String, String)> {
    let files = fs::read_dir(root().join("docs/reports")).unwrap().map(|file| file.unwrap().path());
    let named = |file: PathBuf| {
        (file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(file).unwrap())
    };
    files.map(named).filter(|(name, _)| name != "README.md").collect()
}

/// The reproducers that a text names from the root, or from the page.
fn reproducers(text: &str) -> BTreeSet<PathBuf> {
    let words = text.split(|c: char| c.is_whitespace() || "`()[]'\",".contains(c));
    let named = words.filter(|word| {
        word.contains("reproducers/")
            && word.contains("subjects/")
            && (word.ends_with(".mjs") || word.ends_with(".py"))
    });
    named.map(|word| root().join(word.trim_start_matches("../").trim_start_matches("../"))).collect()
}

#[test]
fn a_report_says_what_a_maintainer_asks() {
    let index = fs::read_to_string(root().join("docs/reports/README.md")).unwrap();
    let all = reports();
    assert!(all.len() >= 5, "{}", all.len());
    for (name, text) in all {
        for heading in ["## What\n", "## Expected\n", "## Cause\n", "## What it means\n", "## Proposed fix\n"]
        {
            assert!(text.contains(heading), "{name} has no {heading}");
        }
        assert!(index.contains(&name), "{name} is not in the index");
        let files = reproducers(&text);
        assert!(!files.is_empty() || text.contains("told privately first"), "{name} has no reproducer");
        for file in files {
            assert!(file.is_file(), "{name}: {}", file.display());
        }
    }
}

/// Each ends with 1 while the library differs, and says how.
#[test]
fn the_reproducers_show_what_they_are_about() {
    let of_digests =
        ["javascript", "python"].map(|language| format!("subjects/{language}/digests/reproducers"));
    let of_recovery = ["javascript", "python"].map(|language| format!("subjects/{language}/reproducers"));
    let mut shown = 0;
    for folder in of_digests.into_iter().chain(of_recovery).map(|folder| root().join(folder)) {
        if !folder.is_dir() {
            continue;
        }
        let packages = folder.parent().unwrap();
        for file in fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()) {
            let name = file.file_name().unwrap().to_str().unwrap();
            let (interpreter, installed) = if name.ends_with(".mjs") {
                (PathBuf::from("node"), packages.join("node_modules"))
            } else {
                let venv = ["siwe", "eels"].into_iter().find(|own| name.starts_with(own));
                let venv = packages.join(venv.map_or("venv".to_owned(), |own| format!("venv-{own}")));
                (venv.join("bin/python"), venv)
            };
            if !installed.exists() {
                skipped(&format!("reproducer {name}"), "`subjects/setup`");
                continue;
            }
            let output = Command::new(interpreter).arg(&file).output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{name}: {output:?}");
            assert!(!output.stdout.is_empty(), "{name} says nothing");
            shown += 1;
        }
    }
    assert!(shown >= 5 || !root().join("subjects/javascript/digests/node_modules").exists(), "{shown}");
}

/// The museum: each bug is a divergence of an old release, and a case of the corpus shows it.
#[test]
fn the_museums_bugs_are_divergences_of_old_releases_that_the_corpus_shows() {
    let page = fs::read_to_string(root().join("docs/museum.md")).unwrap();
    let rosters = ["javascript", "python", "rust"]
        .map(|language| Roster::load(&root().join("subjects").join(language).join("subjects.toml")).unwrap());
    let old: Vec<(String, Divergence)> = rosters
        .iter()
        .flat_map(|roster| roster.rows.iter().map(move |row| (roster, row)))
        .filter(|(_, row)| row.fixed_in.is_some())
        .filter_map(|(roster, row)| Some((row.name.clone(), roster.folder.join(row.divergences.as_ref()?))))
        .flat_map(|(name, file)| {
            Divergence::load(&file).unwrap().into_iter().map(move |divergence| (name.clone(), divergence))
        })
        .collect();
    let inputs: Vec<_> = Corpus::built_in().cases.iter().flat_map(|case| case.asked()).collect();
    let judged: Vec<_> = inputs
        .iter()
        .map(|input| {
            let answer = Answer::to(input);
            (classify(input, &answer), answer.expectation)
        })
        .collect();
    let bugs: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(bugs.len() >= 10, "{}", bugs.len());
    for bug in bugs {
        let id = bug.split('|').nth(3).unwrap().trim().trim_matches('`');
        let named = old.iter().find(|(name, divergence)| {
            divergence.id == id && divergence.subjects.iter().any(|subject| subject == name)
        });
        let (_, divergence) = named.unwrap_or_else(|| panic!("no old release has `{id}`"));
        assert!(judged.iter().any(|(facts, right)| divergence.covers(facts, right)), "no case shows `{id}`");
    }
}
