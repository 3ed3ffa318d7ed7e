// eosjs-ecc as a subject: a signature's first byte is 27 and the recovery id, which cannot be above 3.
import ecc from "eosjs-ecc";
import { joined, serve, version, Unsupported } from "./adapter.mjs";

function recover({ digest, r, s, recovery_id }) {
  if (recovery_id > 3) throw new Unsupported("a header byte");
  const signature = ecc.Signature.fromBuffer(Buffer.from([recovery_id + 27, ...joined(r, s)]));
  return signature.recoverHash(Buffer.from(digest)).toBuffer();
}

serve(
  { name: "eosjs-ecc", version: version("eosjs-ecc"), code: "ecurve", code_version: version("eosjs-ecc", "ecurve") },
  { recover },
);
