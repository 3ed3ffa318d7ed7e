//! TypeScript: viem, and the @noble packages that it is made of.

use super::{Dialect, Frame, Helper, Language, quoted};

pub(super) const DIALECT: Dialect = Dialect {
    language: Language::Typescript,
    camel: true,
    reserved: RESERVED,
    helpers: HELPERS,
    literal,
    concat,
    frame,
};

/// Keywords, predeclared names, imports, and what stands around the parameters.
const RESERVED: &str = "arguments async await break btoa bytesToHex case catch class concat console const \
     continue debugger default delete digest do else enum eval export extends false finally for function \
     getAddress hexToBytes if implements import in instanceof interface isAddressEqual keccak256 let main \
     new null package private process protected public recoverAddress recoveredSigner return secp256k1 \
     sha256 sha3 signature signer static stringToBytes super switch this throw true try typeof undefined \
     var verified verify void while with yield";

fn literal(bytes: &[u8]) -> String {
    match quoted(bytes) {
        Some(text) => format!("stringToBytes({text})"),
        None => format!("hexToBytes(\"0x{}\")", const_hex::encode(bytes)),
    }
}

fn concat(parts: &[String]) -> String {
    format!("concat([{}])", parts.join(", "))
}

fn frame(frame: &Frame) -> String {
    let parameters: String = frame.fields.iter().map(|(name, _)| format!("{name}: Uint8Array, ")).collect();
    let names = frame.fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let values: String =
        frame.fields.iter().map(|(name, value)| format!("    {}, // {name}\n", literal(value))).collect();
    let (helpers, format, signer, digest) = (&frame.helpers, &frame.format, frame.signer, &frame.digest);
    let signature = const_hex::encode(&frame.signature);
    format!(
        r#"// digest = {format}
// Needs viem, @noble/curves and @noble/hashes: npm install viem @noble/curves@1 @noble/hashes@1
import {{ secp256k1 }} from "@noble/curves/secp256k1";
import {{ sha3_256 as sha3 }} from "@noble/hashes/sha3";
import {{
  bytesToHex,
  concat,
  getAddress,
  hexToBytes,
  isAddressEqual,
  keccak256,
  recoverAddress,
  sha256,
  stringToBytes,
}} from "viem";

export const SIGNER = "{signer}";

{helpers}
export function digest({}): Uint8Array {{
  return {digest};
}}

export async function verify({parameters}signature: Uint8Array): Promise<boolean> {{
  return isAddressEqual(await recoveredSigner(digest({names}), signature), SIGNER);
}}

async function main() {{
  const verified = await verify(
{values}    hexToBytes("0x{signature}"),
  );
  if (!verified) throw new Error("not verified");
  console.log("verified");
}}

main().catch((error) => {{
  console.error(error);
  process.exit(1);
}});
"#,
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
        "function keccak256Of(x: Uint8Array): Uint8Array {\n  return keccak256(x, \"bytes\");\n}\n",
    ),
    helper(
        "sha256",
        &[],
        "function sha256Of(x: Uint8Array): Uint8Array {\n  return sha256(x, \"bytes\");\n}\n",
    ),
    helper(
        "sha256d",
        &["sha256"],
        "function sha256dOf(x: Uint8Array): Uint8Array {\n  return sha256Of(sha256Of(x));\n}\n",
    ),
    helper("sha3_256", &[], "function sha3256Of(x: Uint8Array): Uint8Array {\n  return sha3(x);\n}\n"),
    helper(
        "eip191",
        &["keccak256"],
        "function eip191Of(x: Uint8Array): Uint8Array {\n  return keccak256Of(concat([stringToBytes(`\\x19Ethereum Signed Message:\\n${x.length}`), x]));\n}\n",
    ),
    helper(
        "hex",
        &[],
        "function hexOf(x: Uint8Array): Uint8Array {\n  return stringToBytes(bytesToHex(x).slice(2));\n}\n",
    ),
    helper(
        "hex0x",
        &[],
        "function hex0xOf(x: Uint8Array): Uint8Array {\n  return stringToBytes(bytesToHex(x));\n}\n",
    ),
    helper(
        "hex_upper",
        &[],
        "function hexUpperOf(x: Uint8Array): Uint8Array {\n  return stringToBytes(bytesToHex(x).slice(2).toUpperCase());\n}\n",
    ),
    helper(
        "base64",
        &[],
        "function base64Of(x: Uint8Array): Uint8Array {\n  return stringToBytes(btoa(String.fromCharCode(...x)));\n}\n",
    ),
    helper(
        "compressed",
        &[],
        "function compressedOf(key: Uint8Array): Uint8Array {\n  return secp256k1.ProjectivePoint.fromHex(key).toRawBytes(true);\n}\n",
    ),
    helper(
        "uncompressed",
        &[],
        "function uncompressedOf(key: Uint8Array): Uint8Array {\n  return secp256k1.ProjectivePoint.fromHex(key).toRawBytes(false);\n}\n",
    ),
    helper(
        "xy",
        &["uncompressed"],
        "function xyOf(key: Uint8Array): Uint8Array {\n  return uncompressedOf(key).slice(1);\n}\n",
    ),
    helper(
        "address",
        &["xy", "keccak256"],
        "function addressOf(key: Uint8Array): Uint8Array {\n  return keccak256Of(xyOf(key)).slice(12);\n}\n",
    ),
    helper(
        "checksum_address",
        &[],
        "function checksumAddressOf(address: Uint8Array): Uint8Array {\n  return stringToBytes(getAddress(bytesToHex(address)));\n}\n",
    ),
    helper(
        "pad_left",
        &[],
        "function padLeftOf(x: Uint8Array, length: number): Uint8Array {\n  return concat([new Uint8Array(length - x.length), x]);\n}\n",
    ),
    helper(
        "pad_right",
        &[],
        "function padRightOf(x: Uint8Array, length: number): Uint8Array {\n  return concat([x, new Uint8Array(length - x.length)]);\n}\n",
    ),
    helper(
        "drop",
        &[],
        "function dropOf(x: Uint8Array, count: number): Uint8Array {\n  return x.slice(count);\n}\n",
    ),
    helper(
        "take",
        &[],
        "function takeOf(x: Uint8Array, count: number): Uint8Array {\n  return x.slice(0, count);\n}\n",
    ),
    helper(
        "reverse",
        &[],
        "function reverseOf(x: Uint8Array): Uint8Array {\n  return x.slice().reverse();\n}\n",
    ),
    helper(
        "number",
        &[],
        "function numberOf(digits: Uint8Array, bits: number): Uint8Array {\n  const text = new TextDecoder().decode(digits);\n  if (!/^[0-9]+$/.test(text) || BigInt(text) >> BigInt(bits)) throw new Error(`not decimal digits of ${bits} bits`);\n  return hexToBytes(`0x${BigInt(text).toString(16).padStart(bits / 4, \"0\")}`);\n}\n",
    ),
    helper(
        "u32be",
        &["number"],
        "function u32beOf(digits: Uint8Array): Uint8Array {\n  return numberOf(digits, 32);\n}\n",
    ),
    helper(
        "u64be",
        &["number"],
        "function u64beOf(digits: Uint8Array): Uint8Array {\n  return numberOf(digits, 64);\n}\n",
    ),
    helper(
        "uint",
        &["number"],
        "function uintOf(digits: Uint8Array): Uint8Array {\n  const word = numberOf(digits, 256);\n  const first = word.findIndex((byte) => byte !== 0);\n  return first < 0 ? new Uint8Array() : word.slice(first);\n}\n",
    ),
    helper(
        "varstr",
        &[],
        "function varstrOf(x: Uint8Array): Uint8Array {\n  const size = x.length < 0xfd ? 1 : x.length <= 0xffff ? 2 : 4;\n  const length = Uint8Array.from({ length: size }, (_, at) => x.length >>> (8 * at));\n  return concat([Uint8Array.from(size === 1 ? [] : size === 2 ? [0xfd] : [0xfe]), length, x]);\n}\n",
    ),
    helper(
        "len_prefixed",
        &[],
        "function lenPrefixedOf(x: Uint8Array): Uint8Array {\n  const length = new Uint8Array(4);\n  new DataView(length.buffer).setUint32(0, x.length);\n  return concat([length, x]);\n}\n",
    ),
    helper(
        "decimal_length",
        &[],
        "function decimalLengthOf(x: Uint8Array): Uint8Array {\n  return stringToBytes(String(x.length));\n}\n",
    ),
    helper(
        "recover",
        &[],
        "function recoverOf(digest: Uint8Array, signature: Uint8Array): Uint8Array {\n  if (signature.length !== 65) throw new Error(\"a signature has 65 bytes\");\n  const v = signature[64] >= 27 ? signature[64] - 27 : signature[64];\n  const parts = secp256k1.Signature.fromCompact(signature.slice(0, 64)).addRecoveryBit(v);\n  return parts.recoverPublicKey(digest).toRawBytes(true);\n}\n",
    ),
    helper(
        "recovered_signer",
        &[],
        "async function recoveredSigner(digest: Uint8Array, signature: Uint8Array): Promise<`0x${string}`> {\n  if (signature.length !== 65) throw new Error(\"a signature has 65 bytes\");\n  const v = signature[64] < 27 ? signature[64] + 27 : signature[64];\n  const hash = bytesToHex(digest);\n  return recoverAddress({ hash, signature: concat([signature.slice(0, 64), Uint8Array.of(v)]) });\n}\n",
    ),
];
