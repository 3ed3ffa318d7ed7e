// digest = sha3_256(base64(id) + sha256d(who))
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

function sha256Of(x: Uint8Array): Uint8Array {
  return sha256(x, "bytes");
}

function sha256dOf(x: Uint8Array): Uint8Array {
  return sha256Of(sha256Of(x));
}

function sha3256Of(x: Uint8Array): Uint8Array {
  return sha3(x);
}

function base64Of(x: Uint8Array): Uint8Array {
  return stringToBytes(btoa(String.fromCharCode(...x)));
}

async function recoveredSigner(digest: Uint8Array, signature: Uint8Array): Promise<`0x${string}`> {
  if (signature.length !== 65) throw new Error("a signature has 65 bytes");
  const v = signature[64] < 27 ? signature[64] + 27 : signature[64];
  const hash = bytesToHex(digest);
  return recoverAddress({ hash, signature: concat([signature.slice(0, 64), Uint8Array.of(v)]) });
}

export function digest(id: Uint8Array, who: Uint8Array): Uint8Array {
  return sha3256Of(concat([base64Of(id), sha256dOf(who)]));
}

export async function verify(id: Uint8Array, who: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return isAddressEqual(await recoveredSigner(digest(id, who), signature), SIGNER);
}

async function main() {
  const verified = await verify(
    hexToBytes("0x00112233445566778899aabbccddeeff00112233"), // id
    stringToBytes("alice"), // who
    hexToBytes("0x61ba938906709293b6d9102f86203dc02ad3fdb08e7771dbdbb05f6b7372b8003248a306a9ef44c643e11bc00a0c98f05e90e20a9867b84d0791301eeabaa96a1c"),
  );
  if (!verified) throw new Error("not verified");
  console.log("verified");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
