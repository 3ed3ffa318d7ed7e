// ox, which takes messages as hex.
import {
  Address,
  Authorization,
  Hex,
  PersonalMessage,
  Siwe,
  TxEnvelopeEip1559,
  TxEnvelopeEip2930,
  TxEnvelopeEip4844,
  TxEnvelopeEip7702,
  TxEnvelopeLegacy,
  TypedData,
} from "ox";
import { hex, integer, number, serve } from "./serve.mjs";
import { date, signIn } from "./sign-in.mjs";
import { accessList, authorizations, hashes, recipient, uint } from "./transactions.mjs";
import { typedDataFormats } from "./typed-data.mjs";

const signed = (envelope, transaction) => envelope.getSignPayload(envelope.from(transaction));
const fields = (f) => ({
  chainId: number(f.chain_id),
  nonce: integer(f.nonce),
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
const authorization = ([chainId, address, nonce, yParity, r, s]) => ({
  chainId: number(uint(chainId)),
  address,
  nonce: uint(nonce),
  yParity: number(uint(yParity)),
  r: Hex.padLeft(r, 32),
  s: Hex.padLeft(s, 32),
});

await serve("ox", {
  "eip191.personal-sign": ({ message }) => PersonalMessage.getSignPayload(hex(message)),
  "safe.eth-sign": ({ safe_tx_hash }) => PersonalMessage.getSignPayload(hex(safe_tx_hash)),
  ...typedDataFormats(TypedData.getSignPayload),
  "eip155.transaction": (f) => signed(TxEnvelopeLegacy, { ...fields(f), gasPrice: integer(f.gas_price) }),
  "eip2930.transaction": (f) =>
    signed(TxEnvelopeEip2930, { ...fields(f), gasPrice: integer(f.gas_price), accessList: access(f) }),
  "eip1559.transaction": (f) => signed(TxEnvelopeEip1559, { ...fields(f), ...fees(f) }),
  "eip4844.transaction": (f) =>
    signed(TxEnvelopeEip4844, {
      ...fields(f),
      ...fees(f),
      maxFeePerBlobGas: integer(f.max_fee_per_blob_gas),
      blobVersionedHashes: hashes(f.blob_versioned_hashes),
    }),
  "eip7702.transaction": (f) =>
    signed(TxEnvelopeEip7702, {
      ...fields(f),
      ...fees(f),
      authorizationList: authorizations(f.authorization_list).map(authorization),
    }),
  "eip7702.authorization": (f) =>
    Authorization.getSignPayload({ address: hex(f.delegate), chainId: number(f.chain_id), nonce: integer(f.nonce) }),
  "eip4361.sign-in": (f) => {
    const message = Siwe.createMessage(signIn(f, { time: date, account: Address.checksum }));
    return PersonalMessage.getSignPayload(Hex.fromString(message));
  },
});
