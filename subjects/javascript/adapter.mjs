// What the adapters share: the loop of docs/protocol.md, and what is read from the packages installed here.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

// Libraries print to stdout, which is the protocol's.
console.log = console.info = console.error;

// The folder of a package, found from those before it in the list: each may have its own version of the next.
const folder = (packages) =>
  packages.reduce((from, name) => {
    const places = createRequire(join(from, "any.js")).resolve.paths(name);
    return places.map((place) => join(place, name)).find((path) => existsSync(join(path, "package.json")));
  }, import.meta.dirname);

export const version = (...packages) => JSON.parse(readFileSync(join(folder(packages), "package.json"))).version;

// For what an `import` does not reach: a file that a package does not export, or an old package.
export const load = (path) => createRequire(import.meta.url)(path);
export const file = (name, path) => join(folder([name]), path);

export class Unsupported extends Error {}

const bytes = (hex) => Uint8Array.from(Buffer.from(hex.slice(2), "hex"));
export const hex = (data) => "0x" + Buffer.from(data).toString("hex");
export const joined = (r, s) => Uint8Array.of(...r, ...s);

// What a subject gives: a key as bytes or digits, null where its library says no by it, or an answer of the protocol.
function answer(given) {
  if (given === null) return { rejected: "null" };
  if (given instanceof Uint8Array || Array.isArray(given)) return { key: hex(given) };
  return typeof given === "string" ? { key: given } : given;
}

// An error of these kinds comes from the engine and not from a check, unless `isRejection` says otherwise.
const ENGINE = [TypeError, RangeError, ReferenceError, SyntaxError, WebAssembly.RuntimeError];
// noble says no with a RangeError for a number out of range.
export const isNoblesRejection = (error) => error.constructor === Error || error instanceof RangeError;

function refusal(error, isRejection) {
  const words = String(error?.message ? error : JSON.stringify(error) ?? error);
  if (error instanceof Unsupported) return { unsupported: error.message };
  const rejected = isRejection ? isRejection(error) : !ENGINE.some((kind) => error instanceof kind);
  return { [rejected ? "rejected" : "panicked"]: words };
}

// `hello` is the first line but for the operations, which are the functions given.
export async function serve(hello, { isRejection, ...operations }) {
  const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");
  say({ ecrecheck: 1, ...hello, operations: Object.keys(operations) });
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, op, digest, prehash, r, s, recovery_id, calldata, gas } = JSON.parse(line);
    try {
      const question =
        op === "call"
          ? { calldata: bytes(calldata), gas }
          : { digest: bytes(digest ?? prehash), r: bytes(r), s: bytes(s), recovery_id };
      say({ id, ...answer(await operations[op](question)) });
    } catch (error) {
      say({ id, ...refusal(error, isRejection) });
    }
  }
}
