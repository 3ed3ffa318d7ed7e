// secp256k1 (secp256k1-node) as a subject: `native`, libsecp256k1 as the package brings it compiled, or `js`, elliptic,
// which the package takes where there is no such file.
import { joined, load, serve, version } from "./adapter.mjs";

const backend = process.argv[2];
const secp256k1 = load(backend === "native" ? "secp256k1/bindings.js" : "secp256k1/elliptic.js");

const recover = ({ digest, r, s, recovery_id }) => secp256k1.ecdsaRecover(joined(r, s), recovery_id, digest, false);

const elliptic = backend === "js" && { code: "elliptic", code_version: version("secp256k1", "elliptic") };
serve({ name: `secp256k1-node-${backend}`, version: version("secp256k1"), ...elliptic }, { recover });
