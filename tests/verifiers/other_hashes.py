# digest = sha3_256(base64(id) + sha256d(who))
# Needs eth-keys, eth-utils and a keccak backend: pip install eth-account
import base64
import hashlib

from eth_keys import keys
from eth_utils import keccak, to_canonical_address, to_checksum_address

SIGNER = "0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516"


def sha256_of(x: bytes) -> bytes:
    return hashlib.sha256(x).digest()


def sha256d_of(x: bytes) -> bytes:
    return sha256_of(sha256_of(x))


def sha3_256_of(x: bytes) -> bytes:
    return hashlib.sha3_256(x).digest()


def base64_of(x: bytes) -> bytes:
    return base64.b64encode(x)


def signature_parts(signature: bytes) -> keys.Signature:
    if len(signature) != 65:
        raise ValueError("a signature has 65 bytes")
    v = signature[64] - 27 if signature[64] in (27, 28) else signature[64]
    return keys.Signature(signature[:64] + bytes([v]))


def recovered_signer(digest: bytes, signature: bytes) -> bytes:
    return signature_parts(signature).recover_public_key_from_msg_hash(digest).to_canonical_address()


def digest(id: bytes, who: bytes) -> bytes:
    return sha3_256_of(base64_of(id) + sha256d_of(who))


def verify(id: bytes, who: bytes, signature: bytes) -> bool:
    return recovered_signer(digest(id, who), signature) == to_canonical_address(SIGNER)


if __name__ == "__main__":
    assert verify(
        id=bytes.fromhex("00112233445566778899aabbccddeeff00112233"),
        who=b"alice",
        signature=bytes.fromhex("61ba938906709293b6d9102f86203dc02ad3fdb08e7771dbdbb05f6b7372b8003248a306a9ef44c643e11bc00a0c98f05e90e20a9867b84d0791301eeabaa96a1c"),
    )
    print("verified")
