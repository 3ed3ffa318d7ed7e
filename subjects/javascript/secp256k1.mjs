// secp256k1 (secp256k1-node) as a subject: its JavaScript. Its other backend is C that has to be compiled.
import secp256k1 from "secp256k1/elliptic.js";
import { joined, serve, version } from "./adapter.mjs";

serve(
  { name: "secp256k1-node-js", version: version("secp256k1"), code: "elliptic", code_version: version("secp256k1", "elliptic") },
  { recover: ({ digest, r, s, recovery_id }) => secp256k1.ecdsaRecover(joined(r, s), recovery_id, digest, false) },
);
