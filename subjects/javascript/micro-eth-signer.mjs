// micro-eth-signer as a subject: it takes a parity, so that ids 2 and 3 cannot be said.
import { initSig, recoverPublicKey } from "micro-eth-signer/utils.js";
import { isNoblesRejection, joined, serve, version, Unsupported } from "./adapter.mjs";

function recover({ digest, r, s, recovery_id }) {
  if (recovery_id === 2 || recovery_id === 3) throw new Unsupported("a parity");
  return recoverPublicKey(initSig(joined(r, s), recovery_id), digest);
}

const arithmetic = { code: "noble", code_version: version("micro-eth-signer", "@noble/curves") };
serve(
  { name: "micro-eth-signer", version: version("micro-eth-signer"), ...arithmetic },
  { recover, prehash: recover, isRejection: isNoblesRejection },
);
