// ethers 5: `node ethers-5.mjs` takes messages as bytes, `node ethers-5.mjs text` as strings.
import ethers from "ethers-5";
import { decimal, hex, number, serve, text, Unsupported } from "./serve.mjs";
import { accessList, recipient } from "./transactions.mjs";
import { typedDataFormats } from "./typed-data.mjs";

const { _TypedDataEncoder, hashMessage, keccak256, serializeTransaction } = ethers.utils;

function hashTypedData({ types: { EIP712Domain, ...types }, primaryType, domain, message }) {
  const isPrimary = primaryType in types && _TypedDataEncoder.from(types).primaryType === primaryType;
  if (!isPrimary) throw new Unsupported("the interface takes no primary type");
  const payload = _TypedDataEncoder.getPayload(domain, types, message);
  if (EIP712Domain && JSON.stringify(payload.types.EIP712Domain) !== JSON.stringify(EIP712Domain)) {
    throw new Unsupported("the interface takes no type of the domain");
  }
  return _TypedDataEncoder.hash(domain, types, message);
}

const big = (digits) => ethers.BigNumber.from(decimal(digits));
const signed = (transaction) => keccak256(serializeTransaction(transaction));
const fields = (f) => ({
  chainId: number(f.chain_id),
  nonce: number(f.nonce),
  gasLimit: big(f.gas),
  to: recipient(f.to, undefined),
  value: big(f.value),
  data: hex(f.data),
});

const bytes = {
  "eip191.personal-sign": ({ message }) => hashMessage(message),
  "safe.eth-sign": ({ safe_tx_hash }) => hashMessage(safe_tx_hash),
  ...typedDataFormats(hashTypedData, decimal),
  "eip155.transaction": (f) => signed({ ...fields(f), gasPrice: big(f.gas_price) }),
  "eip2930.transaction": (f) =>
    signed({ type: 1, ...fields(f), gasPrice: big(f.gas_price), accessList: accessList(f.access_list) }),
  "eip1559.transaction": (f) =>
    signed({
      type: 2,
      ...fields(f),
      maxPriorityFeePerGas: big(f.max_priority_fee_per_gas),
      maxFeePerGas: big(f.max_fee_per_gas),
      accessList: accessList(f.access_list),
    }),
};

if (process.argv[2] === "text") {
  const strings = { "eip191.personal-sign": ({ message }) => hashMessage(text(message)) };
  await serve("ethers-5", strings, { name: "ethers-5-text" });
} else {
  await serve("ethers-5", bytes);
}
