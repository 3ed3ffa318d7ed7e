// bitcore-lib 11.5.1: ECDSA.recoverPublicKey gives keys for signatures that are none.
import bitcore from "bitcore-lib";

const { BN, ECDSA, Signature } = bitcore.crypto;
const g = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"; // r of the nonce 1
const n = new BN("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16);
const digest = Buffer.from("01".padStart(64, "0"), "hex");
const inputs = {
  "s = 0": [g, new BN(0), 0],
  "s = n + 2": [g, n.addn(2), 0],
  "r = n + 2": [n.addn(2).toString(16), new BN(1), 0],
  "r + n = p + 1, recovery id 2": ["14551231950b75fc4402da1722fc9baef", new BN(1), 2],
};

let wrong = false;
for (const [name, [r, s, i]] of Object.entries(inputs)) {
  let key;
  try {
    key = ECDSA.recoverPublicKey(digest, Object.assign(new Signature(new BN(r, 16), s), { i })).toString();
    wrong = true;
  } catch (error) {
    key = `Error: ${error.message}`;
  }
  console.log(`${name}\ngives  ${key}\nshould an error`);
}
process.exit(wrong ? 1 : 0);
