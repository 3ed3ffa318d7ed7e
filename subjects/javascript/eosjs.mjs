// eosjs as a subject: a signature's first byte is 31 and the recovery id, which cannot be above 3.
import { KeyType } from "eosjs/dist/eosjs-numeric.js";
import { constructElliptic } from "eosjs/dist/eosjs-key-conversions.js";
import { Signature } from "eosjs/dist/Signature.js";
import { serve, version, Unsupported } from "./adapter.mjs";

const ec = constructElliptic(KeyType.k1);

function recover({ digest, r, s, recovery_id }) {
  if (recovery_id > 3) throw new Unsupported("a header byte");
  const data = Uint8Array.of(recovery_id + 31, ...r, ...s);
  const key = new Signature({ type: KeyType.k1, data }, ec).recover(Buffer.from(digest), false);
  return key.toElliptic().getPublic(false, "hex");
}

const arithmetic = { code: "elliptic", code_version: version("eosjs", "elliptic") };
serve({ name: "eosjs", version: version("eosjs"), ...arithmetic }, { recover, prehash: recover });
