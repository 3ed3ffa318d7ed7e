// bitcore-lib as a subject.
import bitcore from "bitcore-lib";
import { serve, version } from "./adapter.mjs";

const { BN, ECDSA, Signature } = bitcore.crypto;

function recover({ digest, r, s, recovery_id }) {
  const signature = Object.assign(new Signature(BN.fromBuffer(r), BN.fromBuffer(s)), { i: recovery_id });
  return ECDSA.recoverPublicKey(Buffer.from(digest), signature).toBuffer();
}

const arithmetic = { code: "elliptic", code_version: version("bitcore-lib", "elliptic") };
serve({ name: "bitcore-lib", version: version("bitcore-lib"), ...arithmetic }, { recover, prehash: recover });
