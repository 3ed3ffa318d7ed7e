// bsv as a subject.
import bsv from "bsv";
import { serve, version } from "./adapter.mjs";

const { Bn, Ecdsa, Sig } = bsv;

function recover({ digest, r, s, recovery_id }) {
  const [rNumber, sNumber] = [r, s].map((data) => new Bn().fromBuffer(Buffer.from(data)));
  const sig = new Sig(rNumber, sNumber, undefined, recovery_id);
  return Ecdsa.sig2PubKey(sig, Buffer.from(digest)).toBuffer();
}

serve(
  { name: "bsv", version: version("bsv"), code: "elliptic", code_version: version("bsv", "elliptic") },
  { recover, prehash: recover },
);
