// @safe-global/protocol-kit.
import { calculateSafeTransactionHash } from "@safe-global/protocol-kit";
import { decimal, hex, integer, number, serve } from "./serve.mjs";

await serve("@safe-global/protocol-kit", {
  "safe.transaction": (f) =>
    calculateSafeTransactionHash(
      hex(f.safe),
      {
        to: hex(f.to),
        value: decimal(f.value),
        data: hex(f.data),
        operation: number(f.operation),
        safeTxGas: decimal(f.safe_tx_gas),
        baseGas: decimal(f.base_gas),
        gasPrice: decimal(f.gas_price),
        gasToken: hex(f.gas_token),
        refundReceiver: hex(f.refund_receiver),
        nonce: number(f.nonce),
      },
      "1.3.0",
      integer(f.chain_id),
    ),
}, { name: "safe-protocol-kit" });
