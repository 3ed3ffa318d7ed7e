// @hazae41/secp256k1.wasm as a subject: the Rust crate k256 in WebAssembly.
import { Memory, Secp256k1SignatureAndRecovery, Secp256k1VerifyingKey, Secp256k1Wasm } from "@hazae41/secp256k1.wasm";
import { joined, serve, version } from "./adapter.mjs";

await Secp256k1Wasm.initBundled();

function recover({ digest, r, s, recovery_id }) {
  const signature = new Secp256k1SignatureAndRecovery(new Memory(joined(r, s)), recovery_id);
  return Secp256k1VerifyingKey.recover_from_prehash(new Memory(digest), signature).to_sec1_uncompressed_bytes().bytes;
}

serve(
  { name: "hazae41-secp256k1-wasm", version: version("@hazae41/secp256k1.wasm") },
  { recover, prehash: recover },
);
