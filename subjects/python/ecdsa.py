"""ecdsa, also called python-ecdsa: it lists the keys for r as the nonce point's x."""

from adapter import serve
from ecdsa import SECP256k1, VerifyingKey
from ecdsa.ecdsa import InvalidPointError
from ecdsa.errors import MalformedPointError
from ecdsa.keys import BadDigestError
from ecdsa.numbertheory import SquareRootError
from ecdsa.util import MalformedSignature


def recover(digest, r, s, recovery_id):
    keys = VerifyingKey.from_public_key_recovery_with_digest(r + s, digest, SECP256k1)
    return [key.to_string("uncompressed") for key in keys]


rejects = (BadDigestError, InvalidPointError, MalformedPointError, MalformedSignature, SquareRootError)
serve("ecdsa", "ecdsa", {"recover": recover}, rejects)
