// @metamask/eth-sig-util 9.0.0 and ox 1.8.3: a struct with a $ in its name, which Solidity allows, is left out of the type.
import { SignTypedDataVersion, TypedDataUtils } from "@metamask/eth-sig-util";
import { TypedData } from "ox";
import { hashTypedData } from "viem";

const types = {
  EIP712Domain: [{ name: "name", type: "string" }],
  Order: [{ name: "by", type: "Person$" }],
  Person$: [{ name: "age", type: "uint8" }],
};
const order = { types, primaryType: "Order", domain: { name: "d" }, message: { by: { age: 7 } } };

const right = "0xb010482a0e846576a896becf7cc263f76a3319b4c7f033170313ccb502d723e0"; // over Order(Person$ by)Person$(uint8 age)
const metamask = "0x" + TypedDataUtils.eip712Hash(order, SignTypedDataVersion.V4).toString("hex");
const ox = TypedData.getSignPayload(order);
console.log(`MetaMask's type ${TypedDataUtils.encodeType("Order", types)}`);
console.log(`MetaMask hashes ${metamask}\nox hashes       ${ox}\nviem hashes     ${hashTypedData(order)}\nshould be       ${right}`);
process.exit(metamask === right && ox === right ? 0 : 1);
