// @bsv/sdk as a subject.
import { BigNumber, Signature } from "@bsv/sdk";
import { serve, version } from "./adapter.mjs";

const number = (data) => new BigNumber([...data]);

function recover({ digest, r, s, recovery_id }) {
  return new Signature(number(r), number(s)).RecoverPublicKey(recovery_id, number(digest)).toDER();
}

serve({ name: "bsv-sdk", version: version("@bsv/sdk"), code: "bsv", code_version: version("@bsv/sdk") }, { recover, prehash: recover });
