//! Snapshots of what every fixture comes to, and of the investigation: the record that a team reviews when
//! a message format or a library changes.
//!
//! A snapshot records; it expects nothing. What must come out is typed in the corpus and checked in
//! `conformance.rs`, so that accepting a snapshot never changes an expectation.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use ecrecheck::corpus::Corpus;
use ecrecheck::corpus::case::Case;
use ecrecheck::format::Message;
use ecrecheck::input::bytes;
use ecrecheck::judge::{Harness, judge};
use ecrecheck::report::text;
use ecrecheck::subject;
use insta::{Settings, assert_snapshot};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn corpus() -> Corpus {
    Corpus::load(&folder("corpus")).unwrap()
}

fn snapshot_name(case: &Case) -> String {
    format!("fixture__{}", case.id.replace("::", "__"))
}

fn snapshot(name: &str, description: &str, contents: &str) {
    let mut settings = Settings::new();
    settings.set_snapshot_path(folder("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(description);
    settings.bind(|| assert_snapshot!(name, contents));
}

/// The fixture's format, preimage, digest and signature, and what every subject does with them.
fn record(case: &Case, message: &Message, corpus: &Corpus) -> String {
    let (wire, signature) = case.wire.as_ref().unwrap();
    let input = case.input.as_ref().unwrap();
    let judged = judge(input, Harness::new(subject::all().unwrap(), &corpus.divergences));
    let mut record = format!("fixture     {}\nabout       {}\n", case.id, case.about);
    record += &text::message(message);
    record += &text::input(input);
    let _ = writeln!(record, "wire        {}\nsignature   {}", wire.form(), bytes::to_hex(signature));
    record += &text::facts(&judged);
    record.push('\n');
    for (subject, outcome, _) in &judged.subjects {
        let _ = writeln!(record, "{subject:<17} {outcome}");
    }
    record
}

#[test]
fn every_fixture() {
    let corpus = corpus();
    let fixtures: Vec<_> = corpus.cases.iter().filter(|case| case.kind.is_fixture()).collect();
    assert!(fixtures.len() >= 46, "the published fixtures are there");
    let changed = fixtures.into_iter().filter(|case| {
        let message = case.message.as_ref().unwrap();
        let format = message.format.as_deref().unwrap_or("an expression");
        let (name, contents) = (snapshot_name(case), record(case, message, &corpus));
        // Every snapshot is looked at, not only the first that changed.
        catch_unwind(|| snapshot(&name, &format!("format: {format}"), &contents)).is_err()
    });
    let changed: Vec<_> = changed.map(|case| case.id.as_str()).collect();
    assert!(changed.is_empty(), "{} fixtures come to something else: {changed:#?}", changed.len());
}

#[test]
fn the_investigation() {
    let corpus = corpus();
    let table = text::investigation(&corpus.investigation.examine());
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
    let unexplained = corpus.investigation.examine();
    let unexplained: Vec<_> = unexplained.iter().filter(|claim| !claim.is_explained()).collect();
    assert_eq!(unexplained.len(), 1);
    assert_eq!(unexplained[0].claim.address.to_string(), "0xf6F3Bb63C4238E5d25c64eBAB48F44a42FC03df4");
    snapshot("investigation", "the KMS signature investigation", &table);
}

/// A snapshot whose fixture is gone would never be looked at again.
#[test]
fn no_snapshot_is_unreferenced() {
    let corpus = corpus();
    let fixtures = corpus.cases.iter().filter(|case| case.kind.is_fixture()).map(snapshot_name);
    let referenced: BTreeSet<_> =
        fixtures.chain(["investigation".to_owned()]).map(|name| format!("{name}.snap")).collect();
    let there: BTreeSet<_> = fs::read_dir(folder("snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with(".snap.new"))
        .collect();
    let unreferenced: Vec<_> = there.difference(&referenced).collect();
    assert!(unreferenced.is_empty(), "no test looks at {unreferenced:#?} in snapshots/: delete them");
    let missing: Vec<_> = referenced.difference(&there).collect();
    assert!(missing.is_empty(), "snapshots/ lacks {missing:#?}");
}
