// TronWeb: `node tronweb.mjs` takes messages as bytes, `node tronweb.mjs text` as strings.
import { Trx, utils } from "tronweb";
import { hex, number, serve, text } from "./serve.mjs";

// signString returns the signature only: the digest is what it hands to the key.
const { SigningKey } = utils.ethersUtils;
let handed;
SigningKey.prototype.sign = function (digest) {
  handed = digest;
  return { r: "0x", s: "0x", v: 27 };
};

const digits = (bytes) => bytes.toString("hex");
function transfer(f) {
  const raw_data = {
    ref_block_bytes: digits(f.ref_block_bytes),
    ref_block_hash: digits(f.ref_block_hash),
    expiration: number(f.expiration),
    timestamp: number(f.timestamp),
    fee_limit: number(f.fee_limit),
    contract: [
      {
        type: "TransferContract",
        parameter: { value: { owner_address: digits(f.owner), to_address: digits(f.to), amount: number(f.amount) } },
      },
    ],
  };
  return utils.transaction.txPbToTxID(utils.transaction.txJsonToPb({ raw_data }));
}

if (process.argv[2] === "text") {
  const strings = { "tron.v2": ({ message }) => utils.message.hashMessage(text(message)) };
  await serve("tronweb", strings, { name: "tronweb-text" });
} else {
  await serve("tronweb", {
    "tron.v1": ({ message }) => {
      Trx.signString(digits(message), "1".repeat(64));
      return handed;
    },
    "tron.v2": ({ message }) => utils.message.hashMessage([...message]),
    "tron.transfer": transfer,
  });
}
