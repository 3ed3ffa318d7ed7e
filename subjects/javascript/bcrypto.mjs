// bcrypto as a subject: `js`, its backend. `native` is C that has to be compiled.
import { joined, load, serve, version } from "./adapter.mjs";

process.env.NODE_BACKEND = process.argv[2];
const secp256k1 = load("bcrypto/lib/secp256k1.js");

const recover = ({ digest, r, s, recovery_id }) =>
  secp256k1.recover(Buffer.from(digest), Buffer.from(joined(r, s)), recovery_id, false);

serve({ name: `bcrypto-${process.argv[2]}`, version: version("bcrypto") }, { recover, prehash: recover });
