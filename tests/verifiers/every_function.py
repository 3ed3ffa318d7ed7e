# digest = eip191(sha256(xy(from)) + len_prefixed(who) + reverse(u64be(long)) + checksum_address(address(from)) + hex_upper(take(id, 4)) + uint(most) + pad_left(id, 32) + decimal_length(who) + varstr(who) + compressed(uncompressed(from)) + u32be(time) + hex(id) + "\"\\\n" + 0x00ff + sha256d(ripemd160(drop(id, 5))) + base64(id) + base64(from) + base64(take(id, 4)) + uncompressed(from) + rlp_list(id, who, uint(most), 5) + rlp_list(0x7f, 0x80, 0x) + sha3_256(text(who)))
# Needs eth-keys, eth-utils, rlp and a keccak backend, pycryptodome: pip install eth-account pycryptodome
import base64
import hashlib

from Crypto.Hash import RIPEMD160
import rlp
from eth_keys import keys
from eth_keys.constants import SECPK1_P
from eth_utils import keccak, to_canonical_address, to_checksum_address

SIGNER = "0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516"


def keccak256_of(x: bytes) -> bytes:
    return keccak(x)


def sha256_of(x: bytes) -> bytes:
    return hashlib.sha256(x).digest()


def sha256d_of(x: bytes) -> bytes:
    return sha256_of(sha256_of(x))


def sha3_256_of(x: bytes) -> bytes:
    return hashlib.sha3_256(x).digest()


def ripemd160_of(x: bytes) -> bytes:
    return RIPEMD160.new(x).digest()


def eip191_of(x: bytes) -> bytes:
    return keccak256_of(b"\x19Ethereum Signed Message:\n" + str(len(x)).encode() + x)


def hex_of(x: bytes) -> bytes:
    return x.hex().encode()


def hex_upper_of(x: bytes) -> bytes:
    return x.hex().upper().encode()


def text_of(x: bytes) -> bytes:
    return x.decode().encode()


def base64_of(x: bytes) -> bytes:
    return base64.b64encode(x)


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


def compressed_of(key: bytes) -> bytes:
    return point_of(key).to_compressed_bytes()


def uncompressed_of(key: bytes) -> bytes:
    return b"\x04" + point_of(key).to_bytes()


def xy_of(key: bytes) -> bytes:
    return point_of(key).to_bytes()


def address_of(key: bytes) -> bytes:
    return point_of(key).to_canonical_address()


def checksum_address_of(address: bytes) -> bytes:
    return to_checksum_address(address).encode()


def pad_left_of(x: bytes, length: int) -> bytes:
    return bytes(length - len(x)) + x


def drop_of(x: bytes, count: int) -> bytes:
    if count > len(x):
        raise ValueError(f"fewer than {count} bytes")
    return x[count:]


def take_of(x: bytes, count: int) -> bytes:
    if count > len(x):
        raise ValueError(f"fewer than {count} bytes")
    return x[:count]


def reverse_of(x: bytes) -> bytes:
    return x[::-1]


def number_of(digits: bytes, bits: int) -> int:
    if not digits.isdigit() or int(digits) >> bits:
        raise ValueError(f"not decimal digits of {bits} bits")
    return int(digits)


def u32be_of(digits: bytes) -> bytes:
    return number_of(digits, 32).to_bytes(4, "big")


def u64be_of(digits: bytes) -> bytes:
    return number_of(digits, 64).to_bytes(8, "big")


def uint_of(digits: bytes) -> bytes:
    number = number_of(digits, 256)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def varstr_of(x: bytes) -> bytes:
    if len(x) < 0xFD:
        return bytes([len(x)]) + x
    if len(x) <= 0xFFFF:
        return b"\xfd" + len(x).to_bytes(2, "little") + x
    return b"\xfe" + len(x).to_bytes(4, "little") + x


def len_prefixed_of(x: bytes) -> bytes:
    return len(x).to_bytes(4, "big") + x


def decimal_length_of(x: bytes) -> bytes:
    return str(len(x)).encode()


def signature_parts(signature: bytes) -> keys.Signature:
    if len(signature) != 65:
        raise ValueError("a signature has 65 bytes")
    v = signature[64] - 27 if signature[64] in (27, 28) else signature[64]
    return keys.Signature(signature[:64] + bytes([v]))


def rlp_list_of(*items: bytes) -> bytes:
    return rlp.encode(items)


def recovered_signer(digest: bytes, signature: bytes) -> bytes:
    return signature_parts(signature).recover_public_key_from_msg_hash(digest).to_canonical_address()


def digest(id: bytes, from_value: bytes, time: bytes, long: bytes, most: bytes, who: bytes) -> bytes:
    return eip191_of(sha256_of(xy_of(from_value)) + len_prefixed_of(who) + reverse_of(u64be_of(long)) + checksum_address_of(address_of(from_value)) + hex_upper_of(take_of(id, 4)) + uint_of(most) + pad_left_of(id, 32) + decimal_length_of(who) + varstr_of(who) + compressed_of(uncompressed_of(from_value)) + u32be_of(time) + hex_of(id) + b"\"\\\n" + bytes.fromhex("00ff") + sha256d_of(ripemd160_of(drop_of(id, 5))) + base64_of(id) + base64_of(from_value) + base64_of(take_of(id, 4)) + uncompressed_of(from_value) + rlp_list_of(id, who, uint_of(most), b"5") + rlp_list_of(bytes.fromhex("7f"), bytes.fromhex("80"), b"") + sha3_256_of(text_of(who)))


def verify(id: bytes, from_value: bytes, time: bytes, long: bytes, most: bytes, who: bytes, signature: bytes) -> bool:
    return recovered_signer(digest(id, from_value, time, long, most, who), signature) == to_canonical_address(SIGNER)


if __name__ == "__main__":
    assert verify(
        id=bytes.fromhex("00112233445566778899aabbccddeeff00112233"),
        from_value=bytes.fromhex("03b76ab205707ff1fb4e56c007a1c25f4854626fe9fbec708c722e6dd9bcf7f0e7"),
        time=b"1753000000",
        long=b"1753000000123456789",
        most=b"115792089237316195423570985008687907853269984665640564039457584007913129639935",
        who=b"alice",
        signature=bytes.fromhex("90e5e2d97d51de2329f699a9a5c25a358d1e853c4d0529f40f2afe940ddabc7617f65eb2b40f1dda8823b355f6c4c8b5c84f20b87ddf9b75a1a7035b47ec5d121b"),
    )
    print("verified")
