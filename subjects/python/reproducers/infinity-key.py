"""py-ecc, pycoin, bitcoin and sslcrypto: the point at infinity is returned as a key."""

import sys

from bitcoin import ecdsa_raw_recover as bitcoin_recover
from py_ecc.secp256k1 import ecdsa_raw_recover as py_ecc_recover
from pycoin.ecdsa.secp256k1 import secp256k1_generator
from sslcrypto.fallback.ecc import ecc

R = 0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798  # of the nonce 1, with recovery id 0
ONE = (1).to_bytes(32, "big")  # s and the digest: s*R - e*G is G - G


def sslcrypto():
    x, y = ecc.get_curve("secp256k1").decode_public_key(
        ecc.get_curve("secp256k1").recover(bytes([27]) + R.to_bytes(32, "big") + ONE, ONE, hash=None)
    )
    return int.from_bytes(x, "big"), int.from_bytes(y, "big")


LIBRARIES = {
    "py-ecc 8.0.0": lambda: py_ecc_recover(ONE, (27, R, 1)),
    "bitcoin 1.1.42": lambda: bitcoin_recover(ONE.hex(), (27, R, 1)),
    "pycoin 0.92718.20260405": lambda: secp256k1_generator.possible_public_pairs_for_signature(1, (R, 1), y_parity=0),
    "sslcrypto 5.3 (fallback)": sslcrypto,
}
wrong = False
for name, recover in LIBRARIES.items():
    try:
        key = recover()
    except ValueError as error:
        key = None
        print(f"{name}: ValueError: {error}")
    else:
        print(f"{name}: {key}")
    wrong |= bool(key)
print("should: no key")
sys.exit(wrong)
