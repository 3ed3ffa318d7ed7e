// @trustwallet/wallet-core as a subject.
import walletCore from "@trustwallet/wallet-core";
import { serve, version } from "./adapter.mjs";

// Each rejection aborts, and leaves what it had on the instance's stack: after some 700 of them every call fails. Here
// a new instance takes over in time.
const ABORTS = 200;
let { PublicKey } = await walletCore.initWasm();
let aborts = 0;

async function recover({ digest, r, s, recovery_id }) {
  if (aborts === ABORTS) {
    ({ PublicKey } = await walletCore.initWasm());
    aborts = 0;
  }
  try {
    return PublicKey.recover(Uint8Array.of(...r, ...s, recovery_id), digest).data();
  } catch (error) {
    aborts += 1;
    throw error;
  }
}

serve({ name: "wallet-core", version: version("@trustwallet/wallet-core") }, { recover });
