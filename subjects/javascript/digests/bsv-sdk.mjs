// @bsv/sdk, Bitcoin SV's: `node bsv-sdk.mjs` takes messages as bytes, `node bsv-sdk.mjs text` makes them with its toArray.
import { BSM, Utils } from "@bsv/sdk";
import { serve, text } from "./serve.mjs";

const asText = process.argv[2] === "text";
await serve("@bsv/sdk", {
  "bitcoin.signed-message": ({ message }) =>
    BSM.magicHash(asText ? Utils.toArray(text(message), "utf8") : [...message]),
}, { name: asText ? "bsv-sdk-text" : "bsv-sdk" });
