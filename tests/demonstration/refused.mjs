// Sends proofs that must be refused as transactions of viem: refused.mjs NODE REGISTRY AUDIT [CASE]
//
// AUDIT is what `ecrecheck chain audit --node … --json` printed. Each transaction must revert, with an error that the
// case names, log nothing and change nothing in what the registry stores.

import { readFileSync } from "node:fs";
import { connect, main, refusal, register, storage } from "./registry.mjs";

await main(async ([url, registry, audit, only]) => {
  const { cases } = JSON.parse(readFileSync(audit, "utf8"));
  const refused = cases.filter(({ id, expect }) => expect === "refuse" && (!only || id === only));
  const connection = connect(url);
  const before = await storage(connection, registry);
  const counts = new Map();
  for (const { id, faults, attempts } of refused) {
    for (const { label, said, proof } of attempts.filter(({ said }) => !said.startsWith("not asked"))) {
      const what = `${id}, ${label}`;
      const error = await refusal(connection, registry, proof);
      const { status, logs } = await register(connection, registry, proof);
      if (!faults.includes(error?.name)) throw new Error(`${what}: ${error?.name ?? "accepted"}, must be ${faults}`);
      if (status !== "reverted" || logs.length) throw new Error(`${what}: the transaction did not revert`);
      const words = `${error.name}(${error.args.join(", ")})`;
      if (said !== `refused: ${words}`) throw new Error(`${what}: ${words}, the audit was told ${said}`);
      if (only) console.log(`reverted    ${words}`);
      counts.set(error.name, (counts.get(error.name) ?? 0) + 1);
    }
  }
  const sent = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (!sent) throw new Error("no transaction was sent");
  if ((await storage(connection, registry)) !== before) throw new Error("the registry stored something");
  if (only) return;
  console.log(`reverted    ${[...counts].map(([name, count]) => `${name} ${count}`).sort().join(", ")}`);
  console.log(`refused     ${sent} transactions, each by a named error; the registry stores what it stored before`);
});
