// @metamask/eth-sig-util, MetaMask's typed data and authorizations. Of a personal message it returns the signature only.
import { hashEIP7702Authorization, SignTypedDataVersion, TypedDataUtils } from "@metamask/eth-sig-util";
import { decimal, hex, number, serve } from "./serve.mjs";
import { typedDataFormats } from "./typed-data.mjs";

await serve("@metamask/eth-sig-util", {
  ...typedDataFormats((typedData) => TypedDataUtils.eip712Hash(typedData, SignTypedDataVersion.V4), decimal),
  "eip7702.authorization": (f) =>
    hashEIP7702Authorization([number(f.chain_id), hex(f.delegate), number(f.nonce)]),
}, { name: "eth-sig-util" });
