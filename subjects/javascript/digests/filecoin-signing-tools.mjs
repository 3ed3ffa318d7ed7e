// @zondax/filecoin-signing-tools, the function that its transactionSign signs the result of.
import { getDigest } from "./node_modules/@zondax/filecoin-signing-tools/js/dist/utils.js";
import { serve } from "./serve.mjs";

await serve("@zondax/filecoin-signing-tools", {
  "filecoin.message": ({ message }) => getDigest(message),
}, { name: "filecoin-signing-tools" });
