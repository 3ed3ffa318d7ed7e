// elliptic as a subject of ecrecheck: docs/protocol.md. What it does wrong is in elliptic.divergences.toml.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import elliptic from "elliptic";

const { name, version } = JSON.parse(readFileSync(new URL("node_modules/elliptic/package.json", import.meta.url)));
const digits = (hex) => hex.slice(2);
const bytes = (hex) => [...Buffer.from(digits(hex), "hex")];
const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

const secp256k1 = new elliptic.ec("secp256k1");
say({ ecrecheck: 1, name, version, operations: ["recover", "prehash"] });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, digest, prehash, r, s, recovery_id } = JSON.parse(line);
  try {
    const signature = { r: digits(r), s: digits(s) };
    const point = secp256k1.recoverPubKey(bytes(digest ?? prehash), signature, recovery_id);
    say({ id, key: "0x" + point.encode("hex", false) });
  } catch (error) {
    say({ id, [error instanceof TypeError ? "panicked" : "rejected"]: String(error) });
  }
}
