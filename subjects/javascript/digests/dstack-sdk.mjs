// @phala/dstack-sdk verifies and returns no digest: the digest is what its module of hashes gives it.
import { createRequire } from "node:module";
import { hex, integer, serve } from "./serve.mjs";

const sdk = createRequire(import.meta.resolve("@phala/dstack-sdk"));
const hashes = sdk("@noble/hashes/sha3");
const { keccak_256 } = hashes;
let digest;
hashes.keccak_256 = (message) => (digest = keccak_256(message));
const { verifyEnvEncryptPublicKey, verifyEnvEncryptPublicKeyLegacy } = sdk("@phala/dstack-sdk");

// It refuses the future and the past; at the end of time, with all of its patience, neither is there.
Date.now = () => Number.MAX_VALUE;
const maxAgeSeconds = Number.MAX_VALUE;
console.error = () => {}; // it prints that the signature below is none
const signature = new Uint8Array(65);

await serve("@phala/dstack-sdk", {
  "dstack.env-encrypt.legacy": (f) => {
    verifyEnvEncryptPublicKeyLegacy(f.x25519_key, signature, hex(f.app_id));
    return digest;
  },
  "dstack.env-encrypt.v1": (f) => {
    verifyEnvEncryptPublicKey(f.x25519_key, signature, hex(f.app_id), integer(f.timestamp), { maxAgeSeconds });
    return digest;
  },
}, { name: "dstack-sdk-js" });
