"""Gets a key from the guest agent by dstack's SDK, and registers it by a transaction of web3.py:
register.py AGENT NODE REGISTRY PATH PURPOSE PROOF-FILE

The agent gives the derived key and two signatures. The app key's public key, which the registry wants too, is recovered
from the first.
"""

import json
from pathlib import Path

from dstack_sdk import DstackClient
from eth_keys import keys
from eth_utils import keccak
from web3.logs import DISCARD

from registry import Registry, main


def run(agent, url, address, path, purpose, file):
    client = DstackClient(agent)
    app_id = client.info().app_id
    response = client.get_key(path, purpose)
    claim_signature, issued_signature = response.decode_signature_chain()
    derived_key = keys.PrivateKey(response.decode_key()).public_key
    claim = keccak(text=f"{purpose}:{derived_key.to_compressed_bytes().hex()}")
    app_key = keys.Signature(claim_signature).recover_public_key_from_msg_hash(claim)
    instance = derived_key.to_checksum_address()
    print(f"key         {instance}, claimed by the app key {app_key.to_checksum_address()}")

    parts = {
        "app_id": bytes.fromhex(app_id),
        "purpose": purpose.encode(),
        "app_key": app_key.to_bytes(),
        "derived_key": derived_key.to_bytes(),
        "claim_signature": claim_signature,
        "issued_signature": issued_signature,
    }
    proof = {name: f"0x{part.hex()}" for name, part in parts.items()}
    Path(file).write_text(json.dumps(proof))

    registry = Registry(url, address)
    receipt = registry.register(proof)
    events = registry.contract.events.InstanceRegistered().process_receipt(receipt, errors=DISCARD)
    if receipt["status"] != 1 or len(events) != 1 or len(receipt["logs"]) != 1:
        raise ValueError(f"transaction 0x{receipt['transactionHash'].hex()}: status {receipt['status']}, {len(events)} events")
    event = events[0]["args"]
    if event["instance"] != instance or event["appId"].hex() != app_id:
        raise ValueError(f"another event: {event['instance']} of {event['appId'].hex()}")
    print(f"transaction 0x{receipt['transactionHash'].hex()}, gas {receipt['gasUsed']}")
    print(f"event       InstanceRegistered({event['instance']}, 0x{event['appId'].hex()})")
    if not registry.contract.functions.instances(instance).call():
        raise ValueError("the registry did not store it")
    name, words = registry.refusal(proof) or ("accepted", "accepted")
    print(f"once more   {words}")
    if name != "AlreadyRegistered":
        raise ValueError("the registry takes it twice")
    print(f"registered  {instance}")


main(run)
