// CosmJS: @cosmjs/amino for ADR-36, @cosmjs/proto-signing for SIGN_MODE_DIRECT.
import * as amino from "@cosmjs/amino";
import * as direct from "@cosmjs/proto-signing";
import { sha256 } from "@cosmjs/crypto";
import { toBase64 } from "@cosmjs/encoding";
import { integer, serve, text } from "./serve.mjs";

await serve("@cosmjs/amino", {
  "cosmos.adr36": (f) => {
    const message = { type: "sign/MsgSignData", value: { signer: text(f.signer), data: toBase64(f.data) } };
    return sha256(amino.serializeSignDoc(amino.makeSignDoc([message], { gas: "0", amount: [] }, "", "", 0, 0)));
  },
  "cosmos.direct": ({ body, auth_info, chain_id, account_number }) =>
    sha256(direct.makeSignBytes(direct.makeSignDoc(body, auth_info, text(chain_id), integer(account_number)))),
}, { name: "cosmjs" });
