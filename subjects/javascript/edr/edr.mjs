// EDR, Hardhat's node, over HTTP on loopback, as Hardhat serves it: `node edr.mjs PORT`.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import {
  ContractDecoder, EdrContext, L1_CHAIN_TYPE, MineOrdering, l1GenesisState, l1HardforkLatest, l1HardforkToString,
  l1ProviderFactory,
} from "@nomicfoundation/edr";

const manifest = new URL("node_modules/@nomicfoundation/edr/package.json", import.meta.url);
const { version } = JSON.parse(readFileSync(manifest));

const hardfork = l1HardforkLatest();
const context = new EdrContext();
await context.registerProviderFactory(L1_CHAIN_TYPE, l1ProviderFactory());
const provider = await context.createProvider(
  L1_CHAIN_TYPE,
  {
    allowBlocksWithSameTimestamp: false,
    allowUnlimitedContractSize: false,
    bailOnCallFailure: true,
    bailOnTransactionFailure: true,
    chainId: 31337n,
    coinbase: new Uint8Array(20),
    defaultTransactionGasLimit: 16_000_000n,
    genesisState: l1GenesisState(hardfork),
    hardfork: l1HardforkToString(hardfork),
    initialBaseFeePerGas: 0n,
    initialParentBeaconBlockRoot: new Uint8Array(32),
    minGasPrice: 0n,
    mining: { autoMine: true, memPool: { order: MineOrdering.Priority } },
    network: { genesisBlockGasLimit: 1_000_000_000n },
    networkId: 31337n,
    observability: {},
    ownedAccounts: [],
    precompileOverrides: [],
    transactionGasCap: false,
  },
  { enable: false, decodeConsoleLogInputsCallback: () => [], printLineCallback: () => {} },
  { subscriptionCallback: () => {} },
  new ContractDecoder(),
);

// EDR answers with what goes into a response. It says the version of its crate, which is not the package's.
async function answer(request) {
  const { data } = await provider.handleRequest(JSON.stringify(request));
  const said = typeof data === "string" ? JSON.parse(data) : data;
  if (request.method === "web3_clientVersion") said.result = `edr/${version}/${said.result}`;
  return { jsonrpc: "2.0", id: request.id, ...said };
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const asked = JSON.parse(Buffer.concat(chunks).toString());
  const said = Array.isArray(asked) ? await Promise.all(asked.map(answer)) : await answer(asked);
  response.setHeader("content-type", "application/json").end(JSON.stringify(said));
});
server.listen(Number(process.argv[2]), "127.0.0.1");
