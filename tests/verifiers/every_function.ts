// digest = eip191(sha256(xy(from)) + len_prefixed(who) + reverse(u64be(long)) + checksum_address(address(from)) + hex_upper(take(id, 4)) + uint(most) + pad_left(id, 32) + decimal_length(who) + varstr(who) + compressed(uncompressed(from)) + u32be(time) + hex(id) + "\"\\\n" + 0x00ff + sha256d(ripemd160(drop(id, 5))) + base64(id) + base64(from) + base64(take(id, 4)) + uncompressed(from) + rlp_list(id, who, uint(most), 5) + rlp_list(0x7f, 0x80, 0x) + rlp_payload(rlp(id) + rlp(who) + rlp(0x7f)) + proto_bytes(who, 1) + proto_uint(time, 16) + proto_uint(0, 1) + u256be(most) + sha3_256(text(who)) + blake2b_256(who) + typed_data(typed))
// Needs viem, @noble/curves and @noble/hashes: npm install viem @noble/curves@1 @noble/hashes@1
import { secp256k1 } from "@noble/curves/secp256k1";
import { blake2b } from "@noble/hashes/blake2b";
import { sha3_256 as sha3 } from "@noble/hashes/sha3";
import {
  bytesToHex,
  concat,
  getAddress,
  hashTypedData,
  hexToBytes,
  isAddressEqual,
  keccak256,
  recoverAddress,
  ripemd160,
  sha256,
  stringToBytes,
  toRlp,
} from "viem";

export const SIGNER = "0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516";

function keccak256Of(x: Uint8Array): Uint8Array {
  return keccak256(x, "bytes");
}

function sha256Of(x: Uint8Array): Uint8Array {
  return sha256(x, "bytes");
}

function sha256dOf(x: Uint8Array): Uint8Array {
  return sha256Of(sha256Of(x));
}

function sha3256Of(x: Uint8Array): Uint8Array {
  return sha3(x);
}

function ripemd160Of(x: Uint8Array): Uint8Array {
  return ripemd160(x, "bytes");
}

function blake2b256Of(x: Uint8Array): Uint8Array {
  return blake2b(x, { dkLen: 32 });
}

function typedDataOf(x: Uint8Array): Uint8Array {
  return hexToBytes(hashTypedData(JSON.parse(new TextDecoder().decode(x))));
}

function eip191Of(x: Uint8Array): Uint8Array {
  return keccak256Of(concat([stringToBytes(`\x19Ethereum Signed Message:\n${x.length}`), x]));
}

function hexOf(x: Uint8Array): Uint8Array {
  return stringToBytes(bytesToHex(x).slice(2));
}

function hexUpperOf(x: Uint8Array): Uint8Array {
  return stringToBytes(bytesToHex(x).slice(2).toUpperCase());
}

function textOf(x: Uint8Array): Uint8Array {
  return stringToBytes(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(x));
}

function base64Of(x: Uint8Array): Uint8Array {
  return stringToBytes(btoa(String.fromCharCode(...x)));
}

function compressedOf(key: Uint8Array): Uint8Array {
  return secp256k1.ProjectivePoint.fromHex(key).toRawBytes(true);
}

function uncompressedOf(key: Uint8Array): Uint8Array {
  return secp256k1.ProjectivePoint.fromHex(key).toRawBytes(false);
}

function xyOf(key: Uint8Array): Uint8Array {
  return uncompressedOf(key).slice(1);
}

function addressOf(key: Uint8Array): Uint8Array {
  return keccak256Of(xyOf(key)).slice(12);
}

function checksumAddressOf(address: Uint8Array): Uint8Array {
  return stringToBytes(getAddress(bytesToHex(address)));
}

function padLeftOf(x: Uint8Array, length: number): Uint8Array {
  return concat([new Uint8Array(length - x.length), x]);
}

function dropOf(x: Uint8Array, count: number): Uint8Array {
  if (count > x.length) throw new Error(`fewer than ${count} bytes`);
  return x.slice(count);
}

function takeOf(x: Uint8Array, count: number): Uint8Array {
  if (count > x.length) throw new Error(`fewer than ${count} bytes`);
  return x.slice(0, count);
}

function reverseOf(x: Uint8Array): Uint8Array {
  return x.slice().reverse();
}

function numberOf(digits: Uint8Array, bits: number): Uint8Array {
  const text = new TextDecoder().decode(digits);
  if (!/^[0-9]+$/.test(text) || BigInt(text) >> BigInt(bits)) throw new Error(`not decimal digits of ${bits} bits`);
  return hexToBytes(`0x${BigInt(text).toString(16).padStart(bits / 4, "0")}`);
}

function u32beOf(digits: Uint8Array): Uint8Array {
  return numberOf(digits, 32);
}

function u64beOf(digits: Uint8Array): Uint8Array {
  return numberOf(digits, 64);
}

function u256beOf(digits: Uint8Array): Uint8Array {
  return numberOf(digits, 256);
}

function uintOf(digits: Uint8Array): Uint8Array {
  const word = numberOf(digits, 256);
  const first = word.findIndex((byte) => byte !== 0);
  return first < 0 ? new Uint8Array() : word.slice(first);
}

function varstrOf(x: Uint8Array): Uint8Array {
  const size = x.length < 0xfd ? 1 : x.length <= 0xffff ? 2 : 4;
  const length = Uint8Array.from({ length: size }, (_, at) => x.length >>> (8 * at));
  return concat([Uint8Array.from(size === 1 ? [] : size === 2 ? [0xfd] : [0xfe]), length, x]);
}

function lenPrefixedOf(x: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, x.length);
  return concat([length, x]);
}

function decimalLengthOf(x: Uint8Array): Uint8Array {
  return stringToBytes(String(x.length));
}

function rlpListOf(...items: Uint8Array[]): Uint8Array {
  return toRlp(items, "bytes");
}

function rlpOf(x: Uint8Array): Uint8Array {
  return toRlp(x, "bytes");
}

function rlpPayloadOf(items: Uint8Array): Uint8Array {
  if (items.length < 56) return concat([Uint8Array.of(0xc0 + items.length), items]);
  const digits = uintOf(stringToBytes(String(items.length)));
  return concat([Uint8Array.of(0xf7 + digits.length), digits, items]);
}

function protoBytesOf(x: Uint8Array, field: number): Uint8Array {
  return x.length === 0 ? x : concat([varintOf(BigInt(field * 8 + 2)), varintOf(BigInt(x.length)), x]);
}

function protoUintOf(digits: Uint8Array, field: number): Uint8Array {
  const number = BigInt(bytesToHex(numberOf(digits, 64)));
  return number === 0n ? new Uint8Array() : concat([varintOf(BigInt(field * 8)), varintOf(number)]);
}

function varintOf(number: bigint): Uint8Array {
  if (number < 128n) return Uint8Array.of(Number(number));
  return concat([Uint8Array.of(Number(number & 127n) | 128), varintOf(number >> 7n)]);
}

async function recoveredSigner(digest: Uint8Array, signature: Uint8Array): Promise<`0x${string}`> {
  if (signature.length !== 65) throw new Error("a signature has 65 bytes");
  const v = signature[64] < 27 ? signature[64] + 27 : signature[64];
  const hash = bytesToHex(digest);
  return recoverAddress({ hash, signature: concat([signature.slice(0, 64), Uint8Array.of(v)]) });
}

export function digest(id: Uint8Array, from: Uint8Array, time: Uint8Array, long: Uint8Array, most: Uint8Array, who: Uint8Array, typed: Uint8Array): Uint8Array {
  return eip191Of(concat([sha256Of(xyOf(from)), lenPrefixedOf(who), reverseOf(u64beOf(long)), checksumAddressOf(addressOf(from)), hexUpperOf(takeOf(id, 4)), uintOf(most), padLeftOf(id, 32), decimalLengthOf(who), varstrOf(who), compressedOf(uncompressedOf(from)), u32beOf(time), hexOf(id), stringToBytes("\"\\\n"), hexToBytes("0x00ff"), sha256dOf(ripemd160Of(dropOf(id, 5))), base64Of(id), base64Of(from), base64Of(takeOf(id, 4)), uncompressedOf(from), rlpListOf(id, who, uintOf(most), stringToBytes("5")), rlpListOf(hexToBytes("0x7f"), hexToBytes("0x80"), stringToBytes("")), rlpPayloadOf(concat([rlpOf(id), rlpOf(who), rlpOf(hexToBytes("0x7f"))])), protoBytesOf(who, 1), protoUintOf(time, 16), protoUintOf(stringToBytes("0"), 1), u256beOf(most), sha3256Of(textOf(who)), blake2b256Of(who), typedDataOf(typed)]));
}

export async function verify(id: Uint8Array, from: Uint8Array, time: Uint8Array, long: Uint8Array, most: Uint8Array, who: Uint8Array, typed: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return isAddressEqual(await recoveredSigner(digest(id, from, time, long, most, who, typed), signature), SIGNER);
}

async function main() {
  const verified = await verify(
    hexToBytes("0x00112233445566778899aabbccddeeff00112233"), // id
    hexToBytes("0x03b76ab205707ff1fb4e56c007a1c25f4854626fe9fbec708c722e6dd9bcf7f0e7"), // from
    stringToBytes("1753000000"), // time
    stringToBytes("1753000000123456789"), // long
    stringToBytes("115792089237316195423570985008687907853269984665640564039457584007913129639935"), // most
    stringToBytes("alice"), // who
    stringToBytes("{\"types\":{\"EIP712Domain\":[{\"name\":\"chainId\",\"type\":\"uint256\"}],\"Mail\":[{\"name\":\"to\",\"type\":\"Person[]\"}],\"Person\":[{\"name\":\"age\",\"type\":\"int16\"},{\"name\":\"who\",\"type\":\"string\"}]},\"primaryType\":\"Mail\",\"domain\":{\"chainId\":1},\"message\":{\"to\":[{\"age\":-4,\"who\":\"Bob\"}]}}"), // typed
    hexToBytes("0xdff74a05b219aa6f7e0f56b02bcdca1347c95b19baa4c9babd26bf002048ca1744da0ee08ba9b420317def5a51e033c91a2ef4bc565837a97b1f554957ba3d8b1c"),
  );
  if (!verified) throw new Error("not verified");
  console.log("verified");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
