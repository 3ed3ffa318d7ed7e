"""secp256k1, also called secp256k1-py."""

from adapter import serve
from secp256k1 import PublicKey


def recover(digest, r, s, recovery_id):
    context = PublicKey()
    signature = context.ecdsa_recoverable_deserialize(r + s, recovery_id)
    key = context.ecdsa_recover(digest, signature, raw=True)
    return PublicKey(key).serialize(compressed=False)


# What it says no with is a plain Exception.
serve("secp256k1", "secp256k1", {"recover": recover}, rejects=(Exception,))
