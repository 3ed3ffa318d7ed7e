// @bitcoinerlab/secp256k1 2.0.0: half of the valid signatures with recovery ids 2 and 3 are refused.
import { recover } from "@bitcoinerlab/secp256k1";

const bytes = (...numbers) => Uint8Array.from(Buffer.from(numbers.map((hex) => hex.padStart(64, "0")).join(""), "hex"));
const right = "03bf50d6db8b08d85ebefa56486e281df70f0b99f999ad3fd7e8bccfe3c05cdf33"; // libsecp256k1's
let key;
try {
  // x is 7 + n, which a point has; 7 is none.
  key = Buffer.from(recover(bytes("1"), bytes("7", "1"), 2, true)).toString("hex");
} catch (error) {
  key = `${error.name}: ${error.message}`;
}
console.log(`r = 7, s = 1, recovery id 2\ngives  ${key}\nshould ${right}`);
process.exit(key === right ? 0 : 1);
