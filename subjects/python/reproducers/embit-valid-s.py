"""embit 0.8.0: its arithmetic in Python refuses valid signatures that its libsecp256k1 recovers."""

import sys

from embit.util import ctypes_secp256k1, py_secp256k1

N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
GX = 0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798  # r of the nonce 1, whose recovery id is 0
DIGEST = (1).to_bytes(32, "big")


def recovered(backend, s):
    signature = backend.ecdsa_recoverable_signature_parse_compact(GX.to_bytes(32, "big") + s.to_bytes(32, "big"), 0)
    try:
        return backend.ec_pubkey_serialize(backend.ecdsa_recover(signature, DIGEST)).hex()
    except ValueError as error:
        return f"ValueError: {error}"


differs = False
for name, s in {"(n-1)/2": (N - 1) // 2, "n-1": N - 1}.items():
    python, right = recovered(py_secp256k1, s), recovered(ctypes_secp256k1, s)
    print(f"s = {name}\nPython       {python}\nlibsecp256k1 {right}")
    differs |= python != right
sys.exit(differs)
