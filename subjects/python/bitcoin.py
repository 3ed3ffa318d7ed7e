"""bitcoin, also called pybitcointools."""

from adapter import Rejected, header, number, point, serve
from bitcoin import ecdsa_raw_recover


def recover(digest, r, s, recovery_id):
    key = ecdsa_raw_recover(digest.hex(), (number(header(recovery_id)), number(r), number(s)))
    if not key:
        raise Rejected(key)
    return point(*key)


serve("bitcoin", "bitcoin", {"recover": recover})
