"""eth-keys, with the backend that the first argument names: native or coincurve.

Another argument is appended to its name, for an older release.
"""

import sys
from importlib import metadata

from adapter import serve
from eth_keys.backends import CoinCurveECCBackend, NativeECCBackend
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature, ValidationError

BACKENDS = {
    "native": (NativeECCBackend, "eth-keys", metadata.version("eth-keys")),
    "coincurve": (CoinCurveECCBackend, "libsecp256k1", "0.6.0"),  # what coincurve 21 is built with
}
backend, code, code_version = BACKENDS[sys.argv[1]]


def recover(digest, r, s, recovery_id):
    signature = Signature(r + s + bytes([recovery_id]), backend=backend())
    return signature.recover_public_key_from_msg_hash(digest).to_bytes()


serve(
    "-".join(["eth-keys", *sys.argv[1:]]),
    "eth-keys",
    {"recover": recover},
    rejects=(BadSignature, ValidationError),
    code=code,
    code_version=code_version,
)
