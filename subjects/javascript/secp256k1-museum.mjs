// secp256k1 (secp256k1-node) 3.8.1 as a subject: its own arithmetic, which 4.0.0 took out.
import secp256k1 from "secp256k1-3/js.js";
import { joined, serve, version } from "./adapter.mjs";

const recover = ({ digest, r, s, recovery_id }) =>
  secp256k1.recover(Buffer.from(digest), Buffer.from(joined(r, s)), recovery_id, false);

serve(
  { name: "secp256k1-node-3-js", version: version("secp256k1-3") },
  // It says no with a RangeError to a recovery id that is none.
  { recover, isRejection: (error) => !(error instanceof TypeError) },
);
