// secp256k1 5.0.2 (its JavaScript) and @okxweb3/crypto-lib 1.0.13: a key at infinity is a TypeError, not their refusal.
import { signUtil } from "@okxweb3/crypto-lib";
import secp256k1 from "secp256k1/elliptic.js";

const g = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"; // r of the nonce 1, with recovery id 0
const one = Buffer.from("01".padStart(64, "0"), "hex"); // s and the digest: s*R - e*G is G - G
const signature = Buffer.concat([Buffer.from(g, "hex"), one]);

function said(recover) {
  try {
    return String(recover());
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const js = said(() => secp256k1.ecdsaRecover(Uint8Array.from(signature), 0, Uint8Array.from(one)));
const okx = said(() => signUtil.secp256k1.recover(signature, 0, one, true));
console.log(`secp256k1 (elliptic.js)\nsays   ${js}\nshould Error: Public key could not be recover`);
console.log(`@okxweb3/crypto-lib\nsays   ${okx}\nshould null`);
process.exit(js.startsWith("TypeError") || okx.startsWith("TypeError") ? 1 : 0);
