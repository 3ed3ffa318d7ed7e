// @bsv/sdk as a subject: `2`, or the first numbers of an old release, `1.0`.
import { serve, version } from "./adapter.mjs";

const release = process.argv[2];
const folder = release === "2" ? "@bsv/sdk" : `bsv-sdk-${release}`;
const { BigNumber, Signature } = await import(folder);

const number = (data) => new BigNumber([...data]);

function recover({ digest, r, s, recovery_id }) {
  return new Signature(number(r), number(s)).RecoverPublicKey(recovery_id, number(digest)).toDER();
}

const arithmetic = { code: "bsv", code_version: version(folder) };
serve({ name: `bsv-sdk-${release}`, version: version(folder), ...arithmetic }, { recover, prehash: recover });
