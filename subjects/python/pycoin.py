"""pycoin: its parity says which of the two points with r as their x is the nonce point."""

from adapter import Unsupported, number, point, serve
from pycoin.ecdsa.secp256k1 import secp256k1_generator


def recover(digest, r, s, recovery_id):
    if recovery_id > 1:
        raise Unsupported("a parity is 0 or 1")
    signature = (number(r), number(s))
    keys = secp256k1_generator.possible_public_pairs_for_signature(number(digest), signature, y_parity=recovery_id)
    return [point(*key) for key in keys]


serve("pycoin", "pycoin", {"recover": recover})
