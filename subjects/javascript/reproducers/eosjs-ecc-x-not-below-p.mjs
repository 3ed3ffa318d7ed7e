// eosjs-ecc 4.0.7: with recovery ids 2 and 3, an r + n of p and more is taken modulo p.
import ecc from "eosjs-ecc";

const r = "14551231950b75fc4402da1722fc9baef".padStart(64, "0"); // r + n = p + 1
const one = "01".padStart(64, "0");
let key;
try {
  key = ecc.Signature.fromHex(`1d${r}${one}`).recoverHash(Buffer.from(one, "hex")).toHex();
} catch (error) {
  key = `${error.name}: ${error.message}`;
}
console.log(`r + n = p + 1, s = 1, recovery id 2\ngives  ${key}\nshould an error`);
process.exit(/^0[23]/.test(key) ? 1 : 0);
