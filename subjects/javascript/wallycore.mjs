// wallycore (libwally) as a subject: a signature's first byte is 27 and the recovery id, which cannot be above 3.
import wally from "wallycore";
import { serve, version, Unsupported } from "./adapter.mjs";

function recover({ digest, r, s, recovery_id }) {
  if (recovery_id > 3) throw new Unsupported("a header byte");
  return wally.ec_sig_to_public_key(digest, Uint8Array.of(recovery_id + 27, ...r, ...s));
}

serve({ name: "wallycore", version: version("wallycore") }, { recover });
