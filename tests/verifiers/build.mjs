// Compiles the emitted contracts and writes their artifacts.
//
//   npm ci --ignore-scripts
//   node build.mjs           writes the artifacts
//   node build.mjs --check   writes nothing; fails where a committed artifact has other bytes
//
// What an artifact holds depends on the code and the settings below only: no metadata, no file names.

import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";

const here = dirname(fileURLToPath(import.meta.url));
const settings = {
  evmVersion: "cancun",
  optimizer: { enabled: true, runs: 200 },
  metadata: { appendCBOR: false, bytecodeHash: "none" },
};

function compile(content) {
  const input = {
    language: "Solidity",
    sources: { "Verifier.sol": { content } },
    settings: { ...settings, outputSelection: { "*": { "*": ["evm.deployedBytecode.object"] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter((error) => error.severity === "error");
  if (errors.length) {
    throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  }
  const code = output.contracts["Verifier.sol"].Verifier.evm.deployedBytecode.object;
  // The source goes in too, so that a test without a compiler sees whose code this is.
  const artifact = { compiler: { version: solc.version(), settings }, deployedBytecode: `0x${code}`, source: content };
  return `${JSON.stringify(artifact, null, 2)}\n`;
}

const check = process.argv.includes("--check");
let stale = 0;
for (const file of readdirSync(here).filter((name) => name.endsWith(".sol")).sort()) {
  const target = join(here, file.replace(/\.sol$/, ".json"));
  const artifact = compile(readFileSync(join(here, file), "utf8"));
  if (!check) {
    writeFileSync(target, artifact);
  } else if (!existsSync(target) || readFileSync(target, "utf8") !== artifact) {
    console.error(`${file}: the artifact is not what the compiler makes of it: run node build.mjs`);
    stale += 1;
  }
}
process.exit(stale ? 1 : 0);
