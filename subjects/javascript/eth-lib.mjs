// eth-lib as a subject: v is a parity or 27 and a parity, so that ids 2 and 3 cannot be said.
import account from "eth-lib/lib/account.js";
import { hex, serve, version, Unsupported } from "./adapter.mjs";

function recover({ digest, r, s, recovery_id }) {
  if (recovery_id === 2 || recovery_id === 3) throw new Unsupported("a parity");
  return { address: account.recover(hex(digest), hex([...r, ...s, recovery_id])) };
}

serve(
  { name: "eth-lib", version: version("eth-lib"), code: "elliptic", code_version: version("eth-lib", "elliptic") },
  { recover, prehash: recover },
);
