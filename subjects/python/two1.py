"""two1, its arithmetic in Python."""

from adapter import Rejected, number, point, serve
from two1.crypto.ecdsa_base import Point
from two1.crypto.ecdsa_python import secp256k1


class Hash:
    """A hash function that gives back what it is given: two1 hashes by itself."""

    def __init__(self, digest):
        self.value = digest

    def digest(self):
        return self.value


curve = secp256k1()
curve.hash_function = Hash


def recover(digest, r, s, recovery_id):
    keys = curve.recover_public_key(digest, Point(number(r), number(s)), recovery_id)
    if not keys:
        raise Rejected("no key")
    [(key, _)] = keys
    return point(key.x, key.y)


serve("two1", "two1", {"recover": recover})
