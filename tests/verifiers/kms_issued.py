# digest = keccak256("dstack-kms-issued:" + app_id + compressed(app_key))
# Needs eth-keys, eth-utils and a keccak backend: pip install eth-account
import base64
import hashlib

from eth_keys import keys
from eth_utils import keccak, to_canonical_address, to_checksum_address

SIGNER = "0x8f2cF602C9695b23130367ed78d8F557554de7C5"


def keccak256_of(x: bytes) -> bytes:
    return keccak(x)


def point_of(key: bytes) -> keys.PublicKey:
    if len(key) == 33:
        return keys.PublicKey.from_compressed_bytes(key)
    assert len(key) == 65 and key[0] == 4, "not a SEC 1 public key"
    return keys.PublicKey(key[1:])


def compressed_of(key: bytes) -> bytes:
    return point_of(key).to_compressed_bytes()


def signature_parts(signature: bytes) -> keys.Signature:
    if len(signature) != 65:
        raise ValueError("a signature has 65 bytes")
    v = signature[64] - 27 if signature[64] in (27, 28) else signature[64]
    return keys.Signature(signature[:64] + bytes([v]))


def recovered_signer(digest: bytes, signature: bytes) -> bytes:
    return signature_parts(signature).recover_public_key_from_msg_hash(digest).to_canonical_address()


def digest(app_id: bytes, app_key: bytes) -> bytes:
    return keccak256_of(b"dstack-kms-issued:" + app_id + compressed_of(app_key))


def verify(app_id: bytes, app_key: bytes, signature: bytes) -> bool:
    return recovered_signer(digest(app_id, app_key), signature) == to_canonical_address(SIGNER)


if __name__ == "__main__":
    assert verify(
        app_id=bytes.fromhex("ea549f02e1a25fabd1cb788380e033ec5461b2ff"),
        app_key=bytes.fromhex("02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810"),
        signature=bytes.fromhex("2f431c7956869a4fe3e028c5f9518a935e2d01e81a3628f8b1d178fc2fac7b6d2405ace433624e5568e23c4ed291dbaf60dac79b756837c0fe745154ebfdc0a601"),
    )
    print("verified")
