// The registry on a node, as viem asks it.

import { readFileSync } from "node:fs";
import { BaseError, ContractFunctionRevertedError, createPublicClient, createWalletClient, http } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { foundry } from "viem/chains";

const artifact = new URL("../../src/dstack/registry/artifact.json", import.meta.url);
export const { abi, bytecode } = JSON.parse(readFileSync(artifact, "utf8"));

// The first account of a development node: everybody has its key.
const account = mnemonicToAccount("test test test test test test test test test test test junk");

export function connect(url) {
  const transport = http(url, { timeout: 10_000, retryCount: 0 });
  return {
    node: createPublicClient({ chain: foundry, transport, pollingInterval: 20 }),
    wallet: createWalletClient({ account, chain: foundry, transport }),
  };
}

// A proof as the registry's struct, of one as ecrecheck writes it.
export const asStruct = (proof) => ({
  appId: proof.app_id,
  purpose: proof.purpose,
  appKey: proof.app_key,
  derivedKey: proof.derived_key,
  claimSignature: proof.claim_signature,
  issuedSignature: proof.issued_signature,
});

const call = (address, proof) => ({
  address,
  abi,
  functionName: "registerInstanceWithProof",
  args: [asStruct(proof)],
  account,
});

// Sends the proof as a transaction. The gas is given, so that one that reverts is mined too.
export async function register({ node, wallet }, address, proof) {
  const hash = await wallet.writeContract({ ...call(address, proof), gas: 1_000_000n });
  return node.waitForTransactionReceipt({ hash, timeout: 20_000 });
}

// The custom error by which the registry refuses a proof; null if it does not.
export async function refusal({ node }, address, proof) {
  try {
    await node.simulateContract(call(address, proof));
    return null;
  } catch (error) {
    const reverted = error instanceof BaseError && error.walk((cause) => cause instanceof ContractFunctionRevertedError);
    if (!reverted?.data) throw error;
    return { name: reverted.data.errorName, args: reverted.data.args ?? [] };
  }
}

// A hash of all that a contract has stored.
export const storage = async ({ node }, address) => (await node.getProof({ address, storageKeys: [] })).storageHash;

// Ends the program with a line, whatever went wrong.
export async function main(run) {
  try {
    await run(process.argv.slice(2));
  } catch (error) {
    console.error(`error: ${error.shortMessage ?? error.message}`);
    process.exitCode = 1;
  }
}
