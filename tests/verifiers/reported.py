# digest = keccak256("dstack-kms-issued:" + pad_right(drop(app_id, 1), 32) + address(recover(keccak256(purpose + ":" + hex0x(address(derived_key))), claim_signature)))
# Needs eth-keys, eth-utils and a keccak backend: pip install eth-account

from eth_keys import keys
from eth_keys.constants import SECPK1_P
from eth_utils import keccak, to_canonical_address, to_checksum_address

SIGNER = "0xB57e7acDB7fD455Ed15C8523696840CC28e616Ec"


def keccak256_of(x: bytes) -> bytes:
    return keccak(x)


def hex0x_of(x: bytes) -> bytes:
    return b"0x" + x.hex().encode()


def point_of(key: bytes) -> keys.PublicKey:
    if len(key) == 33:
        point = keys.PublicKey.from_compressed_bytes(key)
    elif len(key) == 65 and key[0] == 4:
        point = keys.PublicKey(key[1:])
    else:
        raise ValueError("not a SEC 1 public key")
    # eth-keys takes coordinates of no point of the curve too.
    x, y = (int.from_bytes(half, "big") for half in (point.to_bytes()[:32], point.to_bytes()[32:]))
    if max(x, y) >= SECPK1_P or (y * y - x * x * x - 7) % SECPK1_P:
        raise ValueError("not on the curve")
    return point


def address_of(key: bytes) -> bytes:
    return point_of(key).to_canonical_address()


def pad_right_of(x: bytes, length: int) -> bytes:
    return x + bytes(length - len(x))


def drop_of(x: bytes, count: int) -> bytes:
    if count > len(x):
        raise ValueError(f"fewer than {count} bytes")
    return x[count:]


def signature_parts(signature: bytes) -> keys.Signature:
    if len(signature) != 65:
        raise ValueError("a signature has 65 bytes")
    v = signature[64] - 27 if signature[64] in (27, 28) else signature[64]
    return keys.Signature(signature[:64] + bytes([v]))


def recover_of(digest: bytes, signature: bytes) -> bytes:
    return signature_parts(signature).recover_public_key_from_msg_hash(digest).to_compressed_bytes()


def recovered_signer(digest: bytes, signature: bytes) -> bytes:
    return signature_parts(signature).recover_public_key_from_msg_hash(digest).to_canonical_address()


def digest(app_id: bytes, purpose: bytes, derived_key: bytes, claim_signature: bytes) -> bytes:
    return keccak256_of(b"dstack-kms-issued:" + pad_right_of(drop_of(app_id, 1), 32) + address_of(recover_of(keccak256_of(purpose + b":" + hex0x_of(address_of(derived_key))), claim_signature)))


def verify(app_id: bytes, purpose: bytes, derived_key: bytes, claim_signature: bytes, signature: bytes) -> bool:
    return recovered_signer(digest(app_id, purpose, derived_key, claim_signature), signature) == to_canonical_address(SIGNER)


if __name__ == "__main__":
    assert verify(
        app_id=bytes.fromhex("ea549f02e1a25fabd1cb788380e033ec5461b2ff"),
        purpose=b"ethereum",
        derived_key=bytes.fromhex("02d4ca795aa82a8819735390040bb88f4bbf7d9ca9ad492ba5b15f7d31c383fc08"),
        claim_signature=bytes.fromhex("cd52f120d5f44ecc3bb8e849969414742d4af40a318daf23b5a3f44d492cfe76209474009a0d0b95cd6d719946b74ea7ed418f95c5a4642b64d7fbb06b0f849b01"),
        signature=bytes.fromhex("2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601"),
    )
    print("verified")
