// ecdsa (cryptocoinjs) as a subject.
import ecdsa from "ecdsa";
import BigInteger from "bigi";
import { serve, version } from "./adapter.mjs";

const number = (data) => BigInteger.fromBuffer(Buffer.from(data));

function recover({ digest, r, s, recovery_id }) {
  const signature = new ecdsa.ECSignature(number(r), number(s));
  return ecdsa.recoverPubKey(number(digest), signature, recovery_id).getEncoded(false);
}

serve(
  { name: "ecdsa-js", version: version("ecdsa"), code: "ecurve", code_version: version("ecdsa", "ecurve") },
  { recover, prehash: recover },
);
