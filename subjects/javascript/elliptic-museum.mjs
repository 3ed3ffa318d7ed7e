// Old releases of elliptic as subjects: `5` or `6.2`, the version's first numbers. elliptic.mjs is today's.
import { load, serve, version } from "./adapter.mjs";

const folder = `elliptic-${process.argv[2]}`;
const { ec } = load(folder);
const secp256k1 = new ec("secp256k1");

function recover({ digest, r, s, recovery_id }) {
  return secp256k1.recoverPubKey([...digest], { r: [...r], s: [...s] }, recovery_id).encode("array", false);
}

const arithmetic = { code: "elliptic", code_version: version(folder) };
serve({ name: folder, version: version(folder), ...arithmetic }, { recover, prehash: recover });
