"""py-ecc."""

from adapter import number, point, serve
from py_ecc.secp256k1 import ecdsa_raw_recover


def recover(digest, r, s, recovery_id):
    return point(*ecdsa_raw_recover(digest, (27 + recovery_id, number(r), number(s))))


serve("py-ecc", "py-ecc", {"recover": recover, "prehash": recover})
