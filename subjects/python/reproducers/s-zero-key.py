"""ecdsa, pycoin, sslcrypto, bsv-sdk and python-bitcoinlib: a signature with s = 0 gives a key.

python-bitcoinlib does not go together with the others: its packages are ../requirements/others.txt.
"""

import sys
from warnings import simplefilter

R = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798).to_bytes(32, "big")
S = bytes(32)
DIGEST = (1).to_bytes(32, "big")


def ecdsa():
    from ecdsa import SECP256k1, VerifyingKey

    keys = VerifyingKey.from_public_key_recovery_with_digest(R + S, DIGEST, SECP256k1)
    return keys[0].to_string("compressed").hex()


def pycoin():
    from pycoin.ecdsa.secp256k1 import secp256k1_generator as generator

    keys = generator.possible_public_pairs_for_signature(1, (int.from_bytes(R, "big"), 0), y_parity=0)
    return f"{2 + keys[0][1] % 2:02x}{keys[0][0]:064x}" if keys else None


def sslcrypto_fallback():
    from sslcrypto.fallback.ecc import ecc

    return ecc.get_curve("secp256k1").recover(bytes([31]) + R + S, DIGEST, hash=None).hex()


def sslcrypto_openssl():
    from sslcrypto.openssl.ecc import ecc

    return ecc.get_curve("secp256k1").recover(bytes([31]) + R + S, DIGEST, hash=None).hex()


def bsv():
    sys.modules["_bsv_native"] = None  # as where there is no wheel
    simplefilter("ignore")
    from bsv.keys import recover_public_key

    return recover_public_key(R + S + b"\0", DIGEST, hasher=None).serialize().hex()


def python_bitcoinlib():
    from bitcoin.core.key import CPubKey

    key = CPubKey.recover_compact(DIGEST, bytes([31]) + R + S)
    return bytes(key).hex() if key else None


wrong = False
for recover in (ecdsa, pycoin, sslcrypto_fallback, sslcrypto_openssl, bsv, python_bitcoinlib):
    try:
        key = recover()
    except ImportError:
        continue
    except Exception as error:
        print(f"{recover.__name__}: {type(error).__name__}: {error}")
        continue
    print(f"{recover.__name__}: {key}")
    wrong |= key is not None
print("should: no key")
sys.exit(wrong)
