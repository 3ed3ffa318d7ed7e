// Known formats that are EIP-712, as the objects that libraries take for typed data.
import { hex, integer, text, Unsupported } from "./serve.mjs";

const members = (list) =>
  list.split(", ").map((member) => {
    const [type, name] = member.split(" ");
    return { name, type };
  });

const domains = {
  chain: members("uint256 chainId, address verifyingContract"),
  named: members("string name, uint256 chainId, address verifyingContract"),
  versioned: members("string name, string version, uint256 chainId, address verifyingContract"),
};

const permit = members("address owner, address spender, uint256 value, uint256 nonce, uint256 deadline");
const permitSingle = members("PermitDetails details, address spender, uint256 sigDeadline");
const permitDetails = members("address token, uint160 amount, uint48 expiration, uint48 nonce");
const safeTx = members(
  "address to, uint256 value, bytes data, uint8 operation, uint256 safeTxGas, uint256 baseGas, uint256 gasPrice, address gasToken, address refundReceiver, uint256 nonce",
);

function parse(json) {
  const numbers = json.replace(/"(?:[^"\\]|\\.)*"/g, "").match(/-?\d[\d.eE+-]*/g) ?? [];
  if (numbers.every((number) => Number.isSafeInteger(Number(number)))) return JSON.parse(json);
  throw new Unsupported("JSON.parse rounds a number above 2^53 - 1, before the library sees it");
}

/** The formats for a library that hashes typed data; `uint` makes its integers out of a field's digits. */
export function typedDataFormats(hash, uint = integer) {
  return {
    "eip712.typed-data-json": ({ json }) => hash(parse(text(json))),
    "erc2612.permit": (f) =>
      hash({
        types: { EIP712Domain: domains.versioned, Permit: permit },
        primaryType: "Permit",
        domain: {
          name: text(f.token_name),
          version: text(f.token_version),
          chainId: uint(f.chain_id),
          verifyingContract: hex(f.token),
        },
        message: {
          owner: hex(f.owner),
          spender: hex(f.spender),
          value: uint(f.value),
          nonce: uint(f.nonce),
          deadline: uint(f.deadline),
        },
      }),
    "permit2.permit-single": (f) =>
      hash({
        types: { EIP712Domain: domains.named, PermitSingle: permitSingle, PermitDetails: permitDetails },
        primaryType: "PermitSingle",
        domain: { name: "Permit2", chainId: uint(f.chain_id), verifyingContract: hex(f.permit2) },
        message: {
          details: {
            token: hex(f.token),
            amount: uint(f.amount),
            expiration: uint(f.expiration),
            nonce: uint(f.nonce),
          },
          spender: hex(f.spender),
          sigDeadline: uint(f.sig_deadline),
        },
      }),
    "safe.transaction": (f) =>
      hash({
        types: { EIP712Domain: domains.chain, SafeTx: safeTx },
        primaryType: "SafeTx",
        domain: { chainId: uint(f.chain_id), verifyingContract: hex(f.safe) },
        message: {
          to: hex(f.to),
          value: uint(f.value),
          data: hex(f.data),
          operation: uint(f.operation),
          safeTxGas: uint(f.safe_tx_gas),
          baseGas: uint(f.base_gas),
          gasPrice: uint(f.gas_price),
          gasToken: hex(f.gas_token),
          refundReceiver: hex(f.refund_receiver),
          nonce: uint(f.nonce),
        },
      }),
  };
}
