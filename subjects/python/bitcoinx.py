"""bitcoinX."""

from adapter import serve
from bitcoinx import InvalidSignature, PublicKey


def recover(digest, r, s, recovery_id):
    key = PublicKey.from_recoverable_signature(r + s + bytes([recovery_id]), digest, hasher=None)
    return key.to_bytes(compressed=False)


serve("bitcoinx", "bitcoinX", {"recover": recover}, rejects=(InvalidSignature,))
