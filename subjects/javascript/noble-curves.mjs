// @noble/curves as a subject: `2` or `1`, its major version. noble.mjs is the same without adapter.mjs.
import { serve, version } from "./adapter.mjs";

const major = process.argv[2];
const folder = major === "2" ? "@noble/curves" : `noble-curves-${major}`;
const { secp256k1 } = await import(`${folder}/secp256k1.js`);

function recover({ digest, r, s, recovery_id }) {
  const signature = Uint8Array.of(recovery_id, ...r, ...s);
  return secp256k1.recoverPublicKey(signature, digest, { prehash: false });
}

const arithmetic = { code: "noble", code_version: version(folder) };
serve({ name: `noble-curves-${major}`, version: version(folder), ...arithmetic }, { recover, prehash: recover });
