//! Solidity: a contract of its own.

use super::{Dialect, Frame, Helper, Language, quoted};

pub(super) const DIALECT: Dialect = Dialect {
    language: Language::Solidity,
    camel: true,
    reserved: RESERVED,
    helpers: HELPERS,
    literal,
    concat,
    frame,
};

/// Keywords, predeclared names, imports, and what stands around the parameters.
const RESERVED: &str = "abi abstract addmod address after alias anonymous apply as assembly assert at auto \
     blobhash block blockhash bool break byte bytes calldata case catch constant constructor continue \
     contract copyof days default define delete digest do ecrecover else emit enum erc7201 error ether \
     event external fallback false final fixed for from function gasleft global gwei hex hours if immutable \
     implements import in indexed inline int interface internal is keccak256 layout leave let library macro \
     mapping match memory minutes modifier msg mulmod mutable new now null of override partial payable \
     pragma private promise public pure receive recoveredSigner reference relocatable require return \
     returns revert ripemd160 sealed seconds selfdestruct sha256 sha3 signature signer sizeof static \
     storage string struct suicide super supports switch this throw transient true try tx type typedef \
     typeof ufixed uint unchecked unicode using var verify view virtual weeks wei while years";

/// Whether it is a type's name with a size in it, such as `bytes32`, `uint256` or `fixed128x18`.
pub(super) fn is_sized_type(name: &str) -> bool {
    let size = ["bytes", "int", "uint", "fixed", "ufixed"].iter().find_map(|kind| name.strip_prefix(kind));
    size.is_some_and(|size| size.bytes().all(|byte| byte == b'x' || byte.is_ascii_digit()))
}

fn literal(bytes: &[u8]) -> String {
    match quoted(bytes) {
        Some(text) => format!("bytes({text})"),
        None => format!("bytes(hex\"{}\")", const_hex::encode(bytes)),
    }
}

fn concat(parts: &[String]) -> String {
    /// More arguments do not fit on the EVM's stack beside what stands there.
    const ARGUMENTS: usize = 4;
    let (first, rest) = parts.split_at(parts.len().min(ARGUMENTS));
    let begin = format!("bytes.concat({})", first.join(", "));
    rest.chunks(ARGUMENTS - 1).fold(begin, |sum, chunk| format!("bytes.concat({sum}, {})", chunk.join(", ")))
}

fn frame(frame: &Frame) -> String {
    let parameters: String = frame.fields.iter().map(|(name, _)| format!("bytes memory {name}, ")).collect();
    let names = frame.fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let values: String = frame
        .fields
        .iter()
        .map(|(name, value)| format!("//   {name} 0x{}\n", const_hex::encode(value)))
        .collect();
    let (format, signer, digest) = (&frame.format, frame.signer, &frame.digest);
    let helpers: String = frame
        .helpers
        .lines()
        .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") })
        .collect();
    let signature = const_hex::encode(&frame.signature);
    format!(
        r#"// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

// digest = {format}
// For example:
{values}//   signature 0x{signature}
contract Verifier {{
    address public constant SIGNER = {signer};

    function digest({}) public view returns (bytes32) {{
        return bytes32({digest});
    }}

    function verify({parameters}bytes memory signature) public view returns (bool) {{
        return recoveredSigner(digest({names}), signature) == SIGNER;
    }}

{}}}
"#,
        parameters.trim_end_matches(", "),
        helpers
    )
}

const fn helper(name: &'static str, uses: &'static [&'static str], source: &'static str) -> Helper {
    Helper { name, uses, imports: &[], source }
}

const HELPERS: &[Helper] = &[
    helper(
        "keccak256",
        &[],
        "function keccak256Of(bytes memory x) internal pure returns (bytes memory) {\n    return abi.encodePacked(keccak256(x));\n}\n",
    ),
    helper(
        "sha256",
        &[],
        "function sha256Of(bytes memory x) internal pure returns (bytes memory) {\n    return abi.encodePacked(sha256(x));\n}\n",
    ),
    helper(
        "sha256d",
        &["sha256"],
        "function sha256dOf(bytes memory x) internal pure returns (bytes memory) {\n    return sha256Of(sha256Of(x));\n}\n",
    ),
    helper(
        "ripemd160",
        &[],
        "function ripemd160Of(bytes memory x) internal pure returns (bytes memory) {\n    return abi.encodePacked(ripemd160(x));\n}\n",
    ),
    helper(
        "eip191",
        &["keccak256", "decimal_length"],
        "function eip191Of(bytes memory x) internal pure returns (bytes memory) {\n    return keccak256Of(bytes.concat(bytes(\"\\x19Ethereum Signed Message:\\n\"), decimalLengthOf(x), x));\n}\n",
    ),
    helper(
        "digits",
        &[],
        "function digitsOf(bytes memory x, bytes16 alphabet) internal pure returns (bytes memory digits) {\n    digits = new bytes(2 * x.length);\n    for (uint256 i = 0; i < x.length; i++) {\n        digits[2 * i] = alphabet[uint8(x[i]) >> 4];\n        digits[2 * i + 1] = alphabet[uint8(x[i]) & 15];\n    }\n}\n",
    ),
    helper(
        "hex",
        &["digits"],
        "function hexOf(bytes memory x) internal pure returns (bytes memory) {\n    return digitsOf(x, \"0123456789abcdef\");\n}\n",
    ),
    helper(
        "hex0x",
        &["hex"],
        "function hex0xOf(bytes memory x) internal pure returns (bytes memory) {\n    return bytes.concat(bytes(\"0x\"), hexOf(x));\n}\n",
    ),
    helper(
        "hex_upper",
        &["digits"],
        "function hexUpperOf(bytes memory x) internal pure returns (bytes memory) {\n    return digitsOf(x, \"0123456789ABCDEF\");\n}\n",
    ),
    helper(
        "xy",
        &[],
        "/// x and y of a SEC 1 public key of 33 or 65 bytes.\nfunction xyOf(bytes memory key) internal view returns (bytes memory) {\n    uint256 p = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f;\n    if (key.length == 65) {\n        require(key[0] == 0x04, \"not a public key\");\n        bytes memory coordinates = new bytes(64);\n        for (uint256 i = 0; i < 64; i++) {\n            coordinates[i] = key[i + 1];\n        }\n        return coordinates;\n    }\n    require(key.length == 33 && (key[0] == 0x02 || key[0] == 0x03), \"not a public key\");\n    uint256 x;\n    for (uint256 i = 1; i < 33; i++) {\n        x = (x << 8) | uint8(key[i]);\n    }\n    uint256 square = addmod(mulmod(mulmod(x, x, p), x, p), 7, p);\n    // y = square^((p + 1) / 4) by the precompile for modular exponentiation.\n    (bool ok, bytes memory root) = address(5).staticcall(abi.encode(32, 32, 32, square, (p >> 2) + 1, p));\n    require(ok && root.length == 32, \"no modular exponentiation\");\n    uint256 y = abi.decode(root, (uint256));\n    require(x < p && mulmod(y, y, p) == square, \"not on the curve\");\n    if (y % 2 != uint8(key[0]) % 2) {\n        y = p - y;\n    }\n    return abi.encodePacked(x, y);\n}\n",
    ),
    helper(
        "compressed",
        &["xy"],
        "function compressedOf(bytes memory key) internal view returns (bytes memory) {\n    (uint256 x, uint256 y) = abi.decode(xyOf(key), (uint256, uint256));\n    return abi.encodePacked(uint8(2 + (y % 2)), x);\n}\n",
    ),
    helper(
        "uncompressed",
        &["xy"],
        "function uncompressedOf(bytes memory key) internal view returns (bytes memory) {\n    return bytes.concat(hex\"04\", xyOf(key));\n}\n",
    ),
    helper(
        "address",
        &["xy"],
        "function addressOf(bytes memory key) internal view returns (bytes memory) {\n    return abi.encodePacked(address(uint160(uint256(keccak256(xyOf(key))))));\n}\n",
    ),
    helper(
        "checksum_address",
        &["hex"],
        "function checksumAddressOf(bytes memory account) internal pure returns (bytes memory) {\n    bytes memory digits = hexOf(account);\n    bytes32 hash = keccak256(digits);\n    for (uint256 i = 0; i < digits.length; i++) {\n        uint8 nibble = (i % 2 == 0 ? uint8(hash[i / 2]) >> 4 : uint8(hash[i / 2])) & 15;\n        if (nibble >= 8 && digits[i] >= \"a\") {\n            digits[i] = bytes1(uint8(digits[i]) - 32);\n        }\n    }\n    return bytes.concat(bytes(\"0x\"), digits);\n}\n",
    ),
    helper(
        "pad_left",
        &[],
        "function padLeftOf(bytes memory x, uint256 length) internal pure returns (bytes memory) {\n    return bytes.concat(new bytes(length - x.length), x);\n}\n",
    ),
    helper(
        "pad_right",
        &[],
        "function padRightOf(bytes memory x, uint256 length) internal pure returns (bytes memory) {\n    return bytes.concat(x, new bytes(length - x.length));\n}\n",
    ),
    helper(
        "drop",
        &[],
        "function dropOf(bytes memory x, uint256 count) internal pure returns (bytes memory rest) {\n    rest = new bytes(x.length - count);\n    for (uint256 i = 0; i < rest.length; i++) {\n        rest[i] = x[count + i];\n    }\n}\n",
    ),
    helper(
        "take",
        &[],
        "function takeOf(bytes memory x, uint256 count) internal pure returns (bytes memory first) {\n    first = new bytes(count);\n    for (uint256 i = 0; i < count; i++) {\n        first[i] = x[i];\n    }\n}\n",
    ),
    helper(
        "reverse",
        &[],
        "function reverseOf(bytes memory x) internal pure returns (bytes memory reversed) {\n    reversed = new bytes(x.length);\n    for (uint256 i = 0; i < x.length; i++) {\n        reversed[i] = x[x.length - 1 - i];\n    }\n}\n",
    ),
    helper(
        "number",
        &[],
        "function numberOf(bytes memory digits) internal pure returns (uint256 number) {\n    require(digits.length > 0, \"not a number\");\n    for (uint256 i = 0; i < digits.length; i++) {\n        require(digits[i] >= \"0\" && digits[i] <= \"9\", \"not a number\");\n        number = number * 10 + (uint8(digits[i]) - 48);\n    }\n}\n",
    ),
    helper(
        "u32be",
        &["number"],
        "function u32beOf(bytes memory digits) internal pure returns (bytes memory) {\n    uint256 number = numberOf(digits);\n    require(number <= type(uint32).max, \"more than 32 bits\");\n    return abi.encodePacked(uint32(number));\n}\n",
    ),
    helper(
        "u64be",
        &["number"],
        "function u64beOf(bytes memory digits) internal pure returns (bytes memory) {\n    uint256 number = numberOf(digits);\n    require(number <= type(uint64).max, \"more than 64 bits\");\n    return abi.encodePacked(uint64(number));\n}\n",
    ),
    helper(
        "uint",
        &["number"],
        "function uintOf(bytes memory digits) internal pure returns (bytes memory trimmed) {\n    uint256 number = numberOf(digits);\n    while (number > 0) {\n        trimmed = bytes.concat(bytes1(uint8(number)), trimmed);\n        number >>= 8;\n    }\n}\n",
    ),
    helper(
        "varstr",
        &[],
        "function varstrOf(bytes memory x) internal pure returns (bytes memory) {\n    if (x.length < 0xfd) {\n        return bytes.concat(bytes1(uint8(x.length)), x);\n    }\n    bytes2 low = bytes2(bytes.concat(bytes1(uint8(x.length)), bytes1(uint8(x.length >> 8))));\n    if (x.length <= 0xffff) {\n        return bytes.concat(hex\"fd\", low, x);\n    }\n    return bytes.concat(hex\"fe\", low, bytes1(uint8(x.length >> 16)), bytes1(uint8(x.length >> 24)), x);\n}\n",
    ),
    helper(
        "len_prefixed",
        &[],
        "function lenPrefixedOf(bytes memory x) internal pure returns (bytes memory) {\n    return bytes.concat(bytes4(uint32(x.length)), x);\n}\n",
    ),
    helper(
        "decimal_length",
        &[],
        "function decimalLengthOf(bytes memory x) internal pure returns (bytes memory digits) {\n    uint256 left = x.length;\n    do {\n        digits = bytes.concat(bytes1(uint8(48 + (left % 10))), digits);\n        left /= 10;\n    } while (left > 0);\n}\n",
    ),
    helper(
        "recovered_address",
        &["recovered_signer"],
        "function recoveredAddressOf(bytes memory digest_, bytes memory signature) internal pure returns (bytes memory) {\n    return abi.encodePacked(recoveredSigner(bytes32(digest_), signature));\n}\n",
    ),
    helper(
        "recovered_signer",
        &[],
        "/// r, s, v; v is 0, 1, 27 or 28. Reverts where nobody signed.\nfunction recoveredSigner(bytes32 digest_, bytes memory signature) internal pure returns (address signer) {\n    require(signature.length == 65, \"not a signature\");\n    uint256 r;\n    uint256 s;\n    for (uint256 i = 0; i < 32; i++) {\n        r = (r << 8) | uint8(signature[i]);\n        s = (s << 8) | uint8(signature[32 + i]);\n    }\n    uint8 v = uint8(signature[64]);\n    signer = ecrecover(digest_, v < 27 ? v + 27 : v, bytes32(r), bytes32(s));\n    require(signer != address(0), \"no key\");\n}\n",
    ),
];
