"""eth-account, with the native backend of eth-keys."""

import os
from importlib import metadata

from adapter import ethereum_v, number, serve

os.environ["ECC_BACKEND_CLASS"] = "eth_keys.backends.NativeECCBackend"
from eth_account import Account
from eth_keys.exceptions import BadSignature, ValidationError


def recover(digest, r, s, recovery_id):
    address = Account._recover_hash(digest, vrs=(ethereum_v(recovery_id), number(r), number(s)))
    return bytes.fromhex(address[2:])


serve(
    "eth-account",
    "eth-account",
    {"recover": recover},
    rejects=(BadSignature, ValidationError, ValueError),
    code="eth-keys",
    code_version=metadata.version("eth-keys"),
)
