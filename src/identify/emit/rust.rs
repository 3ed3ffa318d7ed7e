//! Rust: k256, sha3, sha2, hex, base64.

use super::{Dialect, Frame, Helper, Language, quoted};

pub(super) const DIALECT: Dialect = Dialect {
    language: Language::Rust,
    camel: false,
    reserved: RESERVED,
    helpers: HELPERS,
    literal,
    concat,
    frame,
};

/// Keywords, predeclared names, imports, and what stands around the parameters.
const RESERVED: &str = "abstract address as async await base64 become box break const continue crate digest \
     do dyn else enum extern false final fn for gen hex if impl in k256 let loop macro main match mod move \
     mut override priv pub recovered_key recovered_signer ref return self sha2 sha3 signature signer static \
     struct super trait true try type typeof unsafe unsized use verify virtual where while yield";

fn literal(bytes: &[u8]) -> String {
    match quoted(bytes) {
        Some(text) => format!("b{text}"),
        None => {
            let escaped: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
            format!("b\"{escaped}\"")
        }
    }
}

/// Whatever it is, a slice of it.
pub(super) fn slice(argument: &str) -> String {
    format!("&{argument}[..]")
}

fn concat(parts: &[String]) -> String {
    format!("[{}].concat()", parts.iter().map(|part| slice(part)).collect::<Vec<_>>().join(", "))
}

fn frame(frame: &Frame) -> String {
    let parameters: String = frame.fields.iter().map(|(name, _)| format!("{name}: &[u8], ")).collect();
    let names = frame.fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let values: String =
        frame.fields.iter().map(|(name, value)| format!("    let {name} = {};\n", literal(value))).collect();
    let passed: String = frame.fields.iter().map(|(name, _)| format!("{name}, ")).collect();
    let (helpers, format, signer) = (&frame.helpers, &frame.format, const_hex::encode(frame.signer.0));
    let (digest, signature) = (slice(&frame.digest), literal(&frame.signature));
    format!(
        r#"// digest = {format}
// Needs k256 (ecdsa), sha3, sha2, hex and base64.

/// {}
const SIGNER: &str = "{signer}";

{helpers}
pub fn digest({}) -> [u8; 32] {{
    <[u8; 32]>::try_from({digest}).expect("a digest has 32 bytes")
}}

pub fn verify({parameters}signature: &[u8]) -> bool {{
    recovered_signer(&digest({names}), signature).is_some_and(|address| hex::encode(address) == SIGNER)
}}

pub fn main() {{
{values}    let signature = {signature};
    assert!(verify({passed}signature));
    println!("verified");
}}
"#,
        frame.signer,
        parameters.trim_end_matches(", ")
    )
}

const fn helper(name: &'static str, uses: &'static [&'static str], source: &'static str) -> Helper {
    Helper { name, uses, imports: &[], source }
}

const HELPERS: &[Helper] = &[
    helper(
        "keccak256",
        &[],
        "fn keccak256_of(x: &[u8]) -> Vec<u8> {\n    <sha3::Keccak256 as sha3::Digest>::digest(x).to_vec()\n}\n",
    ),
    helper(
        "sha256",
        &[],
        "fn sha256_of(x: &[u8]) -> Vec<u8> {\n    <sha2::Sha256 as sha2::Digest>::digest(x).to_vec()\n}\n",
    ),
    helper("sha256d", &["sha256"], "fn sha256d_of(x: &[u8]) -> Vec<u8> {\n    sha256_of(&sha256_of(x))\n}\n"),
    helper(
        "sha3_256",
        &[],
        "fn sha3_256_of(x: &[u8]) -> Vec<u8> {\n    <sha3::Sha3_256 as sha3::Digest>::digest(x).to_vec()\n}\n",
    ),
    helper(
        "eip191",
        &["keccak256"],
        "fn eip191_of(x: &[u8]) -> Vec<u8> {\n    keccak256_of(&[b\"\\x19Ethereum Signed Message:\\n\", x.len().to_string().as_bytes(), x].concat())\n}\n",
    ),
    helper("hex", &[], "fn hex_of(x: &[u8]) -> Vec<u8> {\n    hex::encode(x).into()\n}\n"),
    helper(
        "hex0x",
        &[],
        "fn hex0x_of(x: &[u8]) -> Vec<u8> {\n    format!(\"0x{}\", hex::encode(x)).into()\n}\n",
    ),
    helper("hex_upper", &[], "fn hex_upper_of(x: &[u8]) -> Vec<u8> {\n    hex::encode_upper(x).into()\n}\n"),
    helper(
        "base64",
        &[],
        "fn base64_of(x: &[u8]) -> Vec<u8> {\n    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, x).into()\n}\n",
    ),
    helper(
        "point",
        &[],
        "fn point_of(key: &[u8]) -> k256::ecdsa::VerifyingKey {\n    k256::ecdsa::VerifyingKey::from_sec1_bytes(key).expect(\"a public key\")\n}\n",
    ),
    helper(
        "compressed",
        &["point"],
        "fn compressed_of(key: &[u8]) -> Vec<u8> {\n    point_of(key).to_sec1_point(true).as_bytes().to_vec()\n}\n",
    ),
    helper(
        "uncompressed",
        &["point"],
        "fn uncompressed_of(key: &[u8]) -> Vec<u8> {\n    point_of(key).to_sec1_point(false).as_bytes().to_vec()\n}\n",
    ),
    helper(
        "xy",
        &["uncompressed"],
        "fn xy_of(key: &[u8]) -> Vec<u8> {\n    uncompressed_of(key)[1..].to_vec()\n}\n",
    ),
    helper(
        "address",
        &["xy", "keccak256"],
        "fn address_of(key: &[u8]) -> Vec<u8> {\n    keccak256_of(&xy_of(key))[12..].to_vec()\n}\n",
    ),
    helper(
        "checksum_address",
        &["keccak256"],
        "fn checksum_address_of(address: &[u8]) -> Vec<u8> {\n    let digits = hex::encode(address);\n    let hash = hex::encode(keccak256_of(digits.as_bytes()));\n    let cased = digits.chars().zip(hash.chars()).map(|(digit, nibble)| {\n        if nibble >= '8' { digit.to_ascii_uppercase() } else { digit }\n    });\n    \"0x\".chars().chain(cased).collect::<String>().into()\n}\n",
    ),
    helper(
        "pad_left",
        &[],
        "fn pad_left_of(x: &[u8], length: usize) -> Vec<u8> {\n    [vec![0; length - x.len()], x.to_vec()].concat()\n}\n",
    ),
    helper(
        "pad_right",
        &[],
        "fn pad_right_of(x: &[u8], length: usize) -> Vec<u8> {\n    [x.to_vec(), vec![0; length - x.len()]].concat()\n}\n",
    ),
    helper("drop", &[], "fn drop_of(x: &[u8], count: usize) -> Vec<u8> {\n    x[count..].to_vec()\n}\n"),
    helper("take", &[], "fn take_of(x: &[u8], count: usize) -> Vec<u8> {\n    x[..count].to_vec()\n}\n"),
    helper(
        "reverse",
        &[],
        "fn reverse_of(x: &[u8]) -> Vec<u8> {\n    x.iter().rev().copied().collect()\n}\n",
    ),
    helper(
        "number",
        &[],
        "fn number_of(digits: &[u8], bits: usize) -> Vec<u8> {\n    assert!(!digits.is_empty() && digits.iter().all(u8::is_ascii_digit), \"decimal digits\");\n    let mut number = vec![0; bits / 8];\n    for digit in digits {\n        let mut carry = u32::from(digit - b'0');\n        for byte in number.iter_mut().rev() {\n            carry += 10 * u32::from(*byte);\n            *byte = carry as u8;\n            carry >>= 8;\n        }\n        assert_eq!(carry, 0, \"{bits} bits\");\n    }\n    number\n}\n",
    ),
    helper("u32be", &["number"], "fn u32be_of(digits: &[u8]) -> Vec<u8> {\n    number_of(digits, 32)\n}\n"),
    helper("u64be", &["number"], "fn u64be_of(digits: &[u8]) -> Vec<u8> {\n    number_of(digits, 64)\n}\n"),
    helper(
        "uint",
        &["number"],
        "fn uint_of(digits: &[u8]) -> Vec<u8> {\n    number_of(digits, 256).into_iter().skip_while(|byte| *byte == 0).collect()\n}\n",
    ),
    helper(
        "varstr",
        &[],
        "fn varstr_of(x: &[u8]) -> Vec<u8> {\n    match x.len() {\n        length @ 0..=0xfc => [&[length as u8], x].concat(),\n        length @ 0xfd..=0xffff => [&[0xfd], &(length as u16).to_le_bytes()[..], x].concat(),\n        length => [&[0xfe], &(length as u32).to_le_bytes()[..], x].concat(),\n    }\n}\n",
    ),
    helper(
        "len_prefixed",
        &[],
        "fn len_prefixed_of(x: &[u8]) -> Vec<u8> {\n    [&(x.len() as u32).to_be_bytes(), x].concat()\n}\n",
    ),
    helper(
        "decimal_length",
        &[],
        "fn decimal_length_of(x: &[u8]) -> Vec<u8> {\n    x.len().to_string().into()\n}\n",
    ),
    helper(
        "recovered_key",
        &[],
        "fn recovered_key(digest: &[u8], signature: &[u8]) -> Option<k256::ecdsa::VerifyingKey> {\n    if signature.len() != 65 {\n        return None;\n    }\n    let (rs, v) = (signature.get(..64)?, *signature.get(64)?);\n    let id = k256::ecdsa::RecoveryId::from_byte(if v >= 27 { v - 27 } else { v })?;\n    let signature = k256::ecdsa::Signature::from_slice(rs).ok()?;\n    k256::ecdsa::VerifyingKey::recover_from_prehash(digest, &signature, id).ok()\n}\n",
    ),
    helper(
        "recover",
        &["recovered_key"],
        "fn recover_of(digest: &[u8], signature: &[u8]) -> Vec<u8> {\n    recovered_key(digest, signature).expect(\"a key\").to_sec1_point(true).as_bytes().to_vec()\n}\n",
    ),
    helper(
        "recovered_signer",
        &["recovered_key", "keccak256"],
        "fn recovered_signer(digest: &[u8], signature: &[u8]) -> Option<Vec<u8>> {\n    let key = recovered_key(digest, signature)?.to_sec1_point(false);\n    Some(keccak256_of(&key.as_bytes()[1..])[12..].to_vec())\n}\n",
    ),
];
