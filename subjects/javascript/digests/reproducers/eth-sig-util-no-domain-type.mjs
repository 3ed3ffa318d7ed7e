// @metamask/eth-sig-util 9.0.0: where the types have no EIP712Domain, the domain is not hashed.
import { SignTypedDataVersion, TypedDataUtils } from "@metamask/eth-sig-util";
import { hashTypedData } from "viem";

const order = (chainId) => ({
  types: { Order: [{ name: "id", type: "uint8" }] },
  primaryType: "Order",
  domain: { name: "d", chainId },
  message: { id: 7 },
});
const metamask = (chainId) => "0x" + TypedDataUtils.eip712Hash(order(chainId), SignTypedDataVersion.V4).toString("hex");
console.log(`chain 1\nMetaMask hashes ${metamask(1)}\nviem hashes     ${hashTypedData(order(1))}`);
console.log(`chain 2\nMetaMask hashes ${metamask(2)}\nviem hashes     ${hashTypedData(order(2))}`);
process.exit(metamask(1) === hashTypedData(order(1)) ? 0 : 1);
