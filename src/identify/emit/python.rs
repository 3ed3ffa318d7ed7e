//! Python: eth_keys and eth_utils.

use super::{Dialect, Frame, Helper, Language, quoted};

pub(super) const DIALECT: Dialect = Dialect {
    language: Language::Python,
    camel: false,
    reserved: RESERVED,
    helpers: HELPERS,
    literal,
    concat,
    frame,
};

/// Keywords, predeclared names, imports, and what stands around the parameters.
const RESERVED: &str = "and as assert async await base64 break bytes class continue def del digest elif \
     else except finally for from global hashlib if import in int is keccak keys lambda len nonlocal not or \
     pass print raise recovered_signer return signature signature_parts signer str to_canonical_address \
     to_checksum_address try verify while with yield";

fn literal(bytes: &[u8]) -> String {
    quoted(bytes)
        .map_or_else(|| format!("bytes.fromhex(\"{}\")", const_hex::encode(bytes)), |text| format!("b{text}"))
}

fn concat(parts: &[String]) -> String {
    parts.join(" + ")
}

fn frame(frame: &Frame) -> String {
    let parameters: String = frame.fields.iter().map(|(name, _)| format!("{name}: bytes, ")).collect();
    let names: String = frame.fields.iter().map(|(name, _)| format!("{name}, ")).collect();
    let values: String =
        frame.fields.iter().map(|(name, value)| format!("        {name}={},\n", literal(value))).collect();
    let (helpers, digest, signer) = (&frame.helpers, &frame.digest, frame.signer);
    let names = names.trim_end_matches(", ");
    let signature = const_hex::encode(&frame.signature);
    let format = &frame.format;
    format!(
        r#"# digest = {format}
# Needs eth-keys, eth-utils and a keccak backend: pip install eth-account
import base64
import hashlib

from eth_keys import keys
from eth_utils import keccak, to_canonical_address, to_checksum_address

SIGNER = "{signer}"


{helpers}
def digest({}) -> bytes:
    return {digest}


def verify({parameters}signature: bytes) -> bool:
    return recovered_signer(digest({names}), signature) == to_canonical_address(SIGNER)


if __name__ == "__main__":
    assert verify(
{values}        signature=bytes.fromhex("{signature}"),
    )
    print("verified")
"#,
        parameters.trim_end_matches(", ")
    )
}

const fn helper(name: &'static str, uses: &'static [&'static str], source: &'static str) -> Helper {
    Helper { name, uses, imports: &[], source }
}

const HELPERS: &[Helper] = &[
    helper("keccak256", &[], "def keccak256_of(x: bytes) -> bytes:\n    return keccak(x)\n\n"),
    helper("sha256", &[], "def sha256_of(x: bytes) -> bytes:\n    return hashlib.sha256(x).digest()\n\n"),
    helper(
        "sha256d",
        &["sha256"],
        "def sha256d_of(x: bytes) -> bytes:\n    return sha256_of(sha256_of(x))\n\n",
    ),
    helper(
        "sha3_256",
        &[],
        "def sha3_256_of(x: bytes) -> bytes:\n    return hashlib.sha3_256(x).digest()\n\n",
    ),
    helper(
        "eip191",
        &["keccak256"],
        "def eip191_of(x: bytes) -> bytes:\n    return keccak256_of(b\"\\x19Ethereum Signed Message:\\n\" + str(len(x)).encode() + x)\n\n",
    ),
    helper("hex", &[], "def hex_of(x: bytes) -> bytes:\n    return x.hex().encode()\n\n"),
    helper("hex0x", &[], "def hex0x_of(x: bytes) -> bytes:\n    return b\"0x\" + x.hex().encode()\n\n"),
    helper("hex_upper", &[], "def hex_upper_of(x: bytes) -> bytes:\n    return x.hex().upper().encode()\n\n"),
    helper("base64", &[], "def base64_of(x: bytes) -> bytes:\n    return base64.b64encode(x)\n\n"),
    helper(
        "point",
        &[],
        "def point_of(key: bytes) -> keys.PublicKey:\n    if len(key) == 33:\n        return keys.PublicKey.from_compressed_bytes(key)\n    assert len(key) == 65 and key[0] == 4, \"not a SEC 1 public key\"\n    return keys.PublicKey(key[1:])\n\n",
    ),
    helper(
        "compressed",
        &["point"],
        "def compressed_of(key: bytes) -> bytes:\n    return point_of(key).to_compressed_bytes()\n\n",
    ),
    helper(
        "uncompressed",
        &["point"],
        "def uncompressed_of(key: bytes) -> bytes:\n    return b\"\\x04\" + point_of(key).to_bytes()\n\n",
    ),
    helper("xy", &["point"], "def xy_of(key: bytes) -> bytes:\n    return point_of(key).to_bytes()\n\n"),
    helper(
        "address",
        &["point"],
        "def address_of(key: bytes) -> bytes:\n    return point_of(key).to_canonical_address()\n\n",
    ),
    helper(
        "checksum_address",
        &[],
        "def checksum_address_of(address: bytes) -> bytes:\n    return to_checksum_address(address).encode()\n\n",
    ),
    helper(
        "pad_left",
        &[],
        "def pad_left_of(x: bytes, length: int) -> bytes:\n    return x.rjust(length, b\"\\0\")\n\n",
    ),
    helper(
        "pad_right",
        &[],
        "def pad_right_of(x: bytes, length: int) -> bytes:\n    return x.ljust(length, b\"\\0\")\n\n",
    ),
    helper("drop", &[], "def drop_of(x: bytes, count: int) -> bytes:\n    return x[count:]\n\n"),
    helper("take", &[], "def take_of(x: bytes, count: int) -> bytes:\n    return x[:count]\n\n"),
    helper("reverse", &[], "def reverse_of(x: bytes) -> bytes:\n    return x[::-1]\n\n"),
    helper(
        "number",
        &[],
        "def number_of(digits: bytes, bits: int) -> int:\n    if not digits.isdigit() or int(digits) >> bits:\n        raise ValueError(f\"not decimal digits of {bits} bits\")\n    return int(digits)\n\n",
    ),
    helper(
        "u32be",
        &["number"],
        "def u32be_of(digits: bytes) -> bytes:\n    return number_of(digits, 32).to_bytes(4, \"big\")\n\n",
    ),
    helper(
        "u64be",
        &["number"],
        "def u64be_of(digits: bytes) -> bytes:\n    return number_of(digits, 64).to_bytes(8, \"big\")\n\n",
    ),
    helper(
        "uint",
        &["number"],
        "def uint_of(digits: bytes) -> bytes:\n    number = number_of(digits, 256)\n    return number.to_bytes((number.bit_length() + 7) // 8, \"big\")\n\n",
    ),
    helper(
        "varstr",
        &[],
        "def varstr_of(x: bytes) -> bytes:\n    if len(x) < 0xFD:\n        return bytes([len(x)]) + x\n    if len(x) <= 0xFFFF:\n        return b\"\\xfd\" + len(x).to_bytes(2, \"little\") + x\n    return b\"\\xfe\" + len(x).to_bytes(4, \"little\") + x\n\n",
    ),
    helper(
        "len_prefixed",
        &[],
        "def len_prefixed_of(x: bytes) -> bytes:\n    return len(x).to_bytes(4, \"big\") + x\n\n",
    ),
    helper(
        "decimal_length",
        &[],
        "def decimal_length_of(x: bytes) -> bytes:\n    return str(len(x)).encode()\n\n",
    ),
    helper(
        "signature_parts",
        &[],
        "def signature_parts(signature: bytes) -> keys.Signature:\n    if len(signature) != 65:\n        raise ValueError(\"a signature has 65 bytes\")\n    v = signature[64] - 27 if signature[64] in (27, 28) else signature[64]\n    return keys.Signature(signature[:64] + bytes([v]))\n\n",
    ),
    helper(
        "recover",
        &["signature_parts"],
        "def recover_of(digest: bytes, signature: bytes) -> bytes:\n    return signature_parts(signature).recover_public_key_from_msg_hash(digest).to_compressed_bytes()\n\n",
    ),
    helper(
        "recovered_signer",
        &["signature_parts"],
        "def recovered_signer(digest: bytes, signature: bytes) -> bytes:\n    return signature_parts(signature).recover_public_key_from_msg_hash(digest).to_canonical_address()\n\n",
    ),
];
