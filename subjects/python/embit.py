"""embit, with the backend that the argument names: python or ctypes."""

import sys
from importlib import import_module

from adapter import serve

BACKENDS = {"python": "embit.util.py_secp256k1", "ctypes": "embit.util.ctypes_secp256k1"}
secp256k1 = import_module(BACKENDS[sys.argv[1]])


def recover(digest, r, s, recovery_id):
    signature = secp256k1.ecdsa_recoverable_signature_parse_compact(r + s, recovery_id)
    return secp256k1.ec_pubkey_serialize(secp256k1.ecdsa_recover(signature, digest), secp256k1.EC_UNCOMPRESSED)


# At a recovery id above 3, libsecp256k1 ends the process that it runs in.
serve(f"embit-{sys.argv[1]}", "embit", {"recover": recover}, alone=sys.argv[1] == "ctypes")
