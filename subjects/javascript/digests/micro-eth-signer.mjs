// micro-eth-signer: `node micro-eth-signer.mjs` takes messages as bytes, `node micro-eth-signer.mjs text` as strings.
import { authorization, eip191Signer, Transaction } from "micro-eth-signer";
import { sigHash } from "./node_modules/micro-eth-signer/core/message.js"; // what signTyped signs
import { hex, integer, serve, text } from "./serve.mjs";
import { accessList, authorizations, hashes, recipient, uint } from "./transactions.mjs";
import { typedDataFormats } from "./typed-data.mjs";

function signed(type, f, members) {
  const raw = {
    chainId: integer(f.chain_id),
    nonce: integer(f.nonce),
    gasLimit: integer(f.gas),
    to: recipient(f.to, "0x"),
    value: integer(f.value),
    data: hex(f.data),
    ...members,
  };
  return new Transaction(type, raw, { strict: false }).calcHash(false); // it is private in TypeScript only
}
const fees = (f) => ({
  maxPriorityFeePerGas: integer(f.max_priority_fee_per_gas),
  maxFeePerGas: integer(f.max_fee_per_gas),
  accessList: access(f),
});
const access = (f) => accessList(f.access_list).map(([address, storageKeys]) => ({ address, storageKeys }));
const entry = ([chainId, address, nonce, yParity, r, s]) => ({
  chainId: uint(chainId),
  address,
  nonce: uint(nonce),
  yParity: Number(uint(yParity)),
  r: uint(r),
  s: uint(s),
});

const bytes = {
  "eip191.personal-sign": ({ message }) => eip191Signer.getHash(message),
  "safe.eth-sign": ({ safe_tx_hash }) => eip191Signer.getHash(safe_tx_hash),
  ...typedDataFormats(sigHash),
  "eip155.transaction": (f) => signed("legacy", f, { gasPrice: integer(f.gas_price) }),
  "eip2930.transaction": (f) => signed("eip2930", f, { gasPrice: integer(f.gas_price), accessList: access(f) }),
  "eip1559.transaction": (f) => signed("eip1559", f, fees(f)),
  "eip4844.transaction": (f) =>
    signed("eip4844", f, {
      ...fees(f),
      maxFeePerBlobGas: integer(f.max_fee_per_blob_gas),
      blobVersionedHashes: hashes(f.blob_versioned_hashes),
    }),
  "eip7702.transaction": (f) =>
    signed("eip7702", f, { ...fees(f), authorizationList: authorizations(f.authorization_list).map(entry) }),
  "eip7702.authorization": (f) =>
    authorization.getHash({ chainId: integer(f.chain_id), address: hex(f.delegate), nonce: integer(f.nonce) }),
};

if (process.argv[2] === "text") {
  const strings = { "eip191.personal-sign": ({ message }) => eip191Signer.getHash(text(message)) };
  await serve("micro-eth-signer", strings, { name: "micro-eth-signer-text" });
} else {
  await serve("micro-eth-signer", bytes);
}
