"""py-ecc. An argument is appended to its name, for an older release."""

import sys

from adapter import header, number, point, serve
from py_ecc.secp256k1 import ecdsa_raw_recover


def recover(digest, r, s, recovery_id):
    return point(*ecdsa_raw_recover(digest, (number(header(recovery_id)), number(r), number(s))))


serve("-".join(["py-ecc", *sys.argv[1:]]), "py-ecc", {"recover": recover, "prehash": recover})
