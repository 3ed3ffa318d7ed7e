// What the adapters of this folder share: the loop of docs/protocol.md for the operation `digest`, and readings of a field.
import { AssertionError } from "node:assert";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** The library's interface cannot express this question. */
export class Unsupported extends Error {}

export const hex = (bytes) => "0x" + Buffer.from(bytes).toString("hex");
export const integer = (digits) => BigInt(digits.toString());
export const decimal = (digits) => integer(digits).toString();

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
export function text(bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Unsupported("the interface takes text, and these bytes are not UTF-8");
  }
}

/** For an interface that takes a JavaScript number. */
export function number(digits) {
  const value = Number(digits.toString());
  if (!Number.isSafeInteger(value)) throw new Unsupported("the interface takes a number, and this one is above 2^53 - 1");
  return value;
}

// What JavaScript and WebAssembly throw by themselves is no rejection.
const traps = [TypeError, RangeError, ReferenceError, SyntaxError, URIError, AssertionError, WebAssembly.RuntimeError];

/**
 * Answers from `formats`: a function for each known format, from its fields as Buffers to 32 bytes or their hex.
 * `rejects` says which traps the library throws on purpose.
 */
export async function serve(code, formats, { name = code, rejects = () => false } = {}) {
  const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");
  const { version } = JSON.parse(readFileSync(new URL(`node_modules/${code}/package.json`, import.meta.url)));
  say({ ecrecheck: 1, name, version, code, code_version: version, operations: ["digest"] });
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, format, fields } = JSON.parse(line);
    try {
      if (!Object.hasOwn(formats, format)) throw new Unsupported("not offered");
      const bytes = Object.entries(fields).map(([field, value]) => [field, Buffer.from(value.slice(2), "hex")]);
      const digest = await formats[format](Object.fromEntries(bytes));
      say({ id, digest: typeof digest === "string" ? digest : hex(digest) });
    } catch (error) {
      const trap = traps.includes(error.constructor) && !rejects(error);
      say({ id, [error instanceof Unsupported ? "unsupported" : trap ? "panicked" : "rejected"]: String(error).slice(0, 500) });
    }
  }
}
