"""fastecdsa 4.0.0: a valid signature for which it refuses the right key, since the other candidate is infinity."""

import sys

from fastecdsa.curve import secp256k1
from fastecdsa.ecdsa import verify
from fastecdsa.keys import get_public_keys_from_sig
from fastecdsa.point import Point

N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
X = 0xC6047F9441ED7D6D3045406E95C07CD85C778E4B8CEF3CA7ABAC09B95C709EE5  # r of the nonce 2
KEY = Point(
    0xB2614E2193F9C90B8CE76D2C3F0DFD1800031B3C5A3C3FD4A6FC529BFC96A716,
    0x2D2F6DC53E2B1BE4FD22ECF50785FD4086B891E0DFE458F9650BDA2766654966,
    curve=secp256k1,
)


class Digest:
    """A hash function whose digest is n - 2, whatever is hashed."""

    digest_size = 32

    def __init__(self, _message=b""):
        pass

    def update(self, _message):
        pass

    def digest(self):
        return (N - 2).to_bytes(32, "big")


valid = verify((X, 1), b"", KEY, secp256k1, Digest)
print(f"r of the nonce 2, s = 1, digest n - 2\nverify with the key {KEY.x:064x} says {valid}")
try:
    listed = [key.x for key in get_public_keys_from_sig((X, 1), b"", secp256k1, Digest)]
    print("lists", *[f"{x:064x}" for x in listed])
except ValueError as error:
    listed = []
    print(f"lists none: ValueError: {str(error)[:29]} ...")
sys.exit(KEY.x not in listed)
