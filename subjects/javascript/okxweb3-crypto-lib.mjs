// @okxweb3/crypto-lib as a subject: it has its own copy of elliptic.
import { signUtil } from "@okxweb3/crypto-lib";
import { joined, serve, version } from "./adapter.mjs";

const recover = ({ digest, r, s, recovery_id }) =>
  signUtil.secp256k1.recover(Buffer.from(joined(r, s)), recovery_id, Buffer.from(digest), false);

serve({ name: "okxweb3-crypto-lib", version: version("@okxweb3/crypto-lib") }, { recover, prehash: recover });
