// tiny-secp256k1 2.2.4: recovery ids above 3 trap, and after some of them so does every valid signature; half of the
// valid signatures with recovery ids 2 and 3 are refused.
import { recover } from "tiny-secp256k1";

const bytes = (...numbers) => Uint8Array.from(Buffer.from(numbers.map((hex) => hex.padStart(64, "0")).join(""), "hex"));
const g = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"; // r of the nonce 1, with recovery id 0

function recovered(r, s, id) {
  try {
    return Buffer.from(recover(bytes("1"), bytes(r, s), id, true)).toString("hex");
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const valid = recovered(g, "2", 0);
const trapped = recovered(g, "2", 4);
const large = recovered("7", "1", 2); // x is 7 + n, which a point has; 7 is none
const right = "03bf50d6db8b08d85ebefa56486e281df70f0b99f999ad3fd7e8bccfe3c05cdf33"; // libsecp256k1's
console.log(`s = 2 (valid)\n${valid}\nrecovery id 4\n${trapped}`);
console.log(`r = 7, recovery id 2 (valid)\n${large}\nshould ${right}`);
let refused = 1;
while (refused < 5000 && recovered(g, "2", 0) === valid) {
  recovered(g, "2", 4);
  refused += 1;
}
console.log(`s = 2 (valid), after ${refused} recovery ids of 4\n${recovered(g, "2", 0)}`);
process.exit(recovered(g, "2", 0) === valid && large === right && !trapped.startsWith("RuntimeError") ? 0 : 1);
