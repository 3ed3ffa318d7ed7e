// @ethereumjs/util and ethereumjs-util as subjects: `10` or `7`, the major version. v is a parity or 27 and a parity,
// so that ids 2 and 3 cannot be said.
import { serve, version, Unsupported } from "./adapter.mjs";

const major = process.argv[2];
const folder = major === "10" ? "@ethereumjs/util" : "ethereumjs-util";
const { ecrecover } = await import(folder);

const calls = {
  10: ({ digest, r, s, recovery_id }) => ecrecover(digest, BigInt(recovery_id), r, s),
  7: ({ digest, r, s, recovery_id }) => ecrecover(digest, recovery_id, Buffer.from(r), Buffer.from(s)),
};

function recover(question) {
  if (question.recovery_id === 2 || question.recovery_id === 3) throw new Unsupported("a parity");
  return calls[major](question);
}

// What 7 runs is libsecp256k1, compiled in the package secp256k1, or elliptic where there is no such file.
const noble = major === "10" && { code: "noble", code_version: version("@ethereumjs/util", "@noble/curves") };
serve({ name: `ethereumjs-util-${major}`, version: version(folder), ...noble }, { recover });
