"""bitcurve."""

from adapter import serve
from bitcurve import PublicKey


def recover(digest, r, s, recovery_id):
    signature = r + s + bytes([recovery_id])
    return PublicKey.from_signature_and_message(signature, digest, hasher=None).format(compressed=False)


serve("bitcurve", "bitcurve", {"recover": recover}, code="libsecp256k1", code_version="0.8.0")
