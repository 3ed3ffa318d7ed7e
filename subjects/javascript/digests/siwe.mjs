// siwe makes the text of a sign-in. It verifies with ethers' hash of it.
import { getAddress, hashMessage } from "ethers";
import { SiweMessage } from "siwe";
import { serve } from "./serve.mjs";
import { signIn } from "./sign-in.mjs";

await serve("siwe", {
  "eip4361.sign-in": (f) =>
    hashMessage(new SiweMessage(signIn(f, { time: (text) => text, account: getAddress })).prepareMessage()),
});
