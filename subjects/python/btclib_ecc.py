"""btclib-ecc, with the arithmetic that the argument names: python or libsecp256k1."""

import sys

from adapter import number, serve
from btclib_ecc.curves.curve import set_libsecp256k1_serving
from btclib_ecc.ecc.dsa import Sig, recover_sec_

set_libsecp256k1_serving(serving=sys.argv[1] == "libsecp256k1")


def recover(digest, r, s, recovery_id):
    return recover_sec_(recovery_id, digest, Sig(number(r), number(s)), compressed=False)


# What btclib-secp256k1 0.8.0.13 is built with.
code = {"code": "libsecp256k1", "code_version": "0.8.0"} if sys.argv[1] == "libsecp256k1" else {}
serve(f"btclib-ecc-{sys.argv[1]}", "btclib-ecc", {"recover": recover}, rejects=(ValueError, RuntimeError), **code)
