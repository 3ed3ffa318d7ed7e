// @noble/curves as a subject of ecrecheck: docs/protocol.md.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { secp256k1 } from "@noble/curves/secp256k1.js";

const { name, version } = JSON.parse(readFileSync(new URL("node_modules/@noble/curves/package.json", import.meta.url)));
const bytes = (hex) => Buffer.from(hex.slice(2), "hex");
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

const operations = ["recover", "prehash"];
say({ ecrecheck: 1, name: "noble-curves", version, code: name, code_version: version, operations });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, digest, prehash, r, s, recovery_id } = JSON.parse(line);
  try {
    const signature = Uint8Array.of(recovery_id, ...bytes(r), ...bytes(s));
    const key = secp256k1.recoverPublicKey(signature, Uint8Array.from(bytes(digest ?? prehash)), { prehash: false });
    say({ id, key: "0x" + Buffer.from(key).toString("hex") });
  } catch (error) {
    say({ id, [error instanceof TypeError ? "panicked" : "rejected"]: String(error) });
  }
}
