// ethers 6: `node ethers-6.mjs` takes messages as bytes, `node ethers-6.mjs text` as strings.
import { hashAuthorization, hashMessage, Transaction, TypedDataEncoder } from "ethers";
import { hex, integer, number, serve, text, Unsupported } from "./serve.mjs";
import { accessList, authorizations, hashes, recipient, uint } from "./transactions.mjs";
import { typedDataFormats } from "./typed-data.mjs";

function hashTypedData({ types: { EIP712Domain, ...types }, primaryType, domain, message }) {
  const isPrimary = primaryType in types && TypedDataEncoder.from(types).primaryType === primaryType;
  if (!isPrimary) throw new Unsupported("the interface takes no primary type");
  const payload = TypedDataEncoder.getPayload(domain, types, message);
  if (EIP712Domain && JSON.stringify(payload.types.EIP712Domain) !== JSON.stringify(EIP712Domain)) {
    throw new Unsupported("the interface takes no type of the domain");
  }
  return TypedDataEncoder.hash(domain, types, message);
}

const signed = (transaction) => Transaction.from(transaction).unsignedHash;
const fields = (f) => ({
  chainId: integer(f.chain_id),
  nonce: number(f.nonce),
  gasLimit: integer(f.gas),
  to: recipient(f.to, null),
  value: integer(f.value),
  data: hex(f.data),
});
const fees = (f) => ({
  maxPriorityFeePerGas: integer(f.max_priority_fee_per_gas),
  maxFeePerGas: integer(f.max_fee_per_gas),
  accessList: accessList(f.access_list),
});
const authorization = ([chainId, address, nonce, yParity, r, s]) => ({
  chainId: uint(chainId),
  address,
  nonce: uint(nonce),
  signature: { yParity: Number(uint(yParity)), r: padded(r), s: padded(s) },
});
const padded = (scalar) => "0x" + scalar.slice(2).padStart(64, "0");

const bytes = {
  "eip191.personal-sign": ({ message }) => hashMessage(message),
  "safe.eth-sign": ({ safe_tx_hash }) => hashMessage(safe_tx_hash),
  ...typedDataFormats(hashTypedData),
  "eip155.transaction": (f) => signed({ type: 0, ...fields(f), gasPrice: integer(f.gas_price) }),
  "eip2930.transaction": (f) =>
    signed({ type: 1, ...fields(f), gasPrice: integer(f.gas_price), accessList: accessList(f.access_list) }),
  "eip1559.transaction": (f) => signed({ type: 2, ...fields(f), ...fees(f) }),
  "eip4844.transaction": (f) =>
    signed({
      type: 3,
      ...fields(f),
      ...fees(f),
      maxFeePerBlobGas: integer(f.max_fee_per_blob_gas),
      blobVersionedHashes: hashes(f.blob_versioned_hashes),
    }),
  "eip7702.transaction": (f) =>
    signed({
      type: 4,
      ...fields(f),
      ...fees(f),
      authorizationList: authorizations(f.authorization_list).map(authorization),
    }),
  "eip7702.authorization": (f) =>
    hashAuthorization({ address: hex(f.delegate), chainId: integer(f.chain_id), nonce: integer(f.nonce) }),
};

const strings = { "eip191.personal-sign": ({ message }) => hashMessage(text(message)) };
const asText = process.argv[2] === "text";
await serve("ethers", asText ? strings : bytes, {
  name: asText ? "ethers-6-text" : "ethers-6",
  rejects: (error) => "shortMessage" in error, // its own errors are TypeError and RangeError too
});
