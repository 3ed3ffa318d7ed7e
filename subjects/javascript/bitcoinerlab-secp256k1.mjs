// @bitcoinerlab/secp256k1 as a subject: tiny-secp256k1's interface over noble.
import { recover } from "@bitcoinerlab/secp256k1";
import { joined, serve, version } from "./adapter.mjs";

const arithmetic = { code: "noble", code_version: version("@bitcoinerlab/secp256k1", "@noble/curves") };
serve(
  { name: "bitcoinerlab-secp256k1", version: version("@bitcoinerlab/secp256k1"), ...arithmetic },
  { recover: ({ digest, r, s, recovery_id }) => recover(digest, joined(r, s), recovery_id, false) },
);
