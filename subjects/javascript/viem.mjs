// viem as a subject: its last byte is v or the parity, so that ids 2 and 3 cannot be said.
import { recoverPublicKey } from "viem/utils";
import { serve, version, Unsupported } from "./adapter.mjs";

function recover({ digest, r, s, recovery_id }) {
  if (recovery_id === 2 || recovery_id === 3) throw new Unsupported("a parity");
  return recoverPublicKey({ hash: digest, signature: Uint8Array.of(...r, ...s, recovery_id) });
}

serve(
  { name: "viem", version: version("viem"), code: "noble", code_version: version("viem", "@noble/curves") },
  { recover, prehash: recover },
);
