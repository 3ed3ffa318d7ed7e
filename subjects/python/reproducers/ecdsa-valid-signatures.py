"""ecdsa 0.19.2: two valid signatures for which it lists no key."""

import sys

from ecdsa import SECP256k1, VerifyingKey

N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
X = 0xC6047F9441ED7D6D3045406E95C07CD85C778E4B8CEF3CA7ABAC09B95C709EE5  # r of the nonce 2
EQUAL = "02b2614e2193f9c90b8ce76d2c3f0dfd1800031b3c5a3c3fd4a6fc529bfc96a716"  # libsecp256k1's, at recovery id 0
ONE = "020000000000000000000000000000000000000000000000000000000000000001"  # libsecp256k1's, at recovery id 0


def keys(r, s, digest):
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    try:
        listed = VerifyingKey.from_public_key_recovery_with_digest(signature, digest.to_bytes(32, "big"), SECP256k1)
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    return [key.to_string("compressed").hex() for key in listed]


wrong = False
for name, signature, right in [("s = 1, digest n - 2", (X, 1, N - 2), EQUAL), ("r = s = 1, digest 0", (1, 1, 0), ONE)]:
    # The key is right: ecdsa itself verifies the signature with it.
    key = VerifyingKey.from_string(bytes.fromhex(right), SECP256k1)
    r, s, digest = (number.to_bytes(32, "big") for number in signature)
    assert key.verify_digest(r + s, digest)
    listed = keys(*signature)
    print(f"{name}\nlists  {' '.join(listed)}\nshould {right}, among others")
    wrong |= right not in listed
sys.exit(wrong)
