// @bsv/sdk as a subject.
import { BigNumber, Signature } from "@bsv/sdk";
import { serve, version } from "./adapter.mjs";

const number = (data) => new BigNumber([...data]);

function recover({ digest, r, s, recovery_id }) {
  return new Signature(number(r), number(s)).RecoverPublicKey(recovery_id, number(digest)).toDER();
}

const arithmetic = { code: "bsv", code_version: version("@bsv/sdk") };
serve({ name: "bsv-sdk", version: version("@bsv/sdk"), ...arithmetic }, { recover, prehash: recover });
