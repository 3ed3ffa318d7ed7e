// The fields of a sign-in (EIP-4361) as the members that libraries take.
import { hex, number, text, Unsupported } from "./serve.mjs";

const lines = /^(?:\nExpiration Time: (.+))?(?:\nNot Before: (.+))?(?:\nRequest ID: (.*))?(\nResources:(?:\n- .+)*)?$/;

/** `time` makes a time out of its text, `account` an address out of its 20 bytes. */
export function signIn(f, { time, account }) {
  const [whole, expirationTime, notBefore, requestId, resources] = text(f.more).match(lines) ?? [];
  if (whole === undefined) throw new Unsupported("the interface takes no other optional lines");
  const [, scheme, domain] = text(f.domain).match(/^(?:(.*):\/\/)?([^]*)$/);
  const chainId = number(f.chain_id);
  if (String(chainId) !== f.chain_id.toString()) throw new Unsupported("the interface takes a number, which has no leading zeros");
  return {
    scheme,
    domain,
    address: account(hex(f.account)),
    statement: text(f.statement),
    uri: text(f.uri),
    version: "1",
    chainId,
    nonce: text(f.nonce),
    issuedAt: time(text(f.issued_at)),
    expirationTime: expirationTime && time(expirationTime),
    notBefore: notBefore && time(notBefore),
    requestId,
    resources: resources?.split("\n- ").slice(1),
  };
}

/** For a library that takes times as Date. */
export function date(time) {
  const at = new Date(time);
  if (Number.isNaN(at.getTime()) || at.toISOString() !== time) throw new Unsupported("a Date is written in one way only");
  return at;
}
