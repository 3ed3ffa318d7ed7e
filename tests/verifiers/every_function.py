# digest = eip191(sha256(xy(from)) + len_prefixed(who) + reverse(u64be(long)) + checksum_address(address(from)) + hex_upper(take(id, 4)) + uint(most) + pad_left(id, 32) + decimal_length(who) + varstr(who) + compressed(uncompressed(from)) + u32be(time) + hex(id) + "\"\\\n" + 0x00ff + sha256d(ripemd160(drop(id, 5))) + base64(id) + base64(from) + base64(take(id, 4)) + uncompressed(from) + rlp_list(id, who, uint(most), 5) + rlp_list(0x7f, 0x80, 0x) + rlp_payload(rlp(id) + rlp(who) + rlp(0x7f)) + proto_bytes(who, 1) + proto_uint(time, 16) + proto_uint(0, 1) + u256be(most) + sha3_256(text(who)) + blake2b_256(who) + typed_data(typed))
# Needs eth-keys, eth-utils, rlp and a keccak backend, pycryptodome: pip install eth-account pycryptodome
import base64
import hashlib
import json

from Crypto.Hash import RIPEMD160
import rlp
from eth_account.messages import encode_typed_data
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


def blake2b_256_of(x: bytes) -> bytes:
    return hashlib.blake2b(x, digest_size=32).digest()


def typed_data_of(x: bytes) -> bytes:
    message = encode_typed_data(full_message=json.loads(x))
    return keccak256_of(b"\x19" + message.version + message.header + message.body)


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


def u256be_of(digits: bytes) -> bytes:
    return number_of(digits, 256).to_bytes(32, "big")


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


def rlp_of(x: bytes) -> bytes:
    return rlp.encode(x)


def rlp_payload_of(items: bytes) -> bytes:
    if len(items) < 56:
        return bytes([0xC0 + len(items)]) + items
    digits = uint_of(str(len(items)).encode())
    return bytes([0xF7 + len(digits)]) + digits + items


def proto_bytes_of(x: bytes, field: int) -> bytes:
    return varint_of(field << 3 | 2) + varint_of(len(x)) + x if x else b""


def proto_uint_of(digits: bytes, field: int) -> bytes:
    number = number_of(digits, 64)
    return varint_of(field << 3) + varint_of(number) if number else b""


def varint_of(number: int) -> bytes:
    if number < 0x80:
        return bytes([number])
    return bytes([number & 0x7F | 0x80]) + varint_of(number >> 7)


def recovered_signer(digest: bytes, signature: bytes) -> bytes:
    return signature_parts(signature).recover_public_key_from_msg_hash(digest).to_canonical_address()


def digest(id: bytes, from_value: bytes, time: bytes, long: bytes, most: bytes, who: bytes, typed: bytes) -> bytes:
    return eip191_of(sha256_of(xy_of(from_value)) + len_prefixed_of(who) + reverse_of(u64be_of(long)) + checksum_address_of(address_of(from_value)) + hex_upper_of(take_of(id, 4)) + uint_of(most) + pad_left_of(id, 32) + decimal_length_of(who) + varstr_of(who) + compressed_of(uncompressed_of(from_value)) + u32be_of(time) + hex_of(id) + b"\"\\\n" + bytes.fromhex("00ff") + sha256d_of(ripemd160_of(drop_of(id, 5))) + base64_of(id) + base64_of(from_value) + base64_of(take_of(id, 4)) + uncompressed_of(from_value) + rlp_list_of(id, who, uint_of(most), b"5") + rlp_list_of(bytes.fromhex("7f"), bytes.fromhex("80"), b"") + rlp_payload_of(rlp_of(id) + rlp_of(who) + rlp_of(bytes.fromhex("7f"))) + proto_bytes_of(who, 1) + proto_uint_of(time, 16) + proto_uint_of(b"0", 1) + u256be_of(most) + sha3_256_of(text_of(who)) + blake2b_256_of(who) + typed_data_of(typed))


def verify(id: bytes, from_value: bytes, time: bytes, long: bytes, most: bytes, who: bytes, typed: bytes, signature: bytes) -> bool:
    return recovered_signer(digest(id, from_value, time, long, most, who, typed), signature) == to_canonical_address(SIGNER)


if __name__ == "__main__":
    assert verify(
        id=bytes.fromhex("00112233445566778899aabbccddeeff00112233"),
        from_value=bytes.fromhex("03b76ab205707ff1fb4e56c007a1c25f4854626fe9fbec708c722e6dd9bcf7f0e7"),
        time=b"1753000000",
        long=b"1753000000123456789",
        most=b"115792089237316195423570985008687907853269984665640564039457584007913129639935",
        who=b"alice",
        typed=b"{\"types\":{\"EIP712Domain\":[{\"name\":\"chainId\",\"type\":\"uint256\"}],\"Mail\":[{\"name\":\"to\",\"type\":\"Person[]\"}],\"Person\":[{\"name\":\"age\",\"type\":\"int16\"},{\"name\":\"who\",\"type\":\"string\"}]},\"primaryType\":\"Mail\",\"domain\":{\"chainId\":1},\"message\":{\"to\":[{\"age\":-4,\"who\":\"Bob\"}]}}",
        signature=bytes.fromhex("dff74a05b219aa6f7e0f56b02bcdca1347c95b19baa4c9babd26bf002048ca1744da0ee08ba9b420317def5a51e033c91a2ef4bc565837a97b1f554957ba3d8b1c"),
    )
    print("verified")
