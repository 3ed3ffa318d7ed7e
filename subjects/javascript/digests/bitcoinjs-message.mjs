// bitcoinjs-message: `node bitcoinjs-message.mjs` takes messages as bytes, `node bitcoinjs-message.mjs text` as strings.
import { magicHash } from "bitcoinjs-message";
import { serve, text } from "./serve.mjs";

const asText = process.argv[2] === "text";
const hash = (prefix) => ({ message }) => magicHash(asText ? text(message) : message, prefix);

await serve("bitcoinjs-message", {
  "bitcoin.signed-message": hash(),
  "litecoin.signed-message": hash("\x19Litecoin Signed Message:\n"),
  "dogecoin.signed-message": hash("\x19Dogecoin Signed Message:\n"),
}, { name: asText ? "bitcoinjs-message-text" : "bitcoinjs-message" });
