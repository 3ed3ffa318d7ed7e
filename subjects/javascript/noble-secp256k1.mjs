// @noble/secp256k1 as a subject: `3`, `2` or `1`, its major version. Each has another interface.
import { isNoblesRejection, joined, serve, version } from "./adapter.mjs";

const major = process.argv[2];
const folder = major === "3" ? "@noble/secp256k1" : `noble-secp256k1-${major}`;
const { recoverPublicKey, Signature } = await import(folder);

const calls = {
  1: ({ digest, r, s, recovery_id }) => recoverPublicKey(digest, joined(r, s), recovery_id),
  2: ({ digest, r, s, recovery_id }) =>
    Signature.fromCompact(joined(r, s)).addRecoveryBit(recovery_id).recoverPublicKey(digest).toBytes(),
  3: ({ digest, r, s, recovery_id }) =>
    recoverPublicKey(Uint8Array.of(recovery_id, ...r, ...s), digest, { prehash: false }),
};
const recover = calls[major];

const arithmetic = { code: "noble", code_version: version(folder) };
serve(
  { name: `noble-secp256k1-${major}`, version: version(folder), ...arithmetic },
  { recover, prehash: recover, isRejection: isNoblesRejection },
);
