// Compiles the registry contract and its flawed variants, and writes their artifacts.
//
//   npm ci --ignore-scripts
//   node build.mjs           writes the artifacts
//   node build.mjs --check   writes nothing; fails where a committed artifact has other bytes
//
// What an artifact holds depends on the code and the settings below only: no metadata, no file names.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
const variants = join(root, "tests/registry");

const settings = {
  evmVersion: "cancun",
  optimizer: { enabled: true, runs: 200 },
  metadata: { appendCBOR: false, bytecodeHash: "none" },
};

function compile(file) {
  const source = relative(root, file);
  const input = {
    language: "Solidity",
    sources: { [source]: { content: readFileSync(file, "utf8") } },
    settings: { ...settings, outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } } },
  };
  const imported = (path) => {
    try {
      return { contents: readFileSync(join(root, path), "utf8") };
    } catch (error) {
      return { error: error.message };
    }
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: imported }));
  // A warning too: the contract and its variants are to be without.
  if (output.errors?.length) {
    throw new Error(output.errors.map((error) => error.formattedMessage).join("\n"));
  }
  const name = basename(file, ".sol");
  const { abi, evm } = output.contracts[source][name];
  const artifact = {
    contractName: name,
    compiler: { version: solc.version(), settings },
    abi,
    bytecode: `0x${evm.bytecode.object}`,
  };
  return asText(artifact);
}

// JSON with a line for each field, and for each item of the interface.
function asText({ abi, ...fields }) {
  const items = abi.map((item) => `    ${JSON.stringify(item)}`).join(",\n");
  const lines = Object.entries(fields).map(([name, value]) => `  "${name}": ${JSON.stringify(value)}`);
  return `{\n${lines.join(",\n")},\n  "abi": [\n${items}\n  ]\n}\n`;
}

const flawed = readdirSync(variants).filter((file) => file.endsWith(".sol")).sort();
const builds = [
  [join(here, "Registry.sol"), join(here, "artifact.json")],
  ...flawed.map((file) => [join(variants, file), join(variants, file.replace(/\.sol$/, ".json"))]),
];
const check = process.argv.includes("--check");
let stale = 0;
for (const [source, target] of builds) {
  const artifact = compile(source);
  if (!check) {
    writeFileSync(target, artifact);
    continue;
  }
  let committed = null;
  try {
    committed = readFileSync(target, "utf8");
  } catch {
    // Missing is stale.
  }
  if (committed !== artifact) {
    stale += 1;
    console.error(`${relative(root, target)} is not what ${relative(root, source)} compiles to`);
  }
}
console.log(`${builds.length} artifacts ${check ? "compared" : "written"}, ${stale} stale, solc ${solc.version()}`);
process.exitCode = stale ? 1 : 0;
