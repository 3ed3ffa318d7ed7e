// @bsv/sdk 2.1.0: RecoverPublicKey gives keys for signatures and recovery ids that are none.
import { BigNumber, Signature } from "@bsv/sdk";

const g = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"; // r of the nonce 1
const n = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const inputs = {
  "s = 0": [g, "0", 0],
  "s = n + 2": [g, new BigNumber(n, 16).addn(2).toString(16), 0],
  "recovery id 4": ["2", "2", 4],
  "r + n = p + 1, recovery id 2": ["14551231950b75fc4402da1722fc9baef", "1", 2],
};

let wrong = false;
for (const [name, [r, s, id]] of Object.entries(inputs)) {
  let key;
  try {
    key = new Signature(new BigNumber(r, 16), new BigNumber(s, 16)).RecoverPublicKey(id, new BigNumber(1)).toString();
    wrong = true;
  } catch (error) {
    key = `Error: ${error.message}`;
  }
  console.log(`${name}\ngives  ${key}\nshould an error`);
}
process.exit(wrong ? 1 : 0);
