//! What `replay --emit` prints for other people is what they can use: the Rust test compiles and passes, the
//! entry for geth has geth's form.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use ecrecheck::case::{Call, Input};
use ecrecheck::corpus::{Corpus, load_cases};
use ecrecheck::emit;

/// As printed, with the name by which this package knows k256.
mod printed {
    use k256_0_14 as k256;

    include!("emitted/high_s.rs");
    include!("emitted/infinity.rs");
    include!("emitted/prehash.rs");
}

fn input(id: &str) -> Input {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let formats = Corpus::load(&folder).unwrap().formats;
    let cases = load_cases(&folder.join("cases"), &formats).unwrap();
    cases.into_iter().find(|case| case.id == id).unwrap().input.unwrap()
}

#[test]
fn the_rust_tests_that_are_compiled_here_are_what_is_printed() {
    for (id, file) in [
        ("high-s::simulator-root", include_str!("emitted/high_s.rs")),
        ("infinity::even", include_str!("emitted/infinity.rs")),
        ("prehash::15", include_str!("emitted/prehash.rs")),
    ] {
        assert_eq!(emit::rust(id, &input(id)).unwrap(), file);
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
    let call = Input::Call(Call { calldata: ecrecheck::bytes::Bytes(vec![1, 2, 3]), gas: 5 });
    assert_eq!(emit::calldata_hex(&call).unwrap(), "0x010203");
}
