// isomorphic-secp256k1-js as a subject.
import recover_public_key from "isomorphic-secp256k1-js/recover_public_key.js";
import { serve, version } from "./adapter.mjs";

const recover = ({ digest, r, s, recovery_id }) =>
  recover_public_key({ hash: digest, signature: { r, s, v: recovery_id } });

serve({ name: "isomorphic-secp256k1-js", version: version("isomorphic-secp256k1-js") }, { recover, prehash: recover });
