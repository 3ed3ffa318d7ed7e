//! The protocol of programs: what is written and read, its schema, and its page say the same.

use std::fs;
use std::path::Path;

use crate::support::corpus_folder;
use ecrecheck::corpus::Corpus;
use ecrecheck::input::bytes::{Bytes, Word};
use ecrecheck::input::{CallInput, Input, PrehashInput, ScalarInput};
use ecrecheck::outsider::protocol::{Answer, Hello, Question, Request};
use ecrecheck::subject::{Outcome, OutcomeKind};
use jsonschema::Validator;
use serde_json::{Value, json};

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap()
}

/// The schema of a sort of line: `hello`, `request` or `answer`.
pub(crate) fn schema(of: &str) -> Validator {
    let mut schema: Value = serde_json::from_str(&page("protocol.schema.json")).unwrap();
    schema.as_object_mut().unwrap().remove("oneOf").unwrap();
    schema["$ref"] = json!(format!("#/$defs/{of}"));
    jsonschema::draft202012::new(&schema).unwrap()
}

pub(crate) fn corpus_inputs() -> Vec<Input> {
    let corpus = Corpus::load(&corpus_folder()).unwrap();
    corpus.cases.into_iter().flat_map(|case| case.inputs.unwrap_or_default()).collect()
}

pub(crate) fn request(id: u64, input: &Input) -> Vec<u8> {
    Request { id, question: Question::from(input) }.line()
}

const R: &str = "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276";
const KEY: &str = "044bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382ce28cab79ad7119ee1ad3ebcdb98a16805211530ecc6cfefa1b88e6dff99232a";

/// An input of each surface.
fn inputs() -> [Input; 3] {
    let r: Word = R.parse().unwrap();
    [
        ScalarInput { digest: r, r, s: r, recovery_id: 255 }.into(),
        Input::Prehash(PrehashInput { prehash: Bytes(vec![]), r, s: r, recovery_id: 0 }),
        Input::Call(CallInput { calldata: Bytes(vec![]), gas: u64::MAX }),
    ]
}

#[test]
fn the_schema_is_one() {
    let schema: Value = serde_json::from_str(&page("protocol.schema.json")).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    let whole = jsonschema::draft202012::new(&schema).unwrap();
    let lines =
        [json!({"id": 1, "rejected": ""}), json!({"id": 1, "op": "call", "calldata": "0x", "gas": 0})];
    assert!(lines.iter().all(|line| whole.is_valid(line)));
    assert!(!whole.is_valid(&json!({"id": 1})));
}

#[test]
fn every_question_about_the_corpus_is_in_the_schema_and_reads_back() {
    let schema = schema("request");
    let mut operations = std::collections::BTreeSet::new();
    for (id, input) in (1..).zip(corpus_inputs().iter().chain(&inputs())) {
        let line = request(id, input);
        let (text, end) = line.split_at(line.len() - 1);
        assert!(end == b"\n" && !text.contains(&b'\n'));
        let value: Value = serde_json::from_slice(text).unwrap();
        if let Err(error) = schema.validate(&value) {
            panic!("{value}: {error}");
        }
        let read: Request = serde_json::from_slice(&line).unwrap();
        assert_eq!(read, Request { id, question: Question::from(input) });
        operations.insert(read.question.operation());
    }
    assert_eq!(operations.len(), 3);
}

/// Lines, and whether they are good ones.
fn table() -> Vec<(&'static str, String, bool)> {
    let mut table = Vec::new();
    let hello = r#"{"ecrecheck":1,"name":"x","version":"1.0.0","operations":["call"]}"#;
    let mut add = |of: &'static str, good: bool, from: &str, to: &str, line: &str| {
        assert!(line.contains(from), "{from}");
        table.push((of, line.replacen(from, to, 1), good));
    };
    add("hello", true, "", "", hello);
    for (from, to) in [
        ("1.0.0", "1"),
        ("1.0.0", "2026.4"),
        ("1.0.0", "0.0.0-alpha.1+a.0b"),
        ("\"x\"", "\"noble_1.9-x\""),
        ("[\"call\"]", "[\"call\",\"recover\",\"prehash\"]"),
        ("\"operations\"", "\"code\":\"@noble/curves\",\"code_version\":\"2.4.0\",\"operations\""),
    ] {
        add("hello", true, from, to, hello);
    }
    for (from, to) in [
        ("1", "2"),
        ("1", "\"1\""),
        ("1", "1.5"),
        ("\"ecrecheck\":1,", ""),
        ("\"x\"", "\"\""),
        ("\"x\"", "\"x y\""),
        ("\"x\"", "\"é\""),
        ("\"x\"", "\"reference\""),
        ("\"x\"", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""),
        ("\"x\"", "1"),
        ("\"name\":\"x\",", ""),
        ("1.0.0", ""),
        ("1.0.0", "v1.0.0"),
        ("1.0.0", "1.0.0.0"),
        ("1.0.0", "01.0.0"),
        ("1.0.0", "1-a"),
        ("1.0.0", "1."),
        ("[\"call\"]", "[]"),
        ("[\"call\"]", "[\"sign\"]"),
        ("[\"call\"]", "\"call\""),
        (",\"operations\":[\"call\"]", ""),
        ("\"operations\"", "\"code\":\"y\",\"operations\""),
        ("\"operations\"", "\"code_version\":\"1.0.0\",\"operations\""),
        ("\"operations\"", "\"code\":\"a b\",\"code_version\":\"1.0.0\",\"operations\""),
        ("\"operations\"", "\"code\":null,\"operations\""),
        ("\"operations\"", "\"since\":1,\"operations\""),
    ] {
        add("hello", false, from, to, hello);
    }

    let recover = format!(r#"{{"id":1,"op":"recover","digest":"{R}","r":"{R}","s":"{R}","recovery_id":0}}"#);
    let call = r#"{"id":1,"op":"call","calldata":"0x","gas":0}"#;
    add("request", true, "\"id\":1", "\"id\":18446744073709551615", &recover);
    add("request", true, "recover", "prehash", &recover.replace("digest", "prehash"));
    add("request", true, R, &R[2..], &recover);
    add("request", true, R, &R.to_uppercase().replace("0X", "0x"), &recover);
    add("request", true, "}", ",\"more\":[]}", &recover);
    add("request", true, "0x", "00ff", call);
    for (from, to) in [
        ("\"id\":1", "\"id\":-1"),
        ("\"id\":1", "\"id\":18446744073709551616"),
        ("\"id\":1,", ""),
        ("recover", "sign"),
        ("recover", "call"),
        ("\"recovery_id\":0", "\"recovery_id\":256"),
        ("\"recovery_id\":0", "\"recovery_id\":null"),
        (",\"recovery_id\":0", ""),
        (R, &R[..64]),
        (R, "0x"),
        ("digest", "prehash"),
    ] {
        add("request", false, from, to, &recover);
    }
    for (from, to) in [("0x", ""), ("0x", "0x0"), ("0x", "0X00"), ("0x", "0x0x"), ("\"gas\":0", "\"gas\":-1")]
    {
        add("request", false, from, to, call);
    }

    let key = format!(r#"{{"id":1,"key":"0x{KEY}"}}"#);
    let returned = r#"{"id":1,"returndata":"0x","success":true}"#;
    add("answer", true, "", "", &key);
    add("answer", true, "0x04", "0x", &key);
    add("answer", true, &format!("0x{KEY}"), &format!("02{}", &KEY[2..66]), &key);
    add("answer", true, "", "", r#"{"id":1,"address":"0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"}"#);
    add("answer", true, "", "", r#"{"id":1,"candidates":[]}"#);
    add("answer", true, "[]", &format!("[\"{KEY}\"]"), r#"{"id":1,"candidates":[]}"#);
    add("answer", true, "", "", r#"{"id":1,"rejected":""}"#);
    add("answer", true, "", "", r#"{"id":1,"unsupported":"\n\u0000"}"#);
    add("answer", true, "", "", r#"{"panicked":"é","id":0}"#);
    add("answer", true, "", "", r#"{"id":1,"malformed":"a key of 63 bytes"}"#);
    add("answer", true, "", "", returned);
    add("answer", true, "}", ",\"gas_used\":3000}", returned);
    for (from, to) in [
        ("\"id\":1,", ""),
        ("\"id\":1", "\"id\":\"1\""),
        ("\"id\":1", "\"id\":null"),
        ("\"id\":1", "\"id\":1,\"rejected\":\"\""),
        ("\"id\":1", "\"id\":1,\"address\":null"),
        ("\"id\":1", "\"id\":1,\"success\":true"),
        ("\"id\":1", "\"id\":1,\"gas_used\":0"),
        ("\"id\":1", "\"id\":1,\"because\":\"\""),
        ("0x04", "0x06"),
        ("0x04", "0x0404"),
        ("232a\"", "\""),
        ("key", "address"),
    ] {
        add("answer", false, from, to, &key);
    }
    for (from, to) in [
        (",\"success\":true", ""),
        ("\"returndata\":\"0x\",", ""),
        ("true", "1"),
        ("}", ",\"gas_used\":\"3000\"}"),
        ("0x", ""),
    ] {
        add("answer", false, from, to, returned);
    }
    for line in [
        r#"{"id":1}"#,
        r#"{"id":1,"address":"0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A"}"#,
        r#"{"id":1,"candidates":["0x02"]}"#,
        r#"{"id":1,"candidates":"0x"}"#,
        r#"{"id":1,"rejected":null}"#,
        r#"{"id":1,"rejected":true}"#,
        r#"{"id":1,"malformed":true}"#,
        r#"{"id":1,"malformed":"","rejected":""}"#,
        "[]",
        "1",
    ] {
        add("answer", false, "", "", line);
    }
    table
}

/// Whether we take a line for what it says it is.
fn is_read(of: &str, line: &str) -> bool {
    match of {
        "hello" => Hello::read(line.as_bytes()).is_ok(),
        "request" => serde_json::from_str::<Request>(line).is_ok(),
        _ => {
            let answer = serde_json::from_str::<Answer>(line).ok().filter(|answer| answer.id.is_some());
            let well_formed = |answer: Answer| {
                let [scalar, _, call] = inputs();
                let input = if answer.returndata.is_some() { call } else { scalar };
                let said_so = Outcome::Malformed { how: answer.malformed.clone().unwrap_or_default() };
                let outcome = answer.outcome(&input);
                outcome.kind() != OutcomeKind::Malformed || (answer.malformed.is_some() && outcome == said_so)
            };
            answer.is_some_and(well_formed)
        }
    }
}

#[test]
fn what_is_read_and_what_the_schema_takes_are_the_same() {
    let schemas = ["hello", "request", "answer"].map(|of| (of, schema(of)));
    for (of, line, good) in table() {
        let schema = &schemas.iter().find(|(name, _)| *name == of).unwrap().1;
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(schema.is_valid(&value), good, "the schema: {line}");
        assert_eq!(is_read(of, &line), good, "the program: {line}");
    }
}

#[test]
fn the_session_of_the_page_is_one() {
    let page = page("protocol.md");
    let (_, session) = page.split_once("```text\n").unwrap();
    let (session, _) = session.split_once("```").unwrap();
    let mut asked = std::collections::BTreeMap::new();
    let (mut hellos, mut answers) = (0, 0);
    for line in session.lines() {
        let (direction, line) = line.split_once(' ').unwrap();
        let value: Value = serde_json::from_str(line).unwrap();
        match (direction, value.get("ecrecheck")) {
            (">", None) => {
                assert!(schema("request").is_valid(&value), "{line}");
                let request: Request = serde_json::from_str(line).unwrap();
                asked.insert(request.id, request.question);
            }
            ("<", Some(_)) => {
                assert!(schema("hello").is_valid(&value), "{line}");
                let identity = Hello::read(line.as_bytes()).unwrap().identity("mine");
                assert_eq!(identity.version.to_string(), "1.2.3");
                hellos += 1;
            }
            ("<", None) => {
                assert!(schema("answer").is_valid(&value), "{line}");
                let answer: Answer = serde_json::from_str(line).unwrap();
                let input = match asked.remove(&answer.id.unwrap()).unwrap() {
                    Question::Recover { digest, r, s, recovery_id } => {
                        ScalarInput { digest, r, s, recovery_id }.into()
                    }
                    Question::Call { calldata, gas } => Input::Call(CallInput { calldata, gas }),
                    other => panic!("{other:?}"),
                };
                let right = ecrecheck::reference::answer::Answer::to(&input).expectation;
                let outcome = answer.outcome(&input);
                assert!(ecrecheck::judge::agrees(&outcome, &right), "{line}: {right}");
                answers += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((hellos, answers, asked.len()), (1, 3, 0));
}

#[test]
fn a_programs_words_are_one_bounded_line() {
    let answer = |words: String| Answer { id: Some(1), rejected: Some(words), ..Answer::default() };
    let [input, ..] = inputs();
    assert_eq!(answer(" a\nb\u{1b}[31m ".into()).outcome(&input), Outcome::rejected("a\\nb\\u{1b}[31m"));
    let Outcome::Rejected { words } = answer("é".repeat(60_000)).outcome(&input) else { panic!() };
    assert_eq!(words.chars().count(), 401);
    assert!(words.ends_with("é…"));
}
