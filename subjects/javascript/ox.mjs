// ox as a subject: `noble` or `wasm`, its engine. It takes a parity, so that ids 2 and 3 cannot be said.
import { Engine, Secp256k1 } from "ox";
import * as wasm from "ox/wasm";
import { hex, serve, version, Unsupported } from "./adapter.mjs";

const engine = process.argv[2];
if (engine === "wasm") await Engine.install({ Secp256k1: wasm.Secp256k1.engine() });

function recover({ digest, r, s, recovery_id }) {
  if (recovery_id === 2 || recovery_id === 3) throw new Unsupported("a parity");
  const signature = { r: hex(r), s: hex(s), yParity: recovery_id };
  return Secp256k1.recoverPublicKey({ payload: digest, signature, as: "Bytes" });
}

const noble = engine === "noble" && { code: "noble", code_version: version("ox", "@noble/curves") };
serve({ name: `ox-${engine}`, version: version("ox"), ...noble }, { recover, prehash: recover });
