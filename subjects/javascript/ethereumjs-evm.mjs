// @ethereumjs/evm as a subject: calls of its precompile.
import { createEVM } from "@ethereumjs/evm";
import { createAddressFromString } from "@ethereumjs/util";
import { hex, serve, version } from "./adapter.mjs";

const evm = await createEVM();
const to = createAddressFromString("0x0000000000000000000000000000000000000001");

async function call({ calldata, gas }) {
  const { execResult } = await evm.runCall({ to, data: calldata, gasLimit: BigInt(gas) });
  const { returnValue, exceptionError, executionGasUsed } = execResult;
  return { returndata: hex(returnValue), success: !exceptionError, gas_used: Number(executionGasUsed) };
}

const arithmetic = { code: "noble", code_version: version("@ethereumjs/evm", "@ethereumjs/util", "@noble/curves") };
serve({ name: "ethereumjs-evm", version: version("@ethereumjs/evm"), ...arithmetic }, { call });
