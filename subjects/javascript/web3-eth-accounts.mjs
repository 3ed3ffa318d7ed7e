// web3-eth-accounts as a subject.
import { recover as recoverAddress } from "web3-eth-accounts";
import { hex, serve, version } from "./adapter.mjs";

const recover = ({ digest, r, s, recovery_id }) => ({
  address: recoverAddress(hex(digest), hex([...r, ...s, recovery_id]), true),
});

const noble = version("web3-eth-accounts", "ethereum-cryptography", "@noble/curves");
serve(
  { name: "web3-eth-accounts", version: version("web3-eth-accounts"), code: "noble", code_version: noble },
  { recover, prehash: recover },
);
