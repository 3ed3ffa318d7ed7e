// digest = eip191(sha256(xy(from)) + len_prefixed(who) + reverse(u64be(time)) + checksum_address(address(from)) + hex_upper(take(id, 4)) + uint(most) + pad_left(id, 32) + decimal_length(who) + varstr(who) + uncompressed(from) + u32be(time) + hex(id) + "\"\\\n" + 0x00ff)
// Needs viem, @noble/curves and @noble/hashes: npm install viem @noble/curves@1 @noble/hashes@1
import { secp256k1 } from "@noble/curves/secp256k1";
import { sha3_256 as sha3 } from "@noble/hashes/sha3";
import {
  bytesToHex,
  concat,
  getAddress,
  hexToBytes,
  isAddressEqual,
  keccak256,
  recoverAddress,
  sha256,
  stringToBytes,
} from "viem";

export const SIGNER = "0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516";

function keccak256Of(x: Uint8Array): Uint8Array {
  return keccak256(x, "bytes");
}

function sha256Of(x: Uint8Array): Uint8Array {
  return sha256(x, "bytes");
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

function takeOf(x: Uint8Array, count: number): Uint8Array {
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

async function recoveredSigner(digest: Uint8Array, signature: Uint8Array): Promise<`0x${string}`> {
  if (signature.length !== 65) throw new Error("a signature has 65 bytes");
  const v = signature[64] < 27 ? signature[64] + 27 : signature[64];
  const hash = bytesToHex(digest);
  return recoverAddress({ hash, signature: concat([signature.slice(0, 64), Uint8Array.of(v)]) });
}

export function digest(id: Uint8Array, from: Uint8Array, time: Uint8Array, most: Uint8Array, who: Uint8Array): Uint8Array {
  return eip191Of(concat([sha256Of(xyOf(from)), lenPrefixedOf(who), reverseOf(u64beOf(time)), checksumAddressOf(addressOf(from)), hexUpperOf(takeOf(id, 4)), uintOf(most), padLeftOf(id, 32), decimalLengthOf(who), varstrOf(who), uncompressedOf(from), u32beOf(time), hexOf(id), stringToBytes("\"\\\n"), hexToBytes("0x00ff")]));
}

export async function verify(id: Uint8Array, from: Uint8Array, time: Uint8Array, most: Uint8Array, who: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return isAddressEqual(await recoveredSigner(digest(id, from, time, most, who), signature), SIGNER);
}

async function main() {
  const verified = await verify(
    hexToBytes("0x00112233445566778899aabbccddeeff00112233"), // id
    hexToBytes("0x03b76ab205707ff1fb4e56c007a1c25f4854626fe9fbec708c722e6dd9bcf7f0e7"), // from
    stringToBytes("1753000000"), // time
    stringToBytes("115792089237316195423570985008687907853269984665640564039457584007913129639935"), // most
    stringToBytes("alice"), // who
    hexToBytes("0x9926569e06d2f2c31d44000e0c540363f1bcf644f633ce8ffb484ee4c4327a287a66a6d34b72bc29aaa2b341d55c2ac631e2b5b81f8f9ffb4ee457b4a645f2da1b"),
  );
  if (!verified) throw new Error("not verified");
  console.log("verified");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
