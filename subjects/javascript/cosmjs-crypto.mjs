// @cosmjs/crypto as a subject.
import { ExtendedSecp256k1Signature, Secp256k1 } from "@cosmjs/crypto";
import { serve, version } from "./adapter.mjs";

function recover({ digest, r, s, recovery_id }) {
  const signature = ExtendedSecp256k1Signature.fromFixedLength(Uint8Array.of(...r, ...s, recovery_id));
  return Secp256k1.recoverPubkey(signature, digest);
}

const arithmetic = { code: "noble", code_version: version("@cosmjs/crypto", "@noble/curves") };
serve({ name: "cosmjs-crypto", version: version("@cosmjs/crypto"), ...arithmetic }, { recover, prehash: recover });
