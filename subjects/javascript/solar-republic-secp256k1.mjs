// @solar-republic/wasm-secp256k1 as a subject.
import { readFileSync } from "node:fs";
import { WasmSecp256k1 } from "@solar-republic/wasm-secp256k1/headless";
import { file, joined, serve, version } from "./adapter.mjs";

const secp256k1 = await WasmSecp256k1(readFileSync(file("@solar-republic/wasm-secp256k1", "dist/secp256k1.wasm")));

serve(
  { name: "solar-republic-secp256k1", version: version("@solar-republic/wasm-secp256k1") },
  { recover: ({ digest, r, s, recovery_id }) => secp256k1.recover(joined(r, s), digest, recovery_id, true) },
);
