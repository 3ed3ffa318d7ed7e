// @trustwallet/wallet-core as a subject.
import walletCore from "@trustwallet/wallet-core";
import { serve, version } from "./adapter.mjs";

const { PublicKey } = await walletCore.initWasm();

function recover({ digest, r, s, recovery_id }) {
  return PublicKey.recover(Uint8Array.of(...r, ...s, recovery_id), digest).data();
}

serve({ name: "wallet-core", version: version("@trustwallet/wallet-core") }, { recover });
