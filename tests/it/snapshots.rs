//! Snapshots of what every fixture comes to, and of the investigation: the record that a team reviews when
//! a message format or a library changes.
//!
//! A snapshot records; it expects nothing. What must come out is typed in the corpus and checked in
//! `conformance.rs`, so that accepting a snapshot never changes an expectation.

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use ecrecheck::corpus::Corpus;
use ecrecheck::judge::Harness;
use ecrecheck::report::snapshot::{self, Snapshot};
use ecrecheck::report::text;
use ecrecheck::subject;
use insta::{Settings, assert_snapshot};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn corpus() -> Corpus {
    Corpus::load(&folder("corpus")).unwrap()
}

fn pinned(name: &str, description: &str, contents: &str) {
    let mut settings = Settings::new();
    settings.set_snapshot_path(folder("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(description);
    settings.bind(|| assert_snapshot!(name, contents));
}

#[test]
fn every_fixture() {
    let corpus = corpus();
    let harness = Harness::new(subject::all().unwrap(), &corpus.divergences);
    let fixtures: Vec<_> =
        corpus.cases.iter().filter_map(|case| snapshot::of_fixture(case, harness)).collect();
    assert!(fixtures.len() >= 46, "the published fixtures are there");
    let changed = fixtures.iter().filter(|fixture| {
        let Snapshot { name, description, contents } = fixture;
        // Every snapshot is looked at, not only the first that changed.
        catch_unwind(|| pinned(name, description, contents)).is_err()
    });
    let changed: Vec<_> = changed.map(|fixture| fixture.name.as_str()).collect();
    assert!(changed.is_empty(), "{} fixtures come to something else: {changed:#?}", changed.len());
}

#[test]
fn the_investigation() {
    let corpus = corpus();
    let table = text::investigation(&corpus.investigation.as_ref().unwrap().examine());
    for address in [
        "0x8f2cF602C9695b23130367ed78d8F557554de7C5",
        "0xB57e7acDB7fD455Ed15C8523696840CC28e616Ec",
        "0xb935E51Ea14F83CF9Ba52c58E8736589C6A1ec01",
        "0xc95C2a6E75E2CFB208b7e3e4b501A877492878fa",
        "0xbdFed2F25B06d406f2CC8B414aDdb6F347af8F13",
        "0xa2eB90b26A1274fa10905da7A62ff15542f2EbFf",
    ] {
        assert!(table.contains(&format!("-> {address}")), "{address} is recovered");
    }
    let unexplained = corpus.investigation.as_ref().unwrap().examine();
    let unexplained: Vec<_> = unexplained.iter().filter(|claim| !claim.is_explained()).collect();
    assert_eq!(unexplained.len(), 1);
    assert_eq!(unexplained[0].claim.address.to_string(), "0xf6F3Bb63C4238E5d25c64eBAB48F44a42FC03df4");
    pinned("investigation", "the KMS signature investigation", &table);
}

/// Beside what changed: a snapshot without a fixture would never be looked at again.
#[test]
fn the_command_finds_the_same_files() {
    let corpus = corpus();
    let harness = Harness::new(subject::all().unwrap(), &corpus.divergences);
    let snapshots = snapshot::of_corpus(&corpus, harness);
    assert_eq!(snapshot::differences(snapshots, &folder("snapshots")).unwrap(), []);
}
