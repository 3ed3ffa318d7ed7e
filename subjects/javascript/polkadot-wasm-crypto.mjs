// @polkadot/wasm-crypto as a subject.
import { secp256k1Recover, waitReady } from "@polkadot/wasm-crypto";
import { joined, serve, version } from "./adapter.mjs";

await waitReady();
serve(
  { name: "polkadot-wasm-crypto", version: version("@polkadot/wasm-crypto") },
  { recover: ({ digest, r, s, recovery_id }) => secp256k1Recover(digest, joined(r, s), recovery_id) },
);
