// ethers as a subject: `6` or `5`, its major version. v is a parity or 27 and a parity, so that ids 2 and 3 cannot be
// said.
import { hex, serve, version, Unsupported } from "./adapter.mjs";

const major = process.argv[2];
const folder = major === "6" ? "ethers" : `ethers-${major}`;
const ethers = await import(folder);
const recoverPublicKey = major === "6" ? ethers.SigningKey.recoverPublicKey : ethers.utils.recoverPublicKey;

function recover({ digest, r, s, recovery_id }) {
  if (recovery_id === 2 || recovery_id === 3) throw new Unsupported("a parity");
  return recoverPublicKey(hex(digest), hex([...r, ...s, recovery_id]));
}

const arithmetic = {
  6: { code: "noble", code_version: version("ethers", "@noble/curves") },
  5: { code: "elliptic", code_version: version("ethers-5", "@ethersproject/signing-key", "elliptic") },
};
// 5 takes a digest of any length.
const operations = major === "6" ? { recover } : { recover, prehash: recover };
// What it throws itself has a code: a TypeError too.
const isRejection = (error) => "code" in error || !(error instanceof TypeError);
serve({ name: `ethers-${major}`, version: version(folder), ...arithmetic[major] }, { ...operations, isRejection });
