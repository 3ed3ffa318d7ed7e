"""sslcrypto, with the backend that the argument names: fallback or openssl."""

import sys
from importlib import import_module

from adapter import header, serve

ecc = import_module(f"sslcrypto.{sys.argv[1]}.ecc").ecc
curve = ecc.get_curve("secp256k1")


def recover(digest, r, s, recovery_id):
    x, y = curve.decode_public_key(curve.recover(header(recovery_id) + r + s, digest, hash=None))
    return x + y


serve(f"sslcrypto-{sys.argv[1]}", "sslcrypto", {"recover": recover, "prehash": recover})
