// ethereum-cryptography as a subject.
import { secp256k1 } from "ethereum-cryptography/secp256k1.js";
import { joined, serve, version } from "./adapter.mjs";

function recover({ digest, r, s, recovery_id }) {
  const signature = secp256k1.Signature.fromCompact(joined(r, s)).addRecoveryBit(recovery_id);
  return signature.recoverPublicKey(digest).toRawBytes(false);
}

const arithmetic = { code: "noble", code_version: version("ethereum-cryptography", "@noble/curves") };
serve(
  { name: "ethereum-cryptography", version: version("ethereum-cryptography"), ...arithmetic },
  { recover, prehash: recover },
);
