"""dstack-sdk verifies and returns no digest: the digest is what its keccak gives it."""

import sys
import warnings
from types import SimpleNamespace

from serve import serve

from dstack_sdk import verify_env_encrypt_public_key, verify_env_encrypt_public_key_legacy

warnings.simplefilter("ignore", DeprecationWarning)  # of the legacy form
module = sys.modules["dstack_sdk.verify_env_encrypt_public_key"]
keccak = module.keccak
digests = []
module.keccak = lambda message: digests.append(keccak(message)) or digests[-1]
signature = bytes(65)


def legacy(app_id, x25519_key):
    verify_env_encrypt_public_key_legacy(x25519_key, signature, app_id.hex())
    return digests.pop()


def v1(app_id, timestamp, x25519_key):
    module.time = SimpleNamespace(time=lambda: int(timestamp))  # it refuses the past and the future
    verify_env_encrypt_public_key(x25519_key, signature, app_id.hex(), int(timestamp))
    return digests.pop()


serve("dstack-sdk", {"dstack.env-encrypt.legacy": legacy, "dstack.env-encrypt.v1": v1}, name="dstack-sdk-py")
