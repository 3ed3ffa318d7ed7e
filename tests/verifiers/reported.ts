// digest = keccak256("dstack-kms-issued:" + pad_right(drop(app_id, 1), 32) + address(recover(keccak256(purpose + ":" + hex0x(address(derived_key))), claim_signature)))
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
  ripemd160,
  sha256,
  stringToBytes,
  toRlp,
} from "viem";

export const SIGNER = "0xB57e7acDB7fD455Ed15C8523696840CC28e616Ec";

function keccak256Of(x: Uint8Array): Uint8Array {
  return keccak256(x, "bytes");
}

function hex0xOf(x: Uint8Array): Uint8Array {
  return stringToBytes(bytesToHex(x));
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

function padRightOf(x: Uint8Array, length: number): Uint8Array {
  return concat([x, new Uint8Array(length - x.length)]);
}

function dropOf(x: Uint8Array, count: number): Uint8Array {
  if (count > x.length) throw new Error(`fewer than ${count} bytes`);
  return x.slice(count);
}

function recoverOf(digest: Uint8Array, signature: Uint8Array): Uint8Array {
  if (signature.length !== 65) throw new Error("a signature has 65 bytes");
  const v = signature[64] >= 27 ? signature[64] - 27 : signature[64];
  const parts = secp256k1.Signature.fromCompact(signature.slice(0, 64)).addRecoveryBit(v);
  return parts.recoverPublicKey(digest).toRawBytes(true);
}

async function recoveredSigner(digest: Uint8Array, signature: Uint8Array): Promise<`0x${string}`> {
  if (signature.length !== 65) throw new Error("a signature has 65 bytes");
  const v = signature[64] < 27 ? signature[64] + 27 : signature[64];
  const hash = bytesToHex(digest);
  return recoverAddress({ hash, signature: concat([signature.slice(0, 64), Uint8Array.of(v)]) });
}

export function digest(appId: Uint8Array, purpose: Uint8Array, derivedKey: Uint8Array, claimSignature: Uint8Array): Uint8Array {
  return keccak256Of(concat([stringToBytes("dstack-kms-issued:"), padRightOf(dropOf(appId, 1), 32), addressOf(recoverOf(keccak256Of(concat([purpose, stringToBytes(":"), hex0xOf(addressOf(derivedKey))])), claimSignature))]));
}

export async function verify(appId: Uint8Array, purpose: Uint8Array, derivedKey: Uint8Array, claimSignature: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return isAddressEqual(await recoveredSigner(digest(appId, purpose, derivedKey, claimSignature), signature), SIGNER);
}

async function main() {
  const verified = await verify(
    hexToBytes("0xea549f02e1a25fabd1cb788380e033ec5461b2ff"), // appId
    stringToBytes("ethereum"), // purpose
    hexToBytes("0x02d4ca795aa82a8819735390040bb88f4bbf7d9ca9ad492ba5b15f7d31c383fc08"), // derivedKey
    hexToBytes("0xcd52f120d5f44ecc3bb8e849969414742d4af40a318daf23b5a3f44d492cfe76209474009a0d0b95cd6d719946b74ea7ed418f95c5a4642b64d7fbb06b0f849b01"), // claimSignature
    hexToBytes("0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601"),
  );
  if (!verified) throw new Error("not verified");
  console.log("verified");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
