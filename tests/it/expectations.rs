//! What a case can expect, from a key down to "not this one": each with a case that holds and one that fails.

use std::path::Path;

use ecrecheck::corpus::{Formats, parse_cases};
use ecrecheck::judge::Harness;
use ecrecheck::run::check;

/// EIP-155's example: what was signed, the signature, and its signer.
const DIGEST: &str = "digest = \"0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53\"";
const R: &str = "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276";
const S: &str = "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";
const ADDRESS: &str = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F";
const KEY: &str = "0x024bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382";
/// Another signer: dstack's simulators' root.
const OTHER_ADDRESS: &str = "0x8f2cF602C9695b23130367ed78d8F557554de7C5";
const OTHER_KEY: &str = "0x02cad3a8bb11c5c0858fb3e402048b5137457039d577986daade678ed4b4ab1b9b";
const N: &str = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

fn case(signature: &str, expect: &str) -> String {
    format!(
        "[[case]]\nid = \"a::b\"\nabout = \"of a test\"\nsource = \"ethereum/EIPs\"\n{DIGEST}\n{signature}\n[case.expect]\n{expect}\n"
    )
}

/// What a check of this case says: nothing if it passes.
#[track_caller]
fn said(signature: &str, expect: &str) -> String {
    let text = case(signature, expect);
    let cases = parse_cases(Path::new("a.toml"), &text, Formats::built_in());
    let cases = cases.unwrap_or_else(|error| panic!("{error}: {text}"));
    let report = check::cases(&cases, Harness::new(&[], &[]));
    report.failures.iter().map(|failure| failure.what.clone()).collect::<Vec<_>>().join("; ")
}

/// Why this case cannot be read.
#[track_caller]
fn refused(signature: &str, expect: &str) -> String {
    let cases = parse_cases(Path::new("a.toml"), &case(signature, expect), Formats::built_in());
    cases.expect_err("a case that cannot be read").message
}

fn numbers(recovery_id: &str) -> String {
    format!("r = \"0x{R}\"\ns = \"0x{S}\"\n{recovery_id}")
}

fn on_the_wire(wire: &str, bytes: &str) -> String {
    format!("signature = \"0x{bytes}\"\nwire = \"{wire}\"")
}

/// The signature in DER: both numbers are positive in 32 bytes.
fn der() -> String {
    format!("30440220{R}0220{S}")
}

#[test]
fn a_key_is_expected_by_its_address_or_by_itself() {
    let signature = numbers("recovery_id = 0");
    assert_eq!(said(&signature, &format!("address = \"{ADDRESS}\"")), "");
    assert_eq!(said(&signature, &format!("public_key = \"{KEY}\"")), "");
    assert_eq!(
        said(&signature, &format!("address = \"{OTHER_ADDRESS}\"")),
        format!("expected {OTHER_ADDRESS}, the reference gives {ADDRESS} (key {KEY})")
    );
    assert_eq!(
        said(&signature, &format!("public_key = \"{OTHER_KEY}\"")),
        format!("expected the key {OTHER_KEY}, the reference gives {ADDRESS} (key {KEY})")
    );
    let mistyped = said(&signature, &format!("address = \"{}\"", ADDRESS.to_lowercase()));
    assert_eq!(mistyped, format!("the expected address should be typed {ADDRESS} (EIP-55)"));
}

#[test]
fn a_rejection_is_expected_for_any_reason_or_for_one() {
    let with_r = |r: &str| format!("r = \"{r}\"\ns = \"0x{S}\"\nrecovery_id = 0");
    assert_eq!(said(&with_r(N), "rejected = \"any\""), "");
    assert_eq!(said(&with_r(N), "rejected = \"r-ge-n\""), "");
    assert_eq!(
        said(&with_r(N), "rejected = \"r-zero\""),
        "expected a rejection (r-zero), the reference gives rejected (r-ge-n)"
    );
    assert_eq!(
        said(&numbers("recovery_id = 0"), "rejected = \"any\""),
        format!("expected a rejection, the reference gives {ADDRESS} (key {KEY})")
    );
    assert!(
        refused(&with_r(N), "rejected = \"some\"")
            .starts_with("unknown reason `some`; the reasons are any, ")
    );
}

#[test]
fn another_key_or_none_is_expected_where_one_key_must_not_come_out() {
    let other = [format!("not_address = \"{OTHER_ADDRESS}\""), format!("not_public_key = \"{OTHER_KEY}\"")];
    let own = [format!("not_address = \"{ADDRESS}\""), format!("not_public_key = \"{KEY}\"")];
    let none = format!("r = \"{N}\"\ns = \"0x{S}\"\nrecovery_id = 0");
    for not in &other {
        assert_eq!(said(&numbers("recovery_id = 0"), not), "");
    }
    for not in &own {
        assert_eq!(said(&numbers("recovery_id = 1"), not), "", "the opposite nonce point has another key");
        assert_eq!(said(&none, not), "");
        let what = said(&numbers("recovery_id = 0"), not);
        assert!(what.starts_with("expected anything but "), "{what}");
        assert!(what.ends_with(&format!(", the reference gives {ADDRESS} (key {KEY})")), "{what}");
    }
    // One of the two is enough to fail.
    assert_ne!(said(&numbers("recovery_id = 0"), &format!("{}\n{}", other[0], own[1])), "");
    assert_ne!(said(&numbers("recovery_id = 0"), &format!("{}\n{}", own[0], other[1])), "");
}

/// Nothing comes out as a key that is none: such an expectation would hold whatever comes out.
#[test]
fn a_key_that_must_not_come_out_is_one_that_could() {
    let (id, none) = (numbers("recovery_id = 0"), format!("0x02{}", "ff".repeat(32)));
    assert_eq!(
        said(&id, &format!("not_public_key = \"{none}\"")),
        format!("the expected key {none} is not on the curve")
    );
    assert_eq!(
        said(&id, &format!("not_address = \"{}\"", OTHER_ADDRESS.to_lowercase())),
        format!("the expected address should be typed {OTHER_ADDRESS} (EIP-55)")
    );
}

#[test]
fn without_a_recovery_id_exactly_one_gives_the_key() {
    let key = format!("public_key = \"{KEY}\"");
    for signature in [numbers(""), on_the_wire("rs", &format!("{R}{S}")), on_the_wire("der", &der())] {
        assert_eq!(said(&signature, &key), "");
        assert_eq!(said(&signature, &format!("not_public_key = \"{OTHER_KEY}\"")), "");
        let other = said(&signature, &format!("public_key = \"{OTHER_KEY}\""));
        assert!(
            other.starts_with(&format!(
                "expected the key {OTHER_KEY} under one recovery id, the reference gives {ADDRESS} (key {KEY}) under 0, "
            )),
            "{other}"
        );
        assert!(other.ends_with("rejected (x-ge-p) under 2, rejected (x-ge-p) under 3"), "{other}");
        let not = said(&signature, &format!("not_public_key = \"{KEY}\""));
        assert!(
            not.starts_with(&format!("expected anything but the key {KEY}, the reference gives ")),
            "{not}"
        );
        let rejected = said(&signature, "rejected = \"any\"");
        assert!(rejected.starts_with("expected a rejection, the reference gives "), "{rejected}");
    }
    let none = format!("r = \"{N}\"\ns = \"0x{S}\"");
    assert_eq!(said(&none, "rejected = \"any\""), "");
    assert_eq!(said(&none, "rejected = \"r-ge-n\""), "");
    assert_eq!(said(&none, &format!("not_public_key = \"{KEY}\"")), "");
    assert_ne!(said(&none, &key), "");
    // The second recovery id gives the key where s is the other one, n - s.
    let high_s = "98341627668089e51348fccfb4c7ff31c55912f2d2e47ef09652acf665fad3be";
    assert_eq!(said(&format!("r = \"0x{R}\"\ns = \"0x{high_s}\""), &key), "");
}

#[test]
fn without_a_recovery_id_every_subject_is_asked_with_each() {
    let text = case(&numbers(""), &format!("public_key = \"{KEY}\""));
    let cases = parse_cases(Path::new("a.toml"), &text, Formats::built_in()).unwrap();
    let subjects = ecrecheck::subject::all().unwrap();
    let report = check::cases(&cases, Harness::new(subjects, ecrecheck::judge::Divergence::built_in()));
    assert_eq!((report.failures, report.cases[0].judged.len()), (Vec::new(), 4));
}

#[test]
fn bytes_are_expected_to_be_no_signature_in_a_layout_or_in_any() {
    let expect = "no_signature = true";
    let short = format!("{R}{}", &S[..62]);
    let bytes = |bytes: &str| format!("signature = \"0x{bytes}\"");
    assert_eq!(said(&on_the_wire("rs", &short), expect), "");
    assert_eq!(said(&bytes(&short), expect), "");
    assert_eq!(said(&on_the_wire("rs-v27", &format!("{R}{S}00")), expect), "");
    assert_eq!(said(&on_the_wire("rs-eip155", &der()), expect), "", "DER is no r, s and long v");
    assert_eq!(said(&on_the_wire("eip155-rs", &der()), expect), "");

    let is_one = |form| format!("expected bytes that are no signature, they are one of the form {form}");
    assert_eq!(said(&on_the_wire("rs", &format!("{R}{S}")), expect), is_one("r || s"));
    assert_eq!(said(&bytes(&format!("{R}{S}00")), expect), is_one("r || s || recovery id"));
    assert_eq!(said(&bytes(&der()), expect), is_one("DER"));
    // Where a key is expected, bytes that are no signature fail as before.
    let unreadable = said(&on_the_wire("rs", &short), &format!("public_key = \"{KEY}\""));
    assert!(unreadable.starts_with("the signature cannot be taken apart: "), "{unreadable}");
}

#[test]
fn an_expectation_is_of_one_kind() {
    let kinds = "expected `address` or `public_key` or both, or `not_address` or `not_public_key` or both, or \
                 `rejected`, or `no_signature`, in `expect`";
    let (id, key) = (numbers("recovery_id = 0"), format!("public_key = \"{KEY}\""));
    for expect in [
        "",
        "no_signature = false",
        &format!("{key}\nrejected = \"any\""),
        &format!("{key}\nnot_public_key = \"{OTHER_KEY}\""),
        &format!("not_public_key = \"{OTHER_KEY}\"\nrejected = \"any\""),
        &format!("{key}\nno_signature = true"),
    ] {
        assert_eq!(refused(&id, expect), format!("`a::b`: {kinds}"), "{expect}");
    }
    assert_eq!(
        refused(&id, "no_signature = true"),
        "`a::b`: expected `signature` where `expect` has `no_signature`"
    );
    assert_eq!(
        refused(&format!("signature = \"0x{R}{S}\""), &key),
        "`a::b`: expected `wire` beside `signature`, unless `expect` has `no_signature`"
    );
    let both = format!("{id}\nsignature = \"0x{R}{S}\"\nwire = \"rs\"");
    let either = "`a::b`: expected either `r`, `s` and `recovery_id`, or `signature` and `wire`";
    assert_eq!(refused(&both, &key), either);
    assert_eq!(refused(&format!("r = \"0x{R}\""), &key), either);
}
