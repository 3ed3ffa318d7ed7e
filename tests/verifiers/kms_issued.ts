// digest = keccak256("dstack-kms-issued:" + app_id + compressed(app_key))
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

export const SIGNER = "0x8f2cF602C9695b23130367ed78d8F557554de7C5";

function keccak256Of(x: Uint8Array): Uint8Array {
  return keccak256(x, "bytes");
}

function compressedOf(key: Uint8Array): Uint8Array {
  return secp256k1.ProjectivePoint.fromHex(key).toRawBytes(true);
}

async function recoveredSigner(digest: Uint8Array, signature: Uint8Array): Promise<`0x${string}`> {
  if (signature.length !== 65) throw new Error("a signature has 65 bytes");
  const v = signature[64] < 27 ? signature[64] + 27 : signature[64];
  const hash = bytesToHex(digest);
  return recoverAddress({ hash, signature: concat([signature.slice(0, 64), Uint8Array.of(v)]) });
}

export function digest(appId: Uint8Array, appKey: Uint8Array): Uint8Array {
  return keccak256Of(concat([stringToBytes("dstack-kms-issued:"), appId, compressedOf(appKey)]));
}

export async function verify(appId: Uint8Array, appKey: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return isAddressEqual(await recoveredSigner(digest(appId, appKey), signature), SIGNER);
}

async function main() {
  const verified = await verify(
    hexToBytes("0xea549f02e1a25fabd1cb788380e033ec5461b2ff"), // appId
    hexToBytes("0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810"), // appKey
    hexToBytes("0x2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601"),
  );
  if (!verified) throw new Error("not verified");
  console.log("verified");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
