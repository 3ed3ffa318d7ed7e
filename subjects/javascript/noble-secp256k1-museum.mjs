// Old releases of noble-secp256k1 as subjects: `1.0`, the version's first numbers.
import { hex, load, serve, version } from "./adapter.mjs";

const folder = `noble-secp256k1-${process.argv[2]}`;
const library = load(folder);
const Signature = library.Signature ?? library.SignResult;

function recover({ digest, r, s, recovery_id }) {
  const signature = new Signature(BigInt(hex(r)), BigInt(hex(s)));
  return library.recoverPublicKey(digest, signature, recovery_id) ?? null;
}

// What it throws itself may be a TypeError.
const isRejection = (error) => !/^Cannot (read|convert)/.test(error.message);
const arithmetic = { code: "noble", code_version: version(folder) };
serve({ name: folder, version: version(folder), ...arithmetic }, { recover, prehash: recover, isRejection });
