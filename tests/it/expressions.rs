//! The functions of format expressions at their boundaries, what they refuse and where, and the fields that a
//! known format asks for.
//!
//! Values are those of the specifications: RLP (Yellow Paper, appendix B), Bitcoin's compact size, SEC 1,
//! EIP-55, RFC 4648, the published vectors of the hash functions, and EIP-155's example signature.

use std::path::Path;

use ecrecheck::corpus::Corpus;
use ecrecheck::format::{Expr, Fields, FormatFault, Term, parse, value};

/// G of SEC 2, compressed; its y is even.
const G: &str = "0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
const G_Y: &str = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";

/// EIP-155's example.
const DIGEST: &str = "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53";
const R: &str = "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276";
const S: &str = "0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83";

const TWO_TO_THE_256: &str = "115792089237316195423570985008687907853269984665640564039457584007913129639936";

/// What an expression is refused with, and where.
#[track_caller]
fn error(text: &str) -> String {
    value(text).expect_err(text).to_string()
}

/// The value as lowercase hex.
#[track_caller]
fn hex(text: &str) -> String {
    let digits = value(&format!("hex({text})")).unwrap_or_else(|error| panic!("{text}: {error}"));
    String::from_utf8(digits).unwrap()
}

#[test]
fn padding_fills_up_to_a_length_and_never_cuts() {
    assert_eq!(hex("pad_left(0x010203, 4)"), "00010203");
    assert_eq!(hex("pad_right(0x010203, 4)"), "01020300");
    for pad in ["pad_left", "pad_right"] {
        assert_eq!(hex(&format!("{pad}(0x010203, 3)")), "010203");
        assert_eq!(hex(&format!("{pad}(0x, 0)")), "");
        let longer = error(&format!("\"a\" + {pad}(0x010203, 2)"));
        assert_eq!(longer, "at character 7: cannot pad 3 bytes to 2");
        assert_eq!(error(&format!("{pad}(0x01, 0)")), "at character 1: cannot pad 1 bytes to 0");
    }
}

#[test]
fn drop_and_take_end_where_the_bytes_do() {
    assert_eq!(hex("drop(0x010203, 0)"), "010203");
    assert_eq!(hex("drop(0x010203, 1)"), "0203");
    assert_eq!(hex("drop(0x010203, 3)"), "");
    assert_eq!(hex("take(0x010203, 0)"), "");
    assert_eq!(hex("take(0x010203, 1)"), "01");
    assert_eq!(hex("take(0x010203, 3)"), "010203");
    for cut in ["drop", "take"] {
        let beyond = error(&format!("{cut}(0x010203, 4)"));
        assert_eq!(beyond, "at character 1: expected at least 4 bytes, found 3");
        let far_beyond = error(&format!("{cut}(0x010203, \"{TWO_TO_THE_256}\")"));
        assert_eq!(far_beyond, "at character 16: the number does not fit 256 bits");
        // 2^64 + 1, of which a careless cast leaves 1.
        let wraps = format!("{cut}(0x010203, \"18446744073709551617\")");
        assert!(error(&wraps).starts_with("at character 1: "), "{}", error(&wraps));
    }
}

#[test]
fn the_largest_numbers_fit_and_one_more_does_not() {
    assert_eq!(hex("u32be(0)"), "00000000");
    assert_eq!(hex("u32be(4294967295)"), "ffffffff");
    assert_eq!(error("u32be(4294967296)"), "at character 1: the number does not fit 32 bits");
    assert_eq!(hex("u64be(18446744073709551615)"), "ffffffffffffffff");
    assert_eq!(error("u64be(\"18446744073709551616\")"), "at character 1: the number does not fit 64 bits");
    assert!(error("u64be(18446744073709551616)").contains("a number below 2^64"));
    assert_eq!(hex("uint(255)"), "ff");
    assert_eq!(hex("uint(256)"), "0100");
    assert_eq!(hex("uint(\"18446744073709551616\")"), "010000000000000000");
    let largest = TWO_TO_THE_256.replace("9936", "9935");
    assert_eq!(hex(&format!("uint(\"{largest}\")")), "f".repeat(64));
    assert_eq!(hex("u256be(0)"), "0".repeat(64));
    assert_eq!(hex(&format!("u256be(\"{largest}\")")), "f".repeat(64));
    for function in ["uint", "u256be", "u64be", "u32be"] {
        let error = value(&format!("{function}(\"{TWO_TO_THE_256}\")")).unwrap_err();
        assert_eq!(error.fault, FormatFault::NumberTooLarge { bits: 256 }, "{function}");
    }
}

#[test]
fn a_number_is_decimal_digits_and_nothing_else() {
    for text in ["", "a", "1a", "0x10", "+1", "-1", " 1", "1 ", "1_000", "1.0", "1e3", "\u{ff11}"] {
        for (before, after) in [("uint(", ")"), ("u32be(", ")"), ("u64be(", ")"), ("take(\"abc\", ", ")")] {
            let says = error(&format!("{before}\"{text}\"{after}"));
            let place = before.len() + 1;
            let expected = format!("at character {place}: expected a number in decimal digits");
            assert_eq!(says, expected, "{text:?}");
        }
    }
    assert_eq!(error("uint(0xff)"), "at character 6: expected a number in decimal digits");
    assert_eq!(hex("uint(\"007\")"), "07");
    assert_eq!(value("10 + 0 + 7").unwrap(), b"1007");
}

#[test]
fn a_varstr_has_bitcoins_compact_size_before_it() {
    for (length, prefix) in
        [(0, "00"), (252, "fc"), (253, "fdfd00"), (256, "fd0001"), (65_535, "fdffff"), (65_536, "fe00000100")]
    {
        let text = hex(&format!("varstr(pad_left(0x, {length}))"));
        assert_eq!(text, format!("{prefix}{}", "00".repeat(length)), "{length} bytes");
    }
}

#[test]
fn a_length_is_of_bytes() {
    assert_eq!(value("decimal_length(\"\")").unwrap(), b"0");
    assert_eq!(value("decimal_length(\"é\")").unwrap(), b"2");
    assert_eq!(hex("len_prefixed(\"\")"), "00000000");
    assert_eq!(hex("len_prefixed(\"é\")"), "00000002c3a9");
    assert_eq!(hex("take(len_prefixed(pad_left(0x, 256)), 4)"), "00000100");
}

#[test]
fn an_rlp_list_has_its_length_before_it() {
    assert_eq!(hex("rlp_list()"), "c0");
    assert_eq!(hex("rlp_list(0x)"), "c180");
    assert_eq!(hex("rlp_list(0x00)"), "c100");
    assert_eq!(hex("rlp_list(0x7f)"), "c17f");
    assert_eq!(hex("rlp_list(0x80)"), "c28180");
    assert_eq!(hex("rlp_list(uint(0), uint(15), uint(1024))"), "c5800f820400");
    assert_eq!(hex("rlp_list(\"cat\", \"dog\")"), "c88363617483646f67");
}

#[test]
fn rlp_counts_a_length_from_56_in_bytes_of_its_own() {
    // A list of one item of zeros: the bytes before the item are the list's prefix and the item's.
    for (item, prefixes) in [
        (54, "f7b6"),          // a payload of 55
        (55, "f838b7"),        // a payload of 56
        (56, "f83ab838"),      // an item of 56
        (253, "f8ffb8fd"),     // a payload of 255
        (254, "f90100b8fe"),   // a payload of 256
        (255, "f90101b8ff"),   // an item of 255
        (256, "f90103b90100"), // an item of 256
        (65_535, "fa010002b9ffff"),
        (65_536, "fa010004ba010000"),
    ] {
        let text = hex(&format!("rlp_list(pad_left(0x, {item}))"));
        assert_eq!(text, format!("{prefixes}{}", "00".repeat(item)), "an item of {item} bytes");
    }
    // 55 items of one byte each, and 56.
    let bytes = |count: usize| hex(&format!("rlp_list({})", vec!["0x01"; count].join(", ")));
    assert_eq!(bytes(55), format!("f7{}", "01".repeat(55)));
    assert_eq!(bytes(56), format!("f838{}", "01".repeat(56)));
}

#[test]
fn an_rlp_payload_is_a_list_of_what_is_encoded_already() {
    assert_eq!(hex("rlp(0x)"), "80");
    assert_eq!(hex("rlp(0x00)"), "00");
    assert_eq!(hex("rlp(0x7f)"), "7f");
    assert_eq!(hex("rlp(0x80)"), "8180");
    for (length, prefix) in [(55, "b7"), (56, "b838"), (256, "b90100")] {
        let text = hex(&format!("rlp(pad_left(0x, {length}))"));
        assert_eq!(text, format!("{prefix}{}", "00".repeat(length)), "{length} bytes");
    }
    assert_eq!(hex("rlp_payload(0x)"), "c0");
    for (length, prefix) in [(55, "f7"), (56, "f838"), (256, "f90100")] {
        let text = hex(&format!("rlp_payload(pad_left(0x, {length}))"));
        assert_eq!(text, format!("{prefix}{}", "00".repeat(length)), "{length} bytes");
    }
}

#[test]
fn a_protobuf_field_has_its_tag_before_it() {
    assert_eq!(hex("proto_uint(1, 15)"), "7801");
    assert_eq!(hex("proto_uint(1, 16)"), "800101");
    assert_eq!(hex("proto_uint(127, 1)"), "087f");
    assert_eq!(hex("proto_uint(128, 1)"), "088001");
    assert_eq!(hex("proto_uint(18446744073709551615, 1)"), "08ffffffffffffffffff01");
    assert_eq!(hex("proto_bytes(0x00, 536870911)"), "faffffff0f0100");
    assert_eq!(hex("take(proto_bytes(pad_left(0x, 128), 1), 3)"), "0a8001");
    let fault = |text: &str| value(text).unwrap_err().fault;
    assert_eq!(fault("proto_uint(\"18446744073709551616\", 1)"), FormatFault::NumberTooLarge { bits: 64 });
    for field in ["0", "536870912", "18446744073709551615"] {
        let says = "at character 1: a protobuf field's number is from 1 to 536870911";
        assert_eq!(error(&format!("proto_bytes(0x, {field})")), says);
        assert_eq!(error(&format!("proto_uint(0, {field})")), says);
    }
}

/// What is wrong with typed data is said with its place, by the function and by a known format.
#[test]
fn typed_data_that_is_none_is_refused_with_its_place() {
    let cycle = r#"{"types": {"A": [{"name": "b", "type": "B[]"}], "B": [{"name": "a", "type": "A"}]}, "primaryType": "A", "domain": {}, "message": {}}"#;
    let says = "typed data: the type `A` contains itself";
    let fields = Fields::from_iter([("json", cycle)]);
    let error = parse("hex(typed_data(json))").unwrap().evaluate(&fields).unwrap_err().to_string();
    assert_eq!(error, format!("at character 5: {says}"));
    let refused = check("eip712.typed-data-json", &[("json", cycle.as_bytes())]);
    assert_eq!(refused, Err(format!("field `json`: expected typed data in JSON ({says})")));
}

#[test]
fn no_value_is_longer_than_a_mebibyte() {
    let too_long = |place| format!("at character {place}: the value would be longer than 1048576 bytes");
    let length = |text: &str| value(text).map(|value| value.len()).map_err(|error| error.to_string());

    assert_eq!(length("pad_left(0x, 1048576)"), Ok(1_048_576));
    assert_eq!(length("pad_left(0x, 1048577)"), Err(too_long(1)));
    assert_eq!(length("pad_right(0x, 1048576)"), Ok(1_048_576));
    assert_eq!(length("pad_right(0x, 1048577)"), Err(too_long(1)));
    assert_eq!(length("pad_left(0x, 18446744073709551615)"), Err(too_long(1)));
    assert_eq!(length("pad_left(0x, 1048575) + 0x01"), Ok(1_048_576));
    assert_eq!(length("pad_left(0x, 1048576) + 0x01"), Err(too_long(1)));
    assert_eq!(length("hex(pad_left(0x, 524288))"), Ok(1_048_576));
    assert_eq!(length("hex(pad_left(0x, 524289))"), Err(too_long(1)));
    assert_eq!(length("varstr(pad_left(0x, 1048571))"), Ok(1_048_576));
    assert_eq!(length("varstr(pad_left(0x, 1048572))"), Err(too_long(1)));
    assert_eq!(length("len_prefixed(pad_left(0x, 1048573))"), Err(too_long(1)));
    assert_eq!(length("rlp_list(pad_left(0x, 1048576))"), Err(too_long(1)));
    // Where it is only a part, that part is at fault, whatever it would come to.
    assert_eq!(length("sha256(pad_left(0x, 1048576) + 0x01)"), Err(too_long(8)));
    assert_eq!(length("\"a\" + sha256(hex(pad_left(0x, 524289)))"), Err(too_long(14)));

    let field = |length: usize| {
        let fields = Fields::from_iter([("data", vec![0; length])]);
        parse("data").unwrap().evaluate(&fields).map(|value| value.len()).map_err(|error| error.to_string())
    };
    assert_eq!(field(1_048_576), Ok(1_048_576));
    assert_eq!(field(1_048_577), Err(too_long(1)));
}

#[test]
fn a_public_key_is_sec_1s_compressed_or_uncompressed_form() {
    let x = &G[4..];
    // The private keys 1 and n - 1: G and -G.
    assert_eq!(hex(&format!("address({G})")), "7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    assert_eq!(hex(&format!("address(0x03{x})")), "80c0dbf239224071c59dd8970ab9d542e3414ab2");
    assert_eq!(hex(&format!("uncompressed({G})")), format!("04{x}{G_Y}"));
    assert_eq!(hex(&format!("xy(0x04{x}{G_Y})")), format!("{x}{G_Y}"));
    assert_eq!(hex(&format!("compressed(0x04{x}{G_Y})")), format!("02{x}"));
    assert_eq!(hex(&format!("compressed(uncompressed(0x03{x}))")), format!("03{x}"));

    for function in ["compressed", "uncompressed", "xy", "address"] {
        let refused = |key: &str| {
            let error = error(&format!("{function}({key})"));
            let place = format!("at character {}: not a public key: ", function.len() + 2);
            error.strip_prefix(&place).unwrap_or(&error).to_owned()
        };
        let form =
            |found: &str| format!("expected SEC 1 (33 bytes from 02 or 03, or 65 from 04), found {found}");
        assert_eq!(refused(&format!("0x{x}{G_Y}")), form("64 bytes from 79"));
        assert_eq!(refused(&format!("0x{x}")), form("32 bytes from 79"));
        // The hybrid forms: 06 would be right for an even y.
        assert_eq!(refused(&format!("0x06{x}{G_Y}")), form("65 bytes from 06"));
        assert_eq!(refused(&format!("0x07{x}{G_Y}")), form("65 bytes from 07"));
        assert_eq!(refused(&format!("0x04{x}")), form("33 bytes from 04"));
        assert_eq!(refused(&format!("0x02{x}{G_Y}")), form("65 bytes from 02"));
        assert_eq!(refused(&format!("{G}00")), form("34 bytes from 02"));
        assert_eq!(refused(&G[..66]), form("32 bytes from 02"));
        assert_eq!(refused(&format!("0x04{x}{G_Y}00")), form("66 bytes from 04"));
        // The point at infinity.
        assert_eq!(refused("0x00"), form("1 bytes from 00"));
        assert_eq!(refused("0x"), form("0 bytes"));
    }
}

#[test]
fn a_public_key_is_on_the_curve_with_coordinates_below_p() {
    let x = &G[4..];
    let off_curve = "at character 9: not a public key: the point is not on secp256k1";
    let one = "0000000000000000000000000000000000000000000000000000000000000001";
    let p_and_one = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30";
    let y_of_one = "4218f20ae6c646b363db68605822fb14264ca8d2587fdd6fbc750d587e76a7ee";

    // x = 1 is on the curve; x = p + 1 is the same number modulo p, and not a coordinate.
    assert_eq!(hex(&format!("uncompressed(0x02{one})")), format!("04{one}{y_of_one}"));
    for tag in ["02", "03"] {
        assert_eq!(error(&format!("address(0x{tag}{p_and_one})")), off_curve);
    }
    assert_eq!(hex(&format!("compressed(0x04{one}{y_of_one})")), format!("02{one}"));
    assert_eq!(error(&format!("address(0x04{p_and_one}{y_of_one})")), off_curve);

    // No point has x = 5 or x = 0; G with another y is none.
    let five = "0000000000000000000000000000000000000000000000000000000000000005";
    assert_eq!(error(&format!("address(0x02{five})")), off_curve);
    assert_eq!(error(&format!("address(0x03{five})")), off_curve);
    assert_eq!(error(&format!("address(0x02{})", "00".repeat(32))), off_curve);
    assert_eq!(error(&format!("address(0x04{})", "00".repeat(64))), off_curve);
    assert_eq!(error(&format!("address(0x04{x}{})", G_Y.replace("d4b8", "d4b9"))), off_curve);
}

#[test]
fn a_nested_recovery_gives_the_signers_key() {
    let key = hex(&format!("recover({DIGEST}, {R} + {S} + 0x00)"));
    assert_eq!(key, "024bc2a31265153f07e70e0bab08724e6b85e217f8cd628ceb62974247bb493382");
}

/// facts/investigation.md: the app key's claim for the key with this address, read over the wrong message.
#[test]
fn a_nested_recovery_gives_the_address_that_the_investigation_found() {
    let d = value("0x37181dda18e75e1f7b8835f5b42f50ca4be02e9b").unwrap();
    let fields = Fields::from_iter([("d", d)]);
    let claim = "0xcd52f120d5f44ecc3bb8e849969414742d4af40a318daf23b5a3f44d492cfe76209474009a0d0b95cd6d719946b74ea7ed418f95c5a4642b64d7fbb06b0f849b01";
    for message in ["\"ethereum:\" + \"0x\" + hex(d)", "\"ethereum:\" + hex0x(d)"] {
        let text = format!("hex0x(address(recover(keccak256({message}), {claim})))");
        let address = parse(&text).unwrap().evaluate(&fields).unwrap();
        assert_eq!(address, b"0xc832bb9a26b24d39a166f28c984ea356c9eea420", "{message}");
    }
}

#[test]
fn a_nested_recovery_without_a_key_says_why() {
    let zero = format!("0x{}", "00".repeat(32));
    let n = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let five = format!("0x{}05", "00".repeat(31));
    let g_x = format!("0x{}", &G[4..]);
    let says = |digest: &str, r: &str, s: &str, recovery_id: &str| {
        error(&format!("hex(recover({digest}, {r} + {s} + {recovery_id}))"))
    };
    let no_key = |reason: &str| format!("at character 5: no key is recovered: {reason}");
    for recovery_id in ["0x04", "0x1b", "0x1c", "0xff"] {
        assert_eq!(says(DIGEST, R, S, recovery_id), no_key("recovery-id-out-of-range"));
    }
    assert_eq!(says(DIGEST, &zero, S, "0x00"), no_key("r-zero"));
    assert_eq!(says(DIGEST, n, S, "0x00"), no_key("r-ge-n"));
    assert_eq!(says(DIGEST, R, &zero, "0x00"), no_key("s-zero"));
    assert_eq!(says(DIGEST, R, n, "0x00"), no_key("s-ge-n"));
    assert_eq!(says(DIGEST, R, S, "0x02"), no_key("x-ge-p"));
    assert_eq!(says(DIGEST, &five, S, "0x00"), no_key("x-off-curve"));
    // R = G and z = s: s·R - z·G.
    assert_eq!(says(S, &g_x, S, "0x00"), no_key("q-infinity"));
}

#[test]
fn a_nested_recovery_takes_32_and_65_bytes() {
    // The digest stands at character 9; the signature, after 66 more and a comma, at 77.
    let says = |digest: &str, signature: &str| error(&format!("recover({digest}, {signature})"));
    assert_eq!(says(DIGEST, &format!("{R} + {S}")), "at character 77: expected 65 bytes, found 64");
    assert_eq!(says(DIGEST, &format!("{R} + {S} + 0x0000")), "at character 77: expected 65 bytes, found 66");
    assert_eq!(says(DIGEST, "0x"), "at character 77: expected 65 bytes, found 0");
    assert_eq!(
        says(&DIGEST[..64], &format!("{R} + {S} + 0x00")),
        "at character 9: expected 32 bytes, found 31"
    );
}

#[test]
fn a_checksum_is_of_an_address_of_20_bytes() {
    // EIP-55's examples of one case, and two of both.
    for address in [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ] {
        assert_eq!(value(&format!("checksum_address({address})")).unwrap(), address.as_bytes());
    }
    for (length, found) in [(19, "19"), (21, "21"), (0, "0")] {
        let says = error(&format!("checksum_address(0x{})", "5a".repeat(length)));
        assert_eq!(says, format!("at character 18: expected 20 bytes, found {found}"));
    }
}

#[test]
fn text_is_utf_8() {
    assert_eq!(value("text(0xc3a9)").unwrap(), "é".as_bytes());
    assert_eq!(error("text(0xff)"), "at character 1: expected UTF-8, found another byte after 0 bytes");
    assert_eq!(
        error("\"é\" + text(0x61e282)"),
        "at character 7: expected UTF-8, found another byte after 1 bytes"
    );
}

/// NIST's, RIPEMD's, Keccak's and Bitcoin's published values, and RFC 4648's.
#[test]
fn hashes_and_base64_give_their_published_values() {
    for (text, expected) in [
        ("keccak256(\"abc\")", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        ("sha3_256(\"abc\")", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
        ("sha256(\"\")", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("sha256d(\"hello\")", "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50"),
        ("ripemd160(\"\")", "9c1185a5c5e9fc54612808977ee8f548b2258d31"),
        ("eip191(\"Hello World\")", "a1de988600a42c4b4ab089b619297c17d53cffae5d5120d82d8a92d0bb3b78f2"),
    ] {
        assert_eq!(hex(text), expected, "{text}");
    }
    for (text, expected) in [("\"\"", ""), ("\"fo\"", "Zm8="), ("\"foo\"", "Zm9v"), ("0xfbff", "+/8=")] {
        assert_eq!(value(&format!("base64({text})")).unwrap(), expected.as_bytes());
    }
}

#[test]
fn what_a_terminal_would_act_on_is_escaped_and_read_back() {
    for (text, printed) in [
        ("\u{80}\u{9b}31m\u{9f}", r#""\u{80}\u{9b}31m\u{9f}""#),
        ("\0\u{1b}[31m\u{7f}", r#""\x00\x1b[31m\x7f""#),
        ("a\"b\\c", r#""a\"b\\c""#),
        ("\n\r\t\u{b}", r#""\n\r\t\x0b""#),
        ("é ~\u{a0}", "\"é ~\u{a0}\""),
    ] {
        let expression = Expr::from(Term::Text(text.to_owned()));
        assert_eq!(expression.to_string(), printed);
        assert_eq!(parse(printed).unwrap(), expression);
        assert_eq!(value(printed).unwrap(), text.as_bytes());
    }
    let whole = r#"rlp_list("\u{9b}" + 0x00ff, hex(rlp_list()) + 7 + name)"#;
    assert_eq!(parse(whole).unwrap().to_string(), whole);
}

#[test]
fn an_escape_stands_for_one_character() {
    assert_eq!(value(r#""\x41\u{e9}\u{1f511}\"\\""#).unwrap(), "A\u{e9}\u{1f511}\"\\".as_bytes());
    // \x80 would be a byte that is no text; there are no such characters as the others.
    for text in
        [r#""\x80""#, r#""\xff""#, r#""\x4""#, r#""\u{110000}""#, r#""\u{d800}""#, r#""\u{}""#, r#""\0""#]
    {
        assert!(error(text).contains("expected an escape"), "{text}: {}", error(text));
    }
}

#[test]
fn a_digest_has_32_bytes() {
    let digest = |text: &str| parse(text).unwrap().digest(&Fields::default());
    for (text, found) in [
        ("\"\"", 0),
        ("take(keccak256(\"\"), 31)", 31),
        ("keccak256(\"\") + 0x00", 33),
        ("ripemd160(\"abc\")", 20),
        ("hex(sha256(\"\"))", 64),
    ] {
        let error = digest(text).unwrap_err();
        assert_eq!(error.fault, FormatFault::NotADigest { found }, "{text}");
        let says = format!("at character 1: a digest has 32 bytes, this expression gives {found}");
        assert_eq!(error.to_string(), says);
    }
}

#[test]
fn a_preimage_is_what_the_outermost_function_hashes() {
    let preimage = |text: &str| parse(text).unwrap().digest(&Fields::default()).unwrap().preimage;
    for hash in ["keccak256", "sha256", "sha256d", "sha3_256", "blake2b_256"] {
        assert_eq!(preimage(&format!("{hash}(\"a\" + \"bc\")")), Some(b"abc".to_vec()), "{hash}");
    }
    assert_eq!(preimage("eip191(\"Hi\")"), Some(b"\x19Ethereum Signed Message:\n2Hi".to_vec()));
    let outer = preimage("sha256(sha256(\"\"))").unwrap();
    assert_eq!((outer.len(), &outer[..4]), (32, &[0xe3, 0xb0, 0xc4, 0x42][..]));
    assert_eq!(preimage("pad_left(sha256(\"\"), 32)"), None);
    assert_eq!(preimage("take(sha256(\"\"), 16) + drop(sha256(\"\"), 16)"), None);
    assert_eq!(preimage(DIGEST), None);
}

/// What the known format of this name says of these fields.
#[track_caller]
fn check(name: &str, fields: &[(&str, &[u8])]) -> Result<(), String> {
    let corpus = Corpus::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).unwrap();
    let fields = Fields::from_iter(fields.iter().map(|(name, value)| (*name, *value)));
    corpus.formats.named(name).unwrap().check(&fields).map_err(|error| error.to_string())
}

#[test]
fn a_known_format_takes_fields_that_are_as_it_says() {
    let key = value(G).unwrap();
    let uncompressed = value(&format!("uncompressed({G})")).unwrap();
    let current = "dstack.kms-issued.current";
    assert_eq!(check(current, &[("app_id", &[0; 20]), ("app_key", &key)]), Ok(()));
    assert_eq!(check(current, &[("app_id", &[0xff; 20]), ("app_key", &uncompressed)]), Ok(()));
    let claim = "dstack.key-claim.v0";
    assert_eq!(check(claim, &[("purpose", "é".as_bytes()), ("derived_key", &key)]), Ok(()));
    assert_eq!(check(claim, &[("purpose", b""), ("derived_key", &key)]), Ok(()));
    assert_eq!(check("eip191.personal-sign", &[("message", &[0xff])]), Ok(()));
}

#[test]
fn a_known_format_asks_for_the_length_of_a_field() {
    for found in [0, 19, 21, 28] {
        let app_id = vec![0; found];
        let fields: [(&str, &[u8]); 2] = [("app_id", &app_id), ("x25519_key", &[0; 32])];
        let says = format!("field `app_id`: expected 20 bytes, found {found}");
        assert_eq!(check("dstack.env-encrypt.legacy", &fields), Err(says));
    }
    let says = "field `digest`: expected 32 bytes, found 33".to_owned();
    assert_eq!(check("eip2098.compact", &[("digest", &[0; 33])]), Err(says));
}

#[test]
fn a_known_format_asks_for_the_kind_of_a_field() {
    let key = value(G).unwrap();
    let claim = |purpose: &[u8], derived_key: &[u8]| {
        check("dstack.key-claim.v0", &[("purpose", purpose), ("derived_key", derived_key)])
    };
    let not_text = "field `purpose`: expected UTF-8 text".to_owned();
    assert_eq!(claim(&[0xff], &key), Err(not_text.clone()));
    assert_eq!(claim(&[b'a', 0xc3], &key), Err(not_text));

    let not_a_key =
        |why: &str| Err(format!("field `derived_key`: expected a public key (not a public key: {why})"));
    let mut off_curve = [0; 33];
    (off_curve[0], off_curve[32]) = (2, 5);
    assert_eq!(claim(b"ethereum", &off_curve), not_a_key("the point is not on secp256k1"));
    assert_eq!(
        claim(b"ethereum", &key[1..]),
        not_a_key("expected SEC 1 (33 bytes from 02 or 03, or 65 from 04), found 32 bytes from 79")
    );

    let v1 = |timestamp: &[u8]| {
        let fields: [(&str, &[u8]); 3] =
            [("app_id", &[0; 20]), ("timestamp", timestamp), ("x25519_key", &[0; 32])];
        check("dstack.env-encrypt.v1", &fields)
    };
    assert_eq!(v1(b"1700000000"), Ok(()));
    for timestamp in [&b""[..], b"12a", b"-1", b"0x10", b"1 ", &[0, 0, 0, 1], &[0xff]] {
        let says = "field `timestamp`: expected a number in decimal digits".to_owned();
        assert_eq!(v1(timestamp), Err(says), "{timestamp:?}");
    }
}

#[test]
fn a_known_format_takes_no_other_field_and_lacks_none() {
    let key = value(G).unwrap();
    let current = |fields: &[(&str, &[u8])]| check("dstack.kms-issued.current", fields);
    let both: [(&str, &[u8]); 2] = [("app_id", &[0; 20]), ("app_key", &key)];
    assert_eq!(current(&both[..1]), Err("field `app_key` is missing".to_owned()));
    assert_eq!(current(&both[1..]), Err("field `app_id` is missing".to_owned()));
    assert_eq!(current(&[]), Err("field `app_id` is missing".to_owned()));
    assert_eq!(
        current(&[both[0], both[1], ("app_keys", b"")]),
        Err("unknown field `app_keys`; did you mean `app_key`?".to_owned())
    );
    assert_eq!(
        current(&[both[0], both[1], ("zzz", b"")]),
        Err("unknown field `zzz`; the format's fields are app_id, app_key".to_owned())
    );
    // The mistyped name says more than the one that is missing for it.
    assert_eq!(
        current(&[("app_ld", &[0; 20]), both[1]]),
        Err("unknown field `app_ld`; did you mean `app_id`?".to_owned())
    );
}

#[test]
fn an_evaluation_has_a_work_budget() {
    let error = |text: &str| value(text).unwrap_err().to_string();
    let mebibytes = vec!["keccak256(pad_left(\"\", 1048576))"; 17].join(" + ");
    assert!(error(&mebibytes).contains("takes too much work"), "{}", error(&mebibytes));
    let list = format!("keccak256(rlp_list({}))", vec!["pad_left(\"\", 1048576)"; 17].join(", "));
    assert!(error(&list).contains("takes too much work"), "{}", error(&list));
    let key = "address(0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810)";
    assert!(value(&vec![key; 100].join(" + ")).is_ok(), "ordinary work is no matter");
}

#[test]
fn more_than_there_is_cannot_be_taken() {
    let error = value("drop(\"abc\", 2000000)").unwrap_err().to_string();
    assert_eq!(error, "at character 1: expected at least 2000000 bytes, found 3");
}

#[test]
fn a_call_that_no_text_can_say_is_an_error_and_no_panic() {
    use ecrecheck::format::{Expr, Function, Term};
    let expr = Expr::from(Term::Call(Function::PadLeft, Vec::new()));
    let error = expr.evaluate(&Fields::default()).unwrap_err().to_string();
    assert_eq!(error, "at character 1: `pad_left` takes 2 arguments, found 0");
}
