// web3: `node web3.mjs` takes messages as hex, `node web3.mjs text` as text. Its function takes both as a string.
import { Web3 } from "web3";
import { getEncodedEip712Data } from "web3-eth-abi";
import { Common, TransactionFactory } from "web3-eth-accounts";
import { decimal, hex, integer, serve, text } from "./serve.mjs";
import { accessList, recipient } from "./transactions.mjs";
import { typedDataFormats } from "./typed-data.mjs";

const { accounts } = new Web3().eth;

function signed(type, f, fees) {
  const chain = { chainId: integer(f.chain_id), networkId: 1n };
  const transaction = {
    type,
    chainId: chain.chainId,
    nonce: integer(f.nonce),
    gasLimit: integer(f.gas),
    to: recipient(f.to, undefined),
    value: integer(f.value),
    data: hex(f.data),
    ...fees,
  };
  const common = Common.custom(chain, { hardfork: "london" });
  return TransactionFactory.fromTxData(transaction, { common }).getMessageToSign(true);
}
const access = (f) => accessList(f.access_list).map(([address, storageKeys]) => ({ address, storageKeys }));

const bytes = {
  "eip191.personal-sign": ({ message }) => accounts.hashMessage(hex(message)),
  "safe.eth-sign": ({ safe_tx_hash }) => accounts.hashMessage(hex(safe_tx_hash)),
  ...typedDataFormats((typedData) => getEncodedEip712Data(typedData, true), decimal),
  "eip155.transaction": (f) => signed("0x0", f, { gasPrice: integer(f.gas_price) }),
  "eip2930.transaction": (f) => signed("0x1", f, { gasPrice: integer(f.gas_price), accessList: access(f) }),
  "eip1559.transaction": (f) =>
    signed("0x2", f, {
      maxPriorityFeePerGas: integer(f.max_priority_fee_per_gas),
      maxFeePerGas: integer(f.max_fee_per_gas),
      accessList: access(f),
    }),
};

if (process.argv[2] === "text") {
  const strings = { "eip191.personal-sign": ({ message }) => accounts.hashMessage(text(message)) };
  await serve("web3", strings, { name: "web3-text" });
} else {
  await serve("web3", bytes);
}
