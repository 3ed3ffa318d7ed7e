"""spec256k1."""

from adapter import serve
from spec256k1 import PublicKey


def recover(digest, r, s, recovery_id):
    return PublicKey.from_signature_and_message(r + s + bytes([recovery_id]), digest).format(compressed=False)


serve("spec256k1", "spec256k1", {"recover": recover})
