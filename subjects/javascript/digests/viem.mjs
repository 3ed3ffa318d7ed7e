// viem: `node viem.mjs` takes messages as bytes, `node viem.mjs text` as strings.
import { getAddress, hashMessage, hashTypedData, keccak256, serializeTransaction } from "viem";
import { createSiweMessage } from "viem/siwe";
import { hashAuthorization } from "viem/utils";
import { hex, integer, number, serve, text } from "./serve.mjs";
import { date, signIn } from "./sign-in.mjs";
import { accessList, authorizations, hashes, recipient, uint } from "./transactions.mjs";
import { typedDataFormats } from "./typed-data.mjs";

const signed = (transaction) => keccak256(serializeTransaction(transaction));
const fields = (f) => ({
  chainId: number(f.chain_id),
  nonce: number(f.nonce),
  gas: integer(f.gas),
  to: recipient(f.to, null),
  value: integer(f.value),
  data: hex(f.data),
});
const fees = (f) => ({
  maxPriorityFeePerGas: integer(f.max_priority_fee_per_gas),
  maxFeePerGas: integer(f.max_fee_per_gas),
  accessList: access(f),
});
const access = (f) => accessList(f.access_list).map(([address, storageKeys]) => ({ address, storageKeys }));
const small = (bytes) => number(uint(bytes));
const authorization = ([chainId, address, nonce, yParity, r, s]) => ({
  chainId: small(chainId),
  address,
  nonce: small(nonce),
  yParity: small(yParity),
  r,
  s,
});

const bytes = {
  "eip191.personal-sign": ({ message }) => hashMessage({ raw: hex(message) }),
  "safe.eth-sign": ({ safe_tx_hash }) => hashMessage({ raw: hex(safe_tx_hash) }),
  ...typedDataFormats(hashTypedData),
  "eip155.transaction": (f) => signed({ type: "legacy", ...fields(f), gasPrice: integer(f.gas_price) }),
  "eip2930.transaction": (f) =>
    signed({ type: "eip2930", ...fields(f), gasPrice: integer(f.gas_price), accessList: access(f) }),
  "eip1559.transaction": (f) => signed({ type: "eip1559", ...fields(f), ...fees(f) }),
  "eip4844.transaction": (f) =>
    signed({
      type: "eip4844",
      ...fields(f),
      ...fees(f),
      maxFeePerBlobGas: integer(f.max_fee_per_blob_gas),
      blobVersionedHashes: hashes(f.blob_versioned_hashes),
      sidecars: false,
    }),
  "eip7702.transaction": (f) =>
    signed({
      type: "eip7702",
      ...fields(f),
      ...fees(f),
      authorizationList: authorizations(f.authorization_list).map(authorization),
    }),
  "eip7702.authorization": (f) =>
    hashAuthorization({ contractAddress: hex(f.delegate), chainId: number(f.chain_id), nonce: number(f.nonce) }),
  "eip4361.sign-in": (f) => hashMessage(createSiweMessage(signIn(f, { time: date, account: getAddress }))),
};

if (process.argv[2] === "text") {
  await serve("viem", { "eip191.personal-sign": ({ message }) => hashMessage(text(message)) }, { name: "viem-text" });
} else {
  await serve("viem", bytes);
}
