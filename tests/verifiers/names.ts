// digest = keccak256(a__b + a_b + a_b2 + a_b_2 + abi + abstract + address + after + alias + arguments + at + byte + bytes + bytes32 + common + concat + concat_of + def + digest + ecrecover + emit + err + eval + fallthrough + fixed128x18 + fmt + fn + gen + hashlib + hex + keccak + keccak256 + keccak256_of + lambda + len + main + match + minutes + nil + nonlocal + number_of + package + panic + partial + promise + recovered_address_of + recovered_signer + reference + sha256 + sha3 + signature + signature_parts + signer + type + type__value + type_value + uint256 + undefined + verify + wei + yield)
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

async function recoveredSigner(digest: Uint8Array, signature: Uint8Array): Promise<`0x${string}`> {
  if (signature.length !== 65) throw new Error("a signature has 65 bytes");
  const v = signature[64] < 27 ? signature[64] + 27 : signature[64];
  const hash = bytesToHex(digest);
  return recoverAddress({ hash, signature: concat([signature.slice(0, 64), Uint8Array.of(v)]) });
}

export function digest(aB: Uint8Array, aB2: Uint8Array, aB22: Uint8Array, aB23: Uint8Array, abi: Uint8Array, abstract: Uint8Array, address: Uint8Array, after: Uint8Array, alias: Uint8Array, argumentsValue: Uint8Array, at: Uint8Array, byte: Uint8Array, bytes: Uint8Array, bytes32: Uint8Array, common: Uint8Array, concatValue: Uint8Array, concatOf: Uint8Array, def: Uint8Array, digestValue: Uint8Array, ecrecover: Uint8Array, emit: Uint8Array, err: Uint8Array, evalValue: Uint8Array, fallthrough: Uint8Array, fixed128x18: Uint8Array, fmt: Uint8Array, fn: Uint8Array, gen: Uint8Array, hashlib: Uint8Array, hex: Uint8Array, keccak: Uint8Array, keccak256Value: Uint8Array, keccak256OfValue: Uint8Array, lambda: Uint8Array, len: Uint8Array, mainValue: Uint8Array, match: Uint8Array, minutes: Uint8Array, nil: Uint8Array, nonlocal: Uint8Array, numberOfValue: Uint8Array, packageValue: Uint8Array, panic: Uint8Array, partial: Uint8Array, promise: Uint8Array, recoveredAddressOf: Uint8Array, recoveredSignerValue: Uint8Array, reference: Uint8Array, sha256Value: Uint8Array, sha3Value: Uint8Array, signatureValue: Uint8Array, signatureParts: Uint8Array, signerValue: Uint8Array, type: Uint8Array, typeValue: Uint8Array, typeValue2: Uint8Array, uint256: Uint8Array, undefinedValue: Uint8Array, verifyValue: Uint8Array, wei: Uint8Array, yieldValue: Uint8Array): Uint8Array {
  return keccak256Of(concat([aB, aB2, aB22, aB23, abi, abstract, address, after, alias, argumentsValue, at, byte, bytes, bytes32, common, concatValue, concatOf, def, digestValue, ecrecover, emit, err, evalValue, fallthrough, fixed128x18, fmt, fn, gen, hashlib, hex, keccak, keccak256Value, keccak256OfValue, lambda, len, mainValue, match, minutes, nil, nonlocal, numberOfValue, packageValue, panic, partial, promise, recoveredAddressOf, recoveredSignerValue, reference, sha256Value, sha3Value, signatureValue, signatureParts, signerValue, type, typeValue, typeValue2, uint256, undefinedValue, verifyValue, wei, yieldValue]));
}

export async function verify(aB: Uint8Array, aB2: Uint8Array, aB22: Uint8Array, aB23: Uint8Array, abi: Uint8Array, abstract: Uint8Array, address: Uint8Array, after: Uint8Array, alias: Uint8Array, argumentsValue: Uint8Array, at: Uint8Array, byte: Uint8Array, bytes: Uint8Array, bytes32: Uint8Array, common: Uint8Array, concatValue: Uint8Array, concatOf: Uint8Array, def: Uint8Array, digestValue: Uint8Array, ecrecover: Uint8Array, emit: Uint8Array, err: Uint8Array, evalValue: Uint8Array, fallthrough: Uint8Array, fixed128x18: Uint8Array, fmt: Uint8Array, fn: Uint8Array, gen: Uint8Array, hashlib: Uint8Array, hex: Uint8Array, keccak: Uint8Array, keccak256Value: Uint8Array, keccak256OfValue: Uint8Array, lambda: Uint8Array, len: Uint8Array, mainValue: Uint8Array, match: Uint8Array, minutes: Uint8Array, nil: Uint8Array, nonlocal: Uint8Array, numberOfValue: Uint8Array, packageValue: Uint8Array, panic: Uint8Array, partial: Uint8Array, promise: Uint8Array, recoveredAddressOf: Uint8Array, recoveredSignerValue: Uint8Array, reference: Uint8Array, sha256Value: Uint8Array, sha3Value: Uint8Array, signatureValue: Uint8Array, signatureParts: Uint8Array, signerValue: Uint8Array, type: Uint8Array, typeValue: Uint8Array, typeValue2: Uint8Array, uint256: Uint8Array, undefinedValue: Uint8Array, verifyValue: Uint8Array, wei: Uint8Array, yieldValue: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return isAddressEqual(await recoveredSigner(digest(aB, aB2, aB22, aB23, abi, abstract, address, after, alias, argumentsValue, at, byte, bytes, bytes32, common, concatValue, concatOf, def, digestValue, ecrecover, emit, err, evalValue, fallthrough, fixed128x18, fmt, fn, gen, hashlib, hex, keccak, keccak256Value, keccak256OfValue, lambda, len, mainValue, match, minutes, nil, nonlocal, numberOfValue, packageValue, panic, partial, promise, recoveredAddressOf, recoveredSignerValue, reference, sha256Value, sha3Value, signatureValue, signatureParts, signerValue, type, typeValue, typeValue2, uint256, undefinedValue, verifyValue, wei, yieldValue), signature), SIGNER);
}

async function main() {
  const verified = await verify(
    stringToBytes("a__b"), // aB
    stringToBytes("a_b"), // aB2
    stringToBytes("a_b2"), // aB22
    stringToBytes("a_b_2"), // aB23
    stringToBytes("abi"), // abi
    stringToBytes("abstract"), // abstract
    stringToBytes("address"), // address
    stringToBytes("after"), // after
    stringToBytes("alias"), // alias
    stringToBytes("arguments"), // argumentsValue
    stringToBytes("at"), // at
    stringToBytes("byte"), // byte
    stringToBytes("bytes"), // bytes
    stringToBytes("bytes32"), // bytes32
    stringToBytes("common"), // common
    stringToBytes("concat"), // concatValue
    stringToBytes("concat_of"), // concatOf
    stringToBytes("def"), // def
    stringToBytes("digest"), // digestValue
    stringToBytes("ecrecover"), // ecrecover
    stringToBytes("emit"), // emit
    stringToBytes("err"), // err
    stringToBytes("eval"), // evalValue
    stringToBytes("fallthrough"), // fallthrough
    stringToBytes("fixed128x18"), // fixed128x18
    stringToBytes("fmt"), // fmt
    stringToBytes("fn"), // fn
    stringToBytes("gen"), // gen
    stringToBytes("hashlib"), // hashlib
    stringToBytes("hex"), // hex
    stringToBytes("keccak"), // keccak
    stringToBytes("keccak256"), // keccak256Value
    stringToBytes("keccak256_of"), // keccak256OfValue
    stringToBytes("lambda"), // lambda
    stringToBytes("len"), // len
    stringToBytes("main"), // mainValue
    stringToBytes("match"), // match
    stringToBytes("minutes"), // minutes
    stringToBytes("nil"), // nil
    stringToBytes("nonlocal"), // nonlocal
    stringToBytes("number_of"), // numberOfValue
    stringToBytes("package"), // packageValue
    stringToBytes("panic"), // panic
    stringToBytes("partial"), // partial
    stringToBytes("promise"), // promise
    stringToBytes("recovered_address_of"), // recoveredAddressOf
    stringToBytes("recovered_signer"), // recoveredSignerValue
    stringToBytes("reference"), // reference
    stringToBytes("sha256"), // sha256Value
    stringToBytes("sha3"), // sha3Value
    stringToBytes("signature"), // signatureValue
    stringToBytes("signature_parts"), // signatureParts
    stringToBytes("signer"), // signerValue
    stringToBytes("type"), // type
    stringToBytes("type__value"), // typeValue
    stringToBytes("type_value"), // typeValue2
    stringToBytes("uint256"), // uint256
    stringToBytes("undefined"), // undefinedValue
    stringToBytes("verify"), // verifyValue
    stringToBytes("wei"), // wei
    stringToBytes("yield"), // yieldValue
    hexToBytes("0x1b438fe99c44edaa756582a7c2c94cc6758467123d6e8a63b848d50990fa70f61ca3a9bc0dcc091f9fa6f564b64d9e03b090795f964129f3aff8b2e294578d351c"),
  );
  if (!verified) throw new Error("not verified");
  console.log("verified");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
