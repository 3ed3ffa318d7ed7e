"""ethereum-execution 2.20.0: secp256k1_recover refuses half of the valid signatures with recovery ids 2 and 3.

Its packages: ../requirements/eels.txt.
"""

import sys

from coincurve import PublicKey
from ethereum.crypto.elliptic_curve import secp256k1_recover
from ethereum.crypto.hash import Hash32
from ethereum.exceptions import InvalidSignatureError
from ethereum_types.numeric import U256

DIGEST = (1).to_bytes(32, "big")
signature = (7).to_bytes(32, "big") + (1).to_bytes(32, "big") + b"\x02"  # x is 7 + n, which a point has; 7 is none
right = PublicKey.from_signature_and_message(signature, DIGEST, hasher=None).format(compressed=False)[1:].hex()
try:
    key = secp256k1_recover(U256(7), U256(1), U256(2), Hash32(DIGEST)).hex()
except InvalidSignatureError as error:
    key = f"InvalidSignatureError: {error}"
print(f"r = 7, s = 1, recovery id 2\nrecovers to {key}\nshould be   {right}")
sys.exit(key != right)
