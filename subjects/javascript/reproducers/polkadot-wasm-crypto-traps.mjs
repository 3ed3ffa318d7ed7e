// @polkadot/wasm-crypto 7.5.4: a refused signature traps, and after some of them every valid one does.
import { secp256k1Recover, waitReady } from "@polkadot/wasm-crypto";

await waitReady();
const bytes = (...numbers) => Uint8Array.from(Buffer.from(numbers.map((hex) => hex.padStart(64, "0")).join(""), "hex"));
const g = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"; // r of the nonce 1, with recovery id 0
const minusTwo = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd036413f";

function recovered(s, id) {
  try {
    return Buffer.from(secp256k1Recover(bytes("1"), bytes(g, s), id)).toString("hex");
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const right = recovered("2", 0);
console.log(`s = 2 (valid)\n${right}\ns = 0 (invalid)\n${recovered("0", 0)}`);
console.log(`s = n - 2, recovery id 1 (valid)\n${recovered(minusTwo, 1)}\nshould ${right}`);
let refused = 2;
while (refused < 5000 && recovered("2", 0) === right) {
  recovered("0", 0);
  refused += 1;
}
console.log(`s = 2 (valid), after ${refused} refused signatures\n${recovered("2", 0)}`);
process.exit(recovered("2", 0) === right && recovered(minusTwo, 1) === right ? 0 : 1);
