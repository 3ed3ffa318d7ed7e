// The fields of a transaction that are lists in RLP, as lists of hex.
import { RLP } from "@ethereumjs/rlp";
import { hex, Unsupported } from "./serve.mjs";

const shown = (item) => (Array.isArray(item) ? item.map(shown) : hex(item));
const isHex = (item) => typeof item === "string";
const isList = (item, length) => Array.isArray(item) && (length === undefined || item.length === length);

function list(rlp, isEntry) {
  try {
    const items = RLP.decode(rlp);
    if (rlp.equals(RLP.encode(items)) && isList(items) && shown(items).every(isEntry)) return shown(items);
  } catch {
    // no RLP
  }
  throw new Unsupported("the interface takes a list, and these bytes are not its RLP");
}

/** Entries of an address and its storage keys. */
export const accessList = (rlp) =>
  list(rlp, (entry) => isList(entry, 2) && isHex(entry[0]) && isList(entry[1]) && entry[1].every(isHex));

export const hashes = (rlp) => list(rlp, isHex);

/** Entries of chain id, address, nonce, y parity, r and s; each number without leading zeros, as interfaces take it. */
export const authorizations = (rlp) =>
  list(rlp, (entry) => isList(entry, 6) && entry.every((item, i) => isHex(item) && (i === 1 || !item.startsWith("0x00"))));

/** An address, or what the library takes for none. */
export const recipient = (to, none) => (to.length === 0 ? none : hex(to));

export const uint = (bytes) => BigInt(bytes === "0x" ? 0 : bytes);
