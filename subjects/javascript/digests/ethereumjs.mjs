// @ethereumjs/tx.
import { createCustomCommon, Mainnet } from "@ethereumjs/common";
import { createTx } from "@ethereumjs/tx";
import { hex, integer, number, serve } from "./serve.mjs";
import { accessList, authorizations, hashes, recipient } from "./transactions.mjs";

function signed(type, f, members) {
  const customCrypto = { kzg: {} }; // it wants one for blobs, and of blobs it gets the hashes only
  const common = createCustomCommon({ chainId: number(f.chain_id) }, Mainnet, { hardfork: "prague", customCrypto });
  const transaction = {
    type,
    nonce: integer(f.nonce),
    gasLimit: integer(f.gas),
    to: recipient(f.to, undefined),
    value: integer(f.value),
    data: hex(f.data),
    ...members,
  };
  const chainId = type === 0 ? {} : { chainId: integer(f.chain_id) };
  // What a chain limits is no question of digests.
  const options = { common, allowUnlimitedInitCodeSize: true };
  return createTx({ ...transaction, ...chainId }, options).getHashedMessageToSign();
}
const fees = (f) => ({
  maxPriorityFeePerGas: integer(f.max_priority_fee_per_gas),
  maxFeePerGas: integer(f.max_fee_per_gas),
  accessList: access(f),
});
const access = (f) => accessList(f.access_list).map(([address, storageKeys]) => ({ address, storageKeys }));
const authorization = ([chainId, address, nonce, yParity, r, s]) => ({ chainId, address, nonce, yParity, r, s });

await serve("@ethereumjs/tx", {
  "eip155.transaction": (f) => signed(0, f, { gasPrice: integer(f.gas_price) }),
  "eip2930.transaction": (f) => signed(1, f, { gasPrice: integer(f.gas_price), accessList: access(f) }),
  "eip1559.transaction": (f) => signed(2, f, fees(f)),
  "eip4844.transaction": (f) =>
    signed(3, f, {
      ...fees(f),
      maxFeePerBlobGas: integer(f.max_fee_per_blob_gas),
      blobVersionedHashes: hashes(f.blob_versioned_hashes),
    }),
  "eip7702.transaction": (f) =>
    signed(4, f, { ...fees(f), authorizationList: authorizations(f.authorization_list).map(authorization) }),
}, { name: "ethereumjs-tx" });
