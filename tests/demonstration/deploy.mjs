// Deploys Registry.sol for a KMS root and a purpose, and prints its address: deploy.mjs NODE ROOT PURPOSE
//
// Before that it sees that the registry refuses to be deployed without a root.

import { BaseError, decodeErrorResult, encodeDeployData, getAddress, stringToHex, zeroAddress } from "viem";
import { abi, bytecode, connect, main } from "./registry.mjs";

await main(async ([url, root, purpose]) => {
  const { node, wallet } = connect(url);
  try {
    await node.call({ data: encodeDeployData({ abi, bytecode, args: [zeroAddress, stringToHex(purpose)] }) });
    throw new Error("the registry can be deployed without a root");
  } catch (error) {
    const data = error instanceof BaseError && error.walk((cause) => typeof cause.data === "string")?.data;
    if (!data) throw error;
    const { errorName } = decodeErrorResult({ abi, data });
    if (errorName !== "ZeroRoot") throw new Error(`without a root: ${errorName}, must be ZeroRoot`);
    console.log(`no root     ${errorName}()`);
  }
  const hash = await wallet.deployContract({ abi, bytecode, args: [root, stringToHex(purpose)] });
  const { contractAddress } = await node.waitForTransactionReceipt({ hash, timeout: 20_000 });
  console.log(`registry    ${getAddress(contractAddress)}`);
});
