// @bitauth/libauth as a subject.
import { secp256k1 } from "@bitauth/libauth";
import { joined, serve, version } from "./adapter.mjs";

function recover({ digest, r, s, recovery_id }) {
  const given = secp256k1.recoverPublicKeyUncompressed(joined(r, s), recovery_id, digest);
  return typeof given === "string" ? { rejected: given } : given;
}

serve({ name: "libauth", version: version("@bitauth/libauth") }, { recover });
