"""bsv-sdk, with the backend that the argument names: native or python."""

import sys
from warnings import simplefilter

from adapter import serve

if sys.argv[1] == "python":
    sys.modules["_bsv_native"] = None  # as where there is no wheel
    simplefilter("ignore")  # bsv's that there is none
from bsv.keys import recover_public_key


def recover(digest, r, s, recovery_id):
    return recover_public_key(r + s + bytes([recovery_id]), digest, hasher=None).serialize(compressed=False)


serve(f"bsv-{sys.argv[1]}", "bsv-sdk", {"recover": recover})
