// tiny-secp256k1 as a subject: `wasm`, or `asmjs`, the same library as a package of its own without WebAssembly.
import { joined, serve, version } from "./adapter.mjs";

const backend = process.argv[2];
const folder = backend === "wasm" ? "tiny-secp256k1" : "@bitcoin-js/tiny-secp256k1-asmjs";
const { recover } = await import(folder);

serve(
  { name: `tiny-secp256k1-${backend}`, version: version(folder) },
  {
    recover: ({ digest, r, s, recovery_id }) => recover(digest, joined(r, s), recovery_id),
    // Its words for a signature that it does not take are a TypeError's.
    isRejection: (error) => /^(Expected|Bad Recovery Id)/.test(error.message),
  },
);
