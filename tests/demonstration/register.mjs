// Gets a key from the guest agent by dstack's SDK, and registers it by a transaction of viem:
// register.mjs AGENT NODE REGISTRY PATH PURPOSE PROOF-FILE
//
// The agent gives the derived key and two signatures. The app key's public key, which the registry wants too, is
// recovered from the first.

import { writeFileSync } from "node:fs";
import { DstackClient } from "@phala/dstack-sdk";
import { toViemAccount } from "@phala/dstack-sdk/viem";
import { keccak256, parseEventLogs, recoverPublicKey, slice, stringToBytes, stringToHex, toHex } from "viem";
import { publicKeyToAddress } from "viem/accounts";
import { abi, connect, main, refusal, register } from "./registry.mjs";

// 02 or 03 for an even or odd y, and x.
const compressed = (key) => `${/[02468ace]$/.test(key) ? "02" : "03"}${key.slice(4, 68)}`;

await main(async ([agent, url, registry, path, purpose, file]) => {
  const client = new DstackClient(agent);
  const { app_id } = await client.info();
  const response = await client.getKey(path, purpose);
  const [claimSignature, issuedSignature] = response.signature_chain.map((signature) => toHex(signature));
  const { publicKey: derivedKey, address: instance } = toViemAccount(response);
  const claim = keccak256(stringToBytes(`${purpose}:${compressed(derivedKey)}`));
  const appKey = await recoverPublicKey({ hash: claim, signature: claimSignature });
  console.log(`key         ${instance}, claimed by the app key ${publicKeyToAddress(appKey)}`);

  const xy = (key) => slice(key, 1);
  const proof = {
    app_id: `0x${app_id}`,
    purpose: stringToHex(purpose),
    app_key: xy(appKey),
    derived_key: xy(derivedKey),
    claim_signature: claimSignature,
    issued_signature: issuedSignature,
  };
  writeFileSync(file, JSON.stringify(proof));

  const connection = connect(url);
  const receipt = await register(connection, registry, proof);
  const events = parseEventLogs({ abi, eventName: "InstanceRegistered", logs: receipt.logs });
  const [event] = events;
  if (receipt.status !== "success" || events.length !== 1 || receipt.logs.length !== 1) {
    throw new Error(`transaction ${receipt.transactionHash}: ${receipt.status}, ${events.length} events`);
  }
  if (event.args.instance !== instance || event.args.appId !== proof.app_id) {
    throw new Error(`another event: ${event.args.instance} of ${event.args.appId}`);
  }
  console.log(`transaction ${receipt.transactionHash}, gas ${receipt.gasUsed}`);
  console.log(`event       InstanceRegistered(${event.args.instance}, ${event.args.appId})`);
  if (!(await connection.node.readContract({ address: registry, abi, functionName: "instances", args: [instance] }))) {
    throw new Error("the registry did not store it");
  }
  const again = await refusal(connection, registry, proof);
  console.log(`once more   ${again?.name}(${again?.args.join(", ")})`);
  if (again?.name !== "AlreadyRegistered") throw new Error("the registry takes it twice");
  console.log(`registered  ${instance}`);
});
