// ethereumjs-util 7, the old one that most of npm still depends on. It takes a Buffer.
import util from "ethereumjs-util";
import { serve } from "./serve.mjs";

await serve("ethereumjs-util", {
  "eip191.personal-sign": ({ message }) => util.hashPersonalMessage(message),
  "safe.eth-sign": ({ safe_tx_hash }) => util.hashPersonalMessage(safe_tx_hash),
});
