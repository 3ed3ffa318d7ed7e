// Keplr's ADR-36: `node keplr.mjs` takes data as bytes, `node keplr.mjs text` as a string.
import { makeADR36AminoSignDoc, serializeSignDoc } from "@keplr-wallet/cosmos";
import { Hash } from "@keplr-wallet/crypto";
import { serve, text } from "./serve.mjs";

const asText = process.argv[2] === "text";
await serve("@keplr-wallet/cosmos", {
  "cosmos.adr36": (f) =>
    Hash.sha256(serializeSignDoc(makeADR36AminoSignDoc(text(f.signer), asText ? text(f.data) : f.data))),
}, { name: asText ? "keplr-text" : "keplr" });
