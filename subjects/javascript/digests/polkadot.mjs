// @polkadot/util-crypto: `node polkadot.mjs` takes messages as bytes, `node polkadot.mjs text` as strings.
import { blake2AsU8a } from "@polkadot/util-crypto";
import { serve, text } from "./serve.mjs";

// What secp256k1Sign and secp256k1Verify hash with; they return no digest.
const asText = process.argv[2] === "text";
await serve("@polkadot/util-crypto", {
  "substrate.ecdsa": ({ message }) => blake2AsU8a(asText ? text(message) : message),
}, { name: asText ? "polkadot-text" : "polkadot" });
