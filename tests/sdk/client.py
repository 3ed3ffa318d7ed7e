"""Asks a guest agent through dstack's Python SDK, and prints what it got as JSON: see tests/it/sdk.rs.

`client.py ENDPOINT` asks; `client.py env` reads cases of the functions that verify encryption keys from stdin.
"""

import asyncio
import json
import sys
import warnings

import dstack_sdk
from dstack_sdk import AsyncDstackClient, DstackClient, TappdClient
from dstack_sdk.ethereum import to_account

warnings.simplefilter("ignore")


def said(call):
    """What a call gives, or what the SDK shows."""
    try:
        result = call()
    except Exception as error:
        return {"shown": str(error)}
    return json.loads(result.model_dump_json()) if hasattr(result, "model_dump_json") else result


async def asynchronously(endpoint):
    async with AsyncDstackClient(endpoint) as client:
        keys = await asyncio.gather(*(client.get_key(f"async/{n}", "ethereum") for n in range(8)))
    return [json.loads(key.model_dump_json()) for key in keys]


def ask(endpoint):
    client = DstackClient(endpoint)
    key = client.get_key("wallet/0", "ethereum")
    data = b"attested"
    signed = client.sign("secp256k1", data)
    prehashed = client.sign("secp256k1_prehashed", bytes(range(32)))
    ed25519 = client.sign("ed25519", data)

    def valid(algorithm, response, data):
        return client.verify(algorithm, data, response.decode_signature(), response.decode_public_key()).valid

    return {
        "key": said(lambda: key),
        "account": to_account(key).address,
        "default": said(client.get_key),
        "ed25519": said(lambda: client.get_key("wallet/0", "ethereum", "ed25519")),
        "not_ascii": said(lambda: client.get_key("wällët/✓", "ethereum")),
        "asynchronous": asyncio.run(asynchronously(endpoint)),
        "signed": said(lambda: signed),
        "signed_prehashed": said(lambda: prehashed),
        "signed_ed25519": said(lambda: ed25519),
        "valid": [
            valid("secp256k1", signed, data),
            valid("secp256k1_prehashed", prehashed, bytes(range(32))),
            valid("ed25519", ed25519, data),
            valid("secp256k1", signed, b"other"),
            valid("secp256k1_prehashed", prehashed, bytes(32)),
            valid("ed25519", ed25519, b"other"),
        ],
        "info": said(client.info),
        "version": said(client.version),
        "is_reachable": client.is_reachable(),
        "emit_event": said(lambda: client.emit_event("started", "x")),
        "tls_key": said(lambda: client.get_tls_key(not_after=1)),
        "quote": said(lambda: client.get_quote(b"report")),
        "attest": said(lambda: client.attest(b"report")),
        "unsupported": said(lambda: client.get_key("a", "b", "rsa")),
        "too_long": said(lambda: client.get_key("a" * (1 << 20))),
        "tappd_key": said(lambda: TappdClient(endpoint).derive_key("a")),
        "tappd_quote": said(lambda: TappdClient(endpoint).tdx_quote("a")),
        "tappd_info": said(TappdClient(endpoint).info),
    }


def verify_env(case):
    key, signature = bytes.fromhex(case["public_key"]), bytes.fromhex(case["signature"])
    if "age" not in case:
        return dstack_sdk.verify_env_encrypt_public_key_legacy(key, signature, case["app_id"])
    timestamp = case["timestamp"]
    # The clock of the SDK: the case says how old the timestamp is.
    dstack_sdk.verify_env_encrypt_public_key.__globals__["time"] = Clock(timestamp + case["age"])
    return dstack_sdk.verify_env_encrypt_public_key(key, signature, case["app_id"], timestamp)


class Clock:
    def __init__(self, now):
        self.time = lambda: now


if sys.argv[1] == "env":
    print(json.dumps([said(lambda: verify_env(case)) for case in json.load(sys.stdin)]))
else:
    print(json.dumps(ask(sys.argv[1])))
