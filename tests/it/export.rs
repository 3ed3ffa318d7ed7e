//! `ecrecheck export`: what it writes, and that those who the formats belong to read it, and find what is wrong in it.
//!
//! The programs that read vectors stand in docs/vectors.md, and are run as they stand there. What is missing here
//! (node, packages, a C compiler) is counted as skipped.

mod readers;
mod state_tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use ecrecheck::corpus::case::{Case, ExpectedAnswer, ExpectedKey};
use ecrecheck::corpus::vector::{SurfacesOf, Vector, VectorAnswer, VectorFile};
use ecrecheck::corpus::{Corpus, Formats, load_vectors};
use ecrecheck::generate::{STRATEGIES, generate};
use ecrecheck::input::{Input, Surface};
use ecrecheck::judge::{Divergence, Harness};
use ecrecheck::report::export::geth::GethTest;
use ecrecheck::report::export::wycheproof::WycheproofFile;
use ecrecheck::report::export::{Export, ExportFormat};
use ecrecheck::run::fuzz::bytes;
use ecrecheck::run::minimal::minimal_set;
use ecrecheck::run::{check, planted};
use ecrecheck::subject::{Subject as _, ask};
use serde_json::{Value, json};

use crate::support::{refuses, run, stdout, succeeds};

/// The corpus as vectors.
fn vectors() -> Vec<Vector> {
    let cases = &Corpus::built_in().cases;
    let vectors: Vec<_> = cases.iter().flat_map(Vector::of).collect();
    assert_eq!(vectors.len(), cases.len());
    vectors
}

fn text<'a>(export: &'a Export, file: &str) -> &'a str {
    export.files.get(file).unwrap_or_else(|| panic!("{file} among {:?}", export.files.keys()))
}

/// Another digit in the place of the first one after this.
fn spoilt(text: &str, after: &str) -> String {
    let at = text.find(after).unwrap() + after.len();
    let other = if &text[at..=at] == "0" { "1" } else { "0" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

fn schema_of(text: &str) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(text).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn the_same_cases_give_the_same_bytes() {
    let divergences = Divergence::built_in();
    for format in ExportFormat::ALL {
        assert_eq!(format.export(&vectors(), divergences), format.export(&vectors(), divergences));
    }
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let exported = folders.each_ref().map(|folder| {
        let folder = folder.path().join("new").display().to_string();
        let shown = succeeds(&["export", "json", &folder, "--generate", "50", "--seed", "7"]);
        (shown, fs::read_to_string(Path::new(&folder).join("cases.json")).unwrap())
    });
    assert_eq!(exported[0], exported[1]);
    let count = Corpus::built_in().cases.len() + 50;
    assert!(exported[0].0.contains(&format!("json    2      {count}    0")), "{}", exported[0].0);
}

#[test]
fn json_loses_nothing_of_a_case() {
    let corpus = Corpus::built_in();
    let surfaces: SurfacesOf = corpus
        .divergences
        .iter()
        .flat_map(|divergence| divergence.subjects.clone())
        .map(|subject| (subject, Surface::ALL.into()))
        .collect();
    let vectors: Vec<_> =
        vectors().into_iter().map(|vector| vector.with_deviations(&corpus.divergences, &surfaces)).collect();
    let export = ExportFormat::Json.export(&vectors, &corpus.divergences);
    assert_eq!((export.held, export.not_held.len()), (corpus.cases.len(), 0));
    let written = text(&export, "cases.json");
    let schema = schema_of(text(&export, "vectors.schema.json"));
    assert_eq!(
        schema.validate(&serde_json::from_str(written).unwrap()).map_err(|error| error.to_string()),
        Ok(())
    );

    let read: VectorFile = serde_json::from_str(written).unwrap();
    assert_eq!(read.cases, vectors);
    // What was typed, against what is read.
    for (case, vector) in corpus.cases.iter().zip(&read.cases) {
        assert_eq!((&vector.id, &vector.comment, &vector.source), (&case.id, &case.about, &case.source));
        assert_eq!(Ok(std::slice::from_ref(&vector.input)), case.inputs.as_deref());
        assert!(case.facts.is_subset(&vector.facts), "{}", case.id);
        match (&case.expect.answer, vector.expect) {
            (ExpectedAnswer::Rejected(why), VectorAnswer::Rejected { rejected }) => {
                assert_eq!(*why, Some(rejected))
            }
            (
                ExpectedAnswer::Recovered(ExpectedKey { address, public_key }),
                VectorAnswer::Recovered { address: written, public_key: key },
            ) => {
                let typed = address.as_ref().map(|address| address.typed.clone());
                assert_eq!((typed, *public_key), (Some(written.to_string()), Some(key.compressed())));
            }
            (typed, written) => panic!("{}: {typed:?}, {written:?}", case.id),
        }
        let wire = vector.signature.as_ref().map(|signature| (signature.wire, signature.bytes.0.clone()));
        assert_eq!(wire, case.wire, "{}", case.id);
        let message = vector.message.as_ref().map(|message| {
            let fields = message.fields.iter().map(|(name, bytes)| (name.clone(), bytes.0.clone()));
            (message.expression.clone(), fields.collect::<BTreeMap<_, _>>())
        });
        let typed = case.message.as_ref().map(|message| {
            let fields = message.fields.iter().map(|(name, value)| (name.to_owned(), value.to_vec()));
            (message.expression.to_string(), fields.collect::<BTreeMap<_, _>>())
        });
        assert_eq!(message, typed, "{}", case.id);
    }
    let high_s = read.cases.iter().find(|vector| vector.id == "high-s::simulator-root").unwrap();
    assert!(high_s.deviations.iter().any(|deviation| deviation.subject == "k256-0.13"), "{high_s:?}");
    for deviation in read.cases.iter().flat_map(|vector| &vector.deviations) {
        assert!(read.divergences.contains_key(&deviation.divergence), "{deviation:?}");
    }
}

#[test]
fn a_file_of_vectors_is_read_strictly() {
    let vector = vectors().into_iter().find(|vector| vector.id == "infinity::even").unwrap();
    let export = ExportFormat::Json.export(&[vector], &[]);
    let (written, schema) = (text(&export, "cases.json"), schema_of(text(&export, "vectors.schema.json")));
    for (right, wrong) in [
        ("\"version\": 1", "\"version\": 2"),
        ("\"facts\": [\n", "\"facts\": [\n\"q-finity\",\n"),
        ("\"surface\": \"scalar\"", "\"surface\": \"scaler\""),
        ("\"recovery_id\": ", "\"recovery_id\": 256"),
        ("\"digest\": \"0x", "\"digest\": \"0x0"),
        ("\"comment\"", "\"commend\""),
        ("\"rejected\": \"q-infinity\"", "\"rejected\": \"no\""),
    ] {
        let spoilt = written.replacen(right, wrong, 1);
        assert_ne!(spoilt, written, "{right}");
        let value: Value = serde_json::from_str(&spoilt).unwrap();
        let as_type = serde_json::from_str::<VectorFile>(&spoilt).is_ok();
        // A fact's name is no matter of the schema, and the version none of the type.
        let (of_schema, of_type) = (!wrong.contains("q-finity"), !wrong.contains("version"));
        assert_eq!(!schema.is_valid(&value), of_schema, "{wrong}");
        assert_eq!(!as_type, of_type, "{wrong}");
    }
}

#[test]
fn wycheproofs_form_is_that_of_its_schema() {
    let export = ExportFormat::Wycheproof.export(&vectors(), &[]);
    let written = text(&export, "ecdsa_secp256k1_recover_test.json");
    let schema = schema_of(text(&export, "ecdsa_recover_schema_v1.json"));
    let value: Value = serde_json::from_str(written).unwrap();
    assert_eq!(schema.validate(&value).map_err(|error| error.to_string()), Ok(()));
    let read: WycheproofFile = serde_json::from_str(written).unwrap();
    let [group] = read.test_groups.as_slice() else { panic!("one group") };
    assert_eq!((read.number_of_tests, export.held), (group.tests.len(), group.tests.len()));
    let used: BTreeSet<_> = group.tests.iter().flat_map(|test| &test.flags).collect();
    assert_eq!(used, read.notes.keys().collect(), "each flag has its note, and each note a test");
    let infinity = &read.notes["QInfinity"];
    assert_eq!(infinity.bug_type, "KNOWN_BUG");
    assert!(infinity.links.contains(&"https://github.com/bitcoin-core/secp256k1/issues/109".to_owned()));
    let high_s = group.tests.iter().find(|test| test.comment.starts_with("high-s::simulator-root:")).unwrap();
    assert_eq!((high_s.recovery_id, high_s.result.as_str()), (0, "valid"));
    assert_eq!(high_s.r, "2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d");
    assert!(
        high_s.public_key.starts_with("04cad3a8bb11c5c0858fb3e402048b5137457039d577986daade678ed4b4ab1b9b")
    );

    for (right, wrong) in [
        ("\"result\": \"valid\"", "\"result\": \"invalid\""),
        ("\"publicKey\": \"04", "\"publicKey\": \"02"),
        ("\"digest\": \"", "\"digest\": \"0x"),
        ("\"tcId\": 1,", "\"tcId\": 0,"),
        ("\"bugType\": \"BASIC\"", "\"bugType\": \"BUG\""),
    ] {
        let spoilt = written.replacen(right, wrong, 1);
        assert_ne!(spoilt, written, "{right}");
        assert!(!schema.is_valid(&serde_json::from_str(&spoilt).unwrap()), "{wrong}");
    }
}

/// What docs/vectors.schema.json refuses, the reader refuses.
#[test]
fn the_schema_of_an_export_is_what_its_reader_holds() {
    let corpus = Corpus::built_in();
    let surfaces: SurfacesOf = [("k256-0.13".to_owned(), Surface::ALL.into())].into();
    let vector =
        vectors().into_iter().find(|vector| vector.id == "simulator-old::kms-issued-high-s").unwrap();
    let call = vectors().into_iter().find(|vector| vector.id == "call::right").unwrap();
    let prehash = vectors().into_iter().find(|vector| vector.id == "prehash::one-byte").unwrap();
    let infinity = vectors().into_iter().find(|vector| vector.id == "infinity::even").unwrap();
    let vector = vector.with_deviations(&corpus.divergences, &surfaces);
    let export = ExportFormat::Json.export(&[vector, call, prehash, infinity], &corpus.divergences);
    let schema = schema_of(text(&export, "vectors.schema.json"));
    let good: Value = serde_json::from_str(text(&export, "cases.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.json");
    let reads = |value: &Value| {
        fs::write(&file, value.to_string()).unwrap();
        load_vectors(std::slice::from_ref(&file), Formats::built_in()).is_ok()
    };
    assert!(schema.is_valid(&good) && reads(&good));
    let divergence = good["divergences"].as_object().unwrap().keys().next().unwrap().clone();
    let spoilt = |pointer: &str, to: Value| {
        let mut spoilt = good.clone();
        *spoilt.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = to;
        spoilt
    };
    let set = |pointer: &str, to: Value| {
        let spoilt = spoilt(pointer, to);
        assert!(!schema.is_valid(&spoilt), "the schema takes {pointer}");
        assert!(!reads(&spoilt), "the reader takes {pointer}");
    };
    let upper = |pointer: &str| good.pointer(pointer).unwrap().as_str().unwrap().to_uppercase().into();
    let bare = |pointer: &str| good.pointer(pointer).unwrap().as_str().unwrap().replacen("0x", "", 1).into();
    set("/version", 2.into());
    set("/ecrecheck", "".into());
    set("/divergences", json!([]));
    for part in ["why", "link"] {
        set(&format!("/divergences/{divergence}/{part}"), "".into());
    }
    set("/cases", json!([]));
    for id in ["", "a", "a::", "A::b", "a::b c", "a::b::c", "..::b"] {
        set("/cases/0/id", id.into());
    }
    set("/cases/0/origin", json!({"published": null}));
    set("/cases/0/facts", json!([]));
    set("/cases/0/facts", json!(["high-s", "high-s"]));
    set("/cases/0/deviations", json!([]));
    set("/cases/0/deviations/0", json!(["k256-0.13", "rejected", divergence]));
    set("/cases/0/deviations/0/subject", "".into());
    set("/cases/0/deviations/0/outcome", "other-digest".into());
    set("/cases/0/message", json!([null, "keccak256(a)", {}, null]));
    set("/cases/0/message/format", Value::Null);
    set("/cases/0/message/fields", json!({"a": "00"}));
    set("/cases/0/message/fields", json!({"a": "0xA0"}));
    set("/cases/0/signature", json!(["rs-v27", "0x00"]));
    for digits in [
        "/cases/0/signature/bytes",
        "/cases/0/input/digest",
        "/cases/0/input/r",
        "/cases/0/expect/public_key",
        "/cases/1/input/calldata",
        "/cases/2/input/prehash",
    ] {
        set(digits, upper(digits));
        set(digits, bare(digits));
        set(digits, "".into());
    }
    set("/cases/0/expect/address", bare("/cases/0/expect/address"));
    set("/cases/0/expect/public_key", format!("0x04{}", "11".repeat(32)).into());
    set("/cases/0/input/recovery_id", 256.into());
    set("/cases/1/input/gas", json!(1e20));
    set("/cases/3/expect/rejected", "tired".into());

    // And whatever else becomes of any value: what the schema refuses is read nowhere.
    let mut refused = 0;
    for pointer in pointers(&good) {
        for other in [
            json!(null),
            json!(true),
            json!(-1),
            json!(0.5),
            json!(""),
            json!("A b"),
            json!([]),
            json!([[]]),
            json!({}),
            json!({"a": 0}),
        ] {
            let spoilt = spoilt(&pointer, other);
            if !schema.is_valid(&spoilt) {
                refused += 1;
                assert!(!reads(&spoilt), "{pointer} is {}", spoilt.pointer(&pointer).unwrap());
            }
        }
        let Some((object, name)) = pointer.rsplit_once('/') else { continue };
        let mut without = good.clone();
        let removed =
            without.pointer_mut(object).and_then(Value::as_object_mut).and_then(|all| all.remove(name));
        if removed.is_some() && !schema.is_valid(&without) {
            refused += 1;
            assert!(!reads(&without), "without {pointer}");
        }
    }
    assert!(refused > 500, "{refused}");
}

/// The way to each value of a file.
fn pointers(value: &Value) -> Vec<String> {
    let of = |name: String, value: &Value| -> Vec<String> {
        let below = pointers(value).into_iter();
        below.map(|below| format!("/{name}{below}")).collect()
    };
    let below: Vec<String> = match value {
        Value::Object(fields) => fields.iter().flat_map(|(name, value)| of(name.clone(), value)).collect(),
        Value::Array(values) => {
            (0..).zip(values).flat_map(|(at, value): (usize, _)| of(at.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    [vec![String::new()], below].concat()
}

/// Export, import, compare.
#[test]
fn what_a_format_holds_is_read_again_and_agrees() {
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    let generated = (0..300).map(|number| {
        let input = generate(&bytes(3, number), &strategies).input;
        Vector::asking(input, format!("generated::{number}"), "a".into(), "a".into())
    });
    // Ids that differ in where the colons are, and names that two groups have.
    let alike = ["x::y-z", "x-y::z", "x-y::y-z"].map(|id| Vector { id: id.into(), ..vectors().remove(0) });
    let vectors: Vec<_> = vectors().into_iter().chain(generated).chain(alike).collect();
    for format in ExportFormat::ALL {
        let folder = tempfile::tempdir().unwrap();
        let export = format.export(&vectors, &[]);
        for (file, text) in &export.files {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let read = load_vectors(&[folder.path().to_owned()], Formats::built_in()).unwrap();
        assert_eq!(read.unsaid, [], "{}", format.name());
        let sorted = |inputs: Vec<Input>| {
            let mut texts: Vec<_> = inputs.iter().map(|input| format!("{input:?}")).collect();
            texts.sort();
            texts
        };
        let held: Vec<_> = vectors.iter().filter_map(|vector| format.asks(vector).ok()).collect();
        assert_eq!((held.len(), held.len() + export.not_held.len()), (export.held, vectors.len()));
        let asked = read.cases.iter().flat_map(|case| case.asked().cloned()).collect();
        assert_eq!(sorted(asked), sorted(held), "{}", format.name());
        // A test of Wycheproof has a number in an id's place.
        if *format != ExportFormat::Wycheproof {
            let held = vectors.iter().filter(|vector| format.asks(vector).is_ok());
            let (read, held): (BTreeSet<_>, BTreeSet<_>) =
                (read.cases.iter().map(|case| &case.id).collect(), held.map(|vector| &vector.id).collect());
            assert_eq!(read, held, "{}", format.name());
        }
        let failures = check::cases(&read.cases, Harness::new(&[], &[])).failures;
        assert!(failures.is_empty(), "{}: {:?}", format.name(), failures.first());
        // The expectation is read, too: what is spoilt is no longer what the reference gives.
        let of_one = |case: &Case| matches!(case.expect.answer, ExpectedAnswer::Recovered(_));
        let recovered = read.cases.iter().filter(|case| of_one(case)).count();
        let right = vectors.iter().filter(|vector| {
            format.asks(vector).is_ok() && matches!(vector.expect, VectorAnswer::Recovered { .. })
        });
        assert_eq!(recovered, right.count(), "{}", format.name());
    }
}

#[test]
fn geths_entries_say_what_the_corpus_says() {
    let export = ExportFormat::Geth.export(&vectors(), &[]);
    let tests: Vec<GethTest> = serde_json::from_str(text(&export, "ecRecover.json")).unwrap();
    let named = |name: &str| tests.iter().find(|test| test.name == name).unwrap();
    assert_eq!(named("call::right").expected, format!("{:0>64}", "9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"));
    assert_eq!(named("infinity::even").expected, "");
    assert!(tests.iter().all(|test| test.gas == 3_000 && test.no_benchmark));
    let why = |id: &str| export.not_held.iter().find(|not_held| not_held.id == id).unwrap().why.as_str();
    assert_eq!(why("x-reduced::fixture-id-2"), "recovery id 2 or 3: a call's v is 27 or 28");
    assert_eq!(why("prehash::15"), "a prehash: a call takes a digest");
    assert_eq!(why("call::gas-one-less"), "a call without enough gas: an entry's call has what it costs");
    // Every case is held or named, once.
    for format in ExportFormat::ALL {
        let export = format.export(&vectors(), &[]);
        assert_eq!(export.held + export.not_held.len(), vectors().len(), "{format:?}");
        let ids: BTreeSet<_> = export.not_held.iter().map(|not_held| &not_held.id).collect();
        assert_eq!(ids.len(), export.not_held.len(), "{format:?}");
    }
}

/// Of the bugs that all of the corpus finds, each is found by the set, in every format.
#[test]
fn a_minimal_set_finds_what_the_corpus_finds() {
    let vectors = vectors();
    // Those with a memory answer by what they were asked before.
    let remember: BTreeSet<_> = planted::with_state().map(|bug| bug.identity().name).collect();
    let bugs: Vec<_> =
        planted::subjects().into_iter().filter(|bug| !remember.contains(bug.identity().name)).collect();
    for format in ExportFormat::ALL {
        let asks = |vector: &Vector| format.asks(vector).ok();
        let found_by: Vec<BTreeSet<&str>> = vectors
            .iter()
            .map(|vector| {
                let wrong = |bug: &&planted::Planted| {
                    asks(vector).is_some_and(|input| !agrees(&ask(*bug, &input), vector))
                };
                bugs.iter().filter(wrong).map(|bug| bug.identity().name).collect()
            })
            .collect();
        let finds = |places: &[usize]| -> BTreeSet<&str> {
            places.iter().flat_map(|at| &found_by[*at]).copied().collect()
        };
        let in_order = |places: &[usize]| {
            found_in_order(&places.iter().map(|at| &vectors[*at]).collect::<Vec<_>>(), asks)
        };
        let set = minimal_set(&vectors, asks);
        let all: Vec<_> = (0..vectors.len()).collect();
        assert_eq!((finds(&set.chosen), &set.bugs), (finds(&all), &finds(&all)), "{format:?}");
        assert_eq!(in_order(&set.chosen), set.in_order, "{format:?}");
        assert!(set.bugs.len() > 40 && set.chosen.len() * 5 < vectors.len(), "{format:?}: {set:?}");
        // None is superfluous.
        for left_out in &set.chosen {
            let others: Vec<_> = set.chosen.iter().copied().filter(|at| at != left_out).collect();
            let is_needed = finds(&others) != set.bugs || in_order(&others) != set.in_order;
            assert!(is_needed, "{format:?}: {}", vectors[*left_out].id);
        }
    }
}

/// The bugs that remember what they were asked, and that answer one of these wrongly.
fn found_in_order(vectors: &[&Vector], asks: impl Fn(&Vector) -> Option<Input>) -> BTreeSet<&'static str> {
    let wrong = |bug: &planted::Planted| {
        vectors.iter().any(|vector| asks(vector).is_some_and(|input| !agrees(&ask(bug, &input), vector)))
    };
    planted::with_state().filter(wrong).map(|bug| bug.identity().name).collect()
}

/// Whether an outcome is what a vector expects. An outcome that says "not expressible" is no answer.
fn agrees(outcome: &ecrecheck::Outcome, vector: &Vector) -> bool {
    use ecrecheck::Outcome;
    let fails = matches!(&vector.input, Input::Call(call) if call.gas < 3_000);
    match (outcome, vector.expect) {
        (Outcome::Unsupported { .. }, _) => true,
        (
            Outcome::Recovered { address, public_key },
            VectorAnswer::Recovered { address: right, public_key: key },
        ) => *address == right && public_key.is_none_or(|public_key| public_key == key),
        (Outcome::Rejected { .. }, VectorAnswer::Rejected { .. }) => !fails,
        (Outcome::CallFailed { .. }, VectorAnswer::Rejected { .. }) => fails,
        _ => false,
    }
}

#[test]
fn the_command_shows_what_is_not_held_and_what_a_minimal_set_shows() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("a/b").display().to_string();
    let shown = succeeds(&["export", "wycheproof", &into]);
    assert!(shown.contains("\nnot held, a prehash: a test has a digest: 17\n  combinations::prehash-empty-x-reduced, prehash::empty, "), "{shown}");
    let manifest = fs::read_to_string(folder.path().join("a/b/export.toml")).unwrap();
    assert!(
        manifest.contains("format = \"wycheproof\"") && manifest.contains("\"prehash::empty\""),
        "{manifest}"
    );

    let shown = succeeds(&[
        "export",
        "json",
        &folder.path().join("min").display().to_string(),
        "--minimal",
        "--generate",
        "0",
    ]);
    assert!(shown.contains("\nplanted bugs found: 7"), "{shown}");
    assert!(shown.contains("\nnot shown by answers: memory "), "{shown}");
    assert!(shown.contains("(of this build's subjects and of 1"), "the tables are found: {shown}");
}

#[test]
fn an_export_replaces_its_own_files_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().display().to_string();
    let cases = folder.path().with_extension("toml").display().to_string();
    let infinity = fs::read_to_string(crate::support::corpus_folder().join("cases/infinity.toml")).unwrap();
    fs::write(&cases, infinity).unwrap();
    succeeds(&["export", "statetest", &into]);
    assert!(folder.path().join("high-s/eip155-example.json").is_file());
    succeeds(&["export", "statetest", &into, "--cases", &cases]);
    assert!(!folder.path().join("high-s/eip155-example.json").exists());
    assert!(folder.path().join("infinity/even.json").is_file());
    succeeds(&["export", "geth", &into, "--cases", &cases]);
    assert!(!folder.path().join("infinity/even.json").exists());

    fs::write(folder.path().join("mine.txt"), "mine").unwrap();
    let said = refuses(&["export", "geth", &into]);
    assert_eq!(
        said,
        format!(
            "{into}/mine.txt: not written by an export: expected a new or empty folder, or one that an export wrote"
        )
    );
    assert_eq!(fs::read_to_string(folder.path().join("mine.txt")).unwrap(), "mine");
    fs::write(folder.path().join("export.toml"), "files = [\"mine.txt\"]").unwrap();
    assert!(
        refuses(&["export", "geth", &into])
            .starts_with(&format!("{into}/export.toml: not written by an export: "))
    );
    fs::remove_file(cases).unwrap();
}

#[test]
#[should_panic(expected = "two vectors would be infinity/even.json")]
fn no_vector_takes_the_file_of_another() {
    let vector = vectors().into_iter().find(|vector| vector.id == "infinity::even").unwrap();
    ExportFormat::StateTest.export(&[vector.clone(), vector], &[]);
}

#[test]
fn an_id_that_two_cases_have_is_refused_with_both_places() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let infinity = crate::support::corpus_folder().join("cases/infinity.toml").display().to_string();
    for folder in ["a", "b"] {
        succeeds(&["export", "json", &at(folder), "--cases", &infinity, "--generate", "1"]);
    }
    let both = |format| refuses(&["export", format, &at("new"), "--cases", &at("a"), "--cases", &at("b")]);
    for format in ["json", "statetest", "geth", "wycheproof"] {
        let said = both(format);
        let (second, first) = said.split_once(": the id `infinity::even` is taken by the case at ").unwrap();
        assert!(second.starts_with(&at("b/cases.json: infinity::even")), "{said}");
        assert!(first.starts_with(&at("a/cases.json: infinity::even")), "{said}");
    }
    let said = refuses(&["export", "json", &at("new"), "--cases", &at("a"), "--generate", "1"]);
    let start = "--generate: the id `generated::seed-0-case-0` is taken by the case at ";
    assert!(said.starts_with(&format!("{start}{}", at("a/cases.json"))), "{said}");
    assert!(!Path::new(&at("new")).exists());
}

/// Whatever is there when an export ends early is replaced by the next one.
#[test]
fn an_export_that_was_interrupted_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().display().to_string();
    let infinity = crate::support::corpus_folder().join("cases/infinity.toml").display().to_string();
    let export = |format| ["export", format, &into, "--cases", &infinity].map(str::to_owned);
    let export = |format| crate::support::ecrecheck().args(export(format)).output().unwrap();
    assert_eq!(export("geth").status.code(), Some(0));
    let list = || fs::read_to_string(folder.path().join("export.toml")).unwrap();
    // What stops it after the old files are removed: the new list cannot be written, and the old one is there.
    let stop = |name: &str| fs::create_dir(folder.path().join(name)).unwrap();
    stop("export.toml.new");
    assert!(
        crate::support::refused(&export("json"))
            .ends_with("export.toml.new: cannot be written: Is a directory (os error 21)")
    );
    assert!(list().contains("ecRecover.json"));
    fs::remove_dir(folder.path().join("export.toml.new")).unwrap();
    // After the new list: the files cannot be written.
    stop("cases.json");
    assert!(crate::support::refused(&export("json")).contains("cases.json: cannot be written"));
    assert!(list().contains("cases.json"));
    fs::remove_dir(folder.path().join("cases.json")).unwrap();
    // A list that was not whole is no list.
    fs::write(folder.path().join("export.toml.new"), "format = ").unwrap();
    assert_eq!(export("geth").status.code(), Some(0));
    assert!(list().contains("ecRecover.json"));
    assert!(!folder.path().join("export.toml.new").exists());
}

/// Four cases of four vectors, each with a field of 1 MiB and the preimage in hex.
#[test]
fn an_export_that_is_not_read_again_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let case = |name: char| {
        format!(
            "[[case]]\nid = \"a::{name}\"\nabout = \"\"\nsource = \"\"\nformat = \"keccak256(a)\"\n\
         fields = {{ a = \"text:{}\" }}\nr = \"0x{r}\"\ns = \"0x{s}\"\n[case.expect]\nrejected = \"s-zero\"\n",
            "a".repeat(1 << 20),
            r = "11".repeat(32),
            s = "00".repeat(32)
        )
    };
    fs::write(at("cases.toml"), ['a', 'b', 'c', 'd'].map(case).concat()).unwrap();
    let said = refuses(&["export", "json", &at("new"), "--cases", &at("cases.toml")]);
    assert!(said.starts_with(&format!("{}/cases.json: would have 671", at("new"))), "{said}");
    assert!(said.ends_with(" bytes: at most 67108864 are read again"), "{said}");
    assert!(!Path::new(&at("new")).exists());
}

#[test]
fn what_cannot_be_exported_is_said_in_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    fs::write(at("file"), "").unwrap();
    assert!(
        refuses(&["export", "geth", &at("file")]).starts_with(&format!("{}: cannot be read: ", at("file")))
    );
    let said = refuses(&["export", "geth", &at("file/below")]);
    assert!(said.starts_with(&format!("{}: cannot be ", at("file/below"))), "{said}");
    assert!(refuses(&["export", "gith", &at("new")]).contains("gith"));
    assert!(refuses(&["export", "geth", &at("new"), "--generate", "100001"]).contains("100001"));
    let said = refuses(&["export", "geth", &at("new"), "--seed", "7"]);
    assert_eq!(said, "--seed: no case is generated: give --generate N");

    let case = |expect: &str| {
        format!(
            "[[case]]\nid = \"a::b\"\nabout = \"\"\nsource = \"\"\nprehash = \"0x00\"\nr = \"0x{0}\"\ns = \"0x{0}\"\n\
             recovery_id = 0\n[case.expect]\nrejected = \"{expect}\"\n",
            "00".repeat(32)
        )
    };
    fs::write(at("cases.toml"), case("r-zero")).unwrap();
    let said = refuses(&["export", "geth", &at("new"), "--cases", &at("cases.toml")]);
    assert_eq!(said, "no cases: the format geth cannot hold any of these");
    fs::write(at("cases.toml"), case("s-zero")).unwrap();
    let said = refuses(&["export", "json", &at("new"), "--cases", &at("cases.toml")]);
    let place = format!("{}:2: a::b: expected a rejection (s-zero)", at("cases.toml"));
    assert!(said.starts_with(&place), "{said}");
    assert!(!Path::new(&at("new")).exists());
    let help = stdout(&run(&["export", "--help"]));
    assert!(help.contains("wycheproof, geth, statetest, json"), "{help}");
}
