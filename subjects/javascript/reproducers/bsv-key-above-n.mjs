// bsv 2.0.10: a valid signature of a key with a coordinate of n and more is refused. The key's y is p - 1 here.
import bsv from "bsv";

const { Bn, Ecdsa, Sig } = bsv;
const bytes = (hex) => Buffer.from(hex, "hex");
const [r, s] = [
  "9f109531c7887ebc2ba6a5f3a31d5b94f928a02d6227143f1221d9d36be4c9e6",
  "25bbb078e3980b857854f7d054a593f6279f39ea8d38b350fbd062374b4846d5",
].map((hex) => new Bn().fromBuffer(bytes(hex)));
const digest = bytes("0821d34e392850a64a52c6b250870bbc5aabb8832d4446fb22e050f63ec3ae92");
const right = "021fe1e5ef3fceb5c135ab7741333ce5a6e80d68167653f6b2b24bcbcfaaaff507";
let key;
try {
  key = Ecdsa.sig2PubKey(new Sig(r, s, undefined, 1), digest).toBuffer().toString("hex");
} catch (error) {
  key = `${error.name}: ${error.message}`;
}
console.log(`a valid signature, recovery id 1\ngives  ${key}\nshould ${right}`);
process.exit(key.endsWith(right.slice(2)) ? 0 : 1);
