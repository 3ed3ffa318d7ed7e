// web3 1.x, by its package of accounts: `node web3-1.mjs` takes messages as hex, `node web3-1.mjs text` as text.
import Accounts from "web3-eth-accounts-1";
import { hex, serve, text } from "./serve.mjs";

const accounts = new Accounts();
const asText = process.argv[2] === "text";
await serve("web3-eth-accounts-1", {
  "eip191.personal-sign": ({ message }) => accounts.hashMessage(asText ? text(message) : hex(message)),
}, { name: asText ? "web3-1-text" : "web3-1" });
