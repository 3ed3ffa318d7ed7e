//! What `replay --emit` prints for other people is what they can use: the Rust test compiles and passes, the
//! entry for geth has geth's form.
//!
//! `INSTA_UPDATE=always cargo test --test it emitted::` writes the Rust tests anew.

use std::path::Path;

use crate::support::keeps;
use ecrecheck::corpus::{Corpus, load_cases};
use ecrecheck::input::{CallInput, Input};
use ecrecheck::report::emit;

/// As printed, with the name by which this package knows k256.
mod printed {
    use k256_0_14 as k256;

    include!("../emitted/high_s.rs");
    include!("../emitted/infinity.rs");
    include!("../emitted/prehash.rs");
}

fn input(id: &str) -> Input {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let formats = Corpus::load(&folder).unwrap().formats;
    let cases = load_cases(&folder.join("cases"), &formats).unwrap();
    cases.into_iter().find(|case| case.id == id).unwrap().inputs.unwrap().remove(0)
}

#[test]
fn the_rust_tests_that_are_compiled_here_are_what_is_printed() {
    for (id, name) in
        [("high-s::simulator-root", "high_s"), ("infinity::even", "infinity"), ("prehash::15", "prehash")]
    {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/emitted/{name}.rs"));
        keeps(&file, &emit::rust(id, &input(id)).unwrap());
    }
    assert_eq!(emit::rust("call", &input("call::right")), None);
}

#[test]
fn a_geth_entry_has_input_expected_gas_and_name() {
    let entry = emit::geth_json("call::right", &input("call::right")).unwrap();
    let expected = "0000000000000000000000009d8a62f656a8d1615c1294fd71e9cfb3e4855a4f";
    assert_eq!(entry["Expected"], expected);
    assert_eq!(entry["Gas"], 3000);
    assert_eq!(entry["Name"], "call::right");
    let calldata = entry["Input"].as_str().unwrap();
    assert_eq!(calldata.len(), 256);
    assert_eq!(&calldata[64..128], "000000000000000000000000000000000000000000000000000000000000001b");

    assert_eq!(emit::geth_json("", &input("infinity::even")).unwrap()["Expected"], "");
    // Recovery id 2 has a key, and no v that ecrecover takes.
    assert_eq!(emit::geth_json("", &input("x-reduced::fixture-id-2")).unwrap()["Expected"], "");
}

#[test]
fn what_cannot_be_said_is_not_said() {
    assert_eq!(emit::geth_json("", &input("call::gas-one-less")), None);
    assert_eq!(emit::geth_json("", &input("prehash::15")), None);
    assert_eq!(emit::calldata(&input("prehash::15")), None);
}

#[test]
fn calldata_of_a_call_is_its_own() {
    let call = Input::Call(CallInput { calldata: ecrecheck::input::bytes::Bytes(vec![1, 2, 3]), gas: 5 });
    assert_eq!(emit::calldata_hex(&call).unwrap(), "0x010203");
}

#[test]
fn the_tests_of_different_cases_have_different_names_that_rust_can_have() {
    let high_s = input("high-s::simulator-root");
    let name = |id: &str, input: &Input| {
        let printed = emit::rust(id, input).unwrap();
        let line = printed.lines().find_map(|line| line.strip_prefix("fn ")).unwrap();
        line.strip_suffix("() {").unwrap().to_owned()
    };
    let mut names = vec![name("raw::recover", &high_s), name("raw::recover", &input("infinity::even"))];
    for id in
        ["2024::a-b", "2024::a.b", "2024::a--b", "::", "fn", "type", "a b", "é", "a::b-c", "a-b::c", "A::b-c"]
    {
        names.push(name(id, &high_s));
    }
    for name in &names {
        let mut characters = name.chars();
        assert!(characters.next().is_some_and(|first| first.is_ascii_lowercase()), "{name}");
        assert!(characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{name}");
        assert!(!["fn", "type"].contains(&name.as_str()), "{name}");
    }
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "{names:?}");
    assert_eq!(name("fn", &high_s), name("fn", &high_s));
}
