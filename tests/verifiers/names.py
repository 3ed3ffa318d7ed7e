# digest = keccak256(a__b + a_b + a_b2 + a_b_2 + abi + abstract + address + after + alias + arguments + at + byte + bytes + bytes32 + common + concat + concat_of + def + digest + ecrecover + emit + err + eval + fallthrough + fixed128x18 + fmt + fn + gen + hashlib + hex + keccak + keccak256 + keccak256_of + lambda + len + main + match + minutes + nil + nonlocal + number_of + package + panic + partial + promise + recovered_address_of + recovered_signer + reference + sha256 + sha3 + signature + signature_parts + signer + type + type__value + type_value + uint256 + undefined + verify + wei + yield)
# Needs eth-keys, eth-utils and a keccak backend: pip install eth-account
import base64
import hashlib

from eth_keys import keys
from eth_utils import keccak, to_canonical_address, to_checksum_address

SIGNER = "0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516"


def keccak256_of(x: bytes) -> bytes:
    return keccak(x)


def signature_parts(signature: bytes) -> keys.Signature:
    if len(signature) != 65:
        raise ValueError("a signature has 65 bytes")
    v = signature[64] - 27 if signature[64] in (27, 28) else signature[64]
    return keys.Signature(signature[:64] + bytes([v]))


def recovered_signer(digest: bytes, signature: bytes) -> bytes:
    return signature_parts(signature).recover_public_key_from_msg_hash(digest).to_canonical_address()


def digest(a__b: bytes, a_b: bytes, a_b2: bytes, a_b_2: bytes, abi: bytes, abstract: bytes, address: bytes, after: bytes, alias: bytes, arguments: bytes, at: bytes, byte: bytes, bytes_value: bytes, bytes32: bytes, common: bytes, concat: bytes, concat_of: bytes, def_value: bytes, digest_value: bytes, ecrecover: bytes, emit: bytes, err: bytes, eval: bytes, fallthrough: bytes, fixed128x18: bytes, fmt: bytes, fn: bytes, gen: bytes, hashlib_value: bytes, hex: bytes, keccak_value: bytes, keccak256: bytes, keccak256_of_value: bytes, lambda_value: bytes, len_value: bytes, main: bytes, match: bytes, minutes: bytes, nil: bytes, nonlocal_value: bytes, number_of_value: bytes, package: bytes, panic: bytes, partial: bytes, promise: bytes, recovered_address_of: bytes, recovered_signer_value: bytes, reference: bytes, sha256: bytes, sha3: bytes, signature_value: bytes, signature_parts_value: bytes, signer_value: bytes, type: bytes, type__value: bytes, type_value: bytes, uint256: bytes, undefined: bytes, verify_value: bytes, wei: bytes, yield_value: bytes) -> bytes:
    return keccak256_of(a__b + a_b + a_b2 + a_b_2 + abi + abstract + address + after + alias + arguments + at + byte + bytes_value + bytes32 + common + concat + concat_of + def_value + digest_value + ecrecover + emit + err + eval + fallthrough + fixed128x18 + fmt + fn + gen + hashlib_value + hex + keccak_value + keccak256 + keccak256_of_value + lambda_value + len_value + main + match + minutes + nil + nonlocal_value + number_of_value + package + panic + partial + promise + recovered_address_of + recovered_signer_value + reference + sha256 + sha3 + signature_value + signature_parts_value + signer_value + type + type__value + type_value + uint256 + undefined + verify_value + wei + yield_value)


def verify(a__b: bytes, a_b: bytes, a_b2: bytes, a_b_2: bytes, abi: bytes, abstract: bytes, address: bytes, after: bytes, alias: bytes, arguments: bytes, at: bytes, byte: bytes, bytes_value: bytes, bytes32: bytes, common: bytes, concat: bytes, concat_of: bytes, def_value: bytes, digest_value: bytes, ecrecover: bytes, emit: bytes, err: bytes, eval: bytes, fallthrough: bytes, fixed128x18: bytes, fmt: bytes, fn: bytes, gen: bytes, hashlib_value: bytes, hex: bytes, keccak_value: bytes, keccak256: bytes, keccak256_of_value: bytes, lambda_value: bytes, len_value: bytes, main: bytes, match: bytes, minutes: bytes, nil: bytes, nonlocal_value: bytes, number_of_value: bytes, package: bytes, panic: bytes, partial: bytes, promise: bytes, recovered_address_of: bytes, recovered_signer_value: bytes, reference: bytes, sha256: bytes, sha3: bytes, signature_value: bytes, signature_parts_value: bytes, signer_value: bytes, type: bytes, type__value: bytes, type_value: bytes, uint256: bytes, undefined: bytes, verify_value: bytes, wei: bytes, yield_value: bytes, signature: bytes) -> bool:
    return recovered_signer(digest(a__b, a_b, a_b2, a_b_2, abi, abstract, address, after, alias, arguments, at, byte, bytes_value, bytes32, common, concat, concat_of, def_value, digest_value, ecrecover, emit, err, eval, fallthrough, fixed128x18, fmt, fn, gen, hashlib_value, hex, keccak_value, keccak256, keccak256_of_value, lambda_value, len_value, main, match, minutes, nil, nonlocal_value, number_of_value, package, panic, partial, promise, recovered_address_of, recovered_signer_value, reference, sha256, sha3, signature_value, signature_parts_value, signer_value, type, type__value, type_value, uint256, undefined, verify_value, wei, yield_value), signature) == to_canonical_address(SIGNER)


if __name__ == "__main__":
    assert verify(
        a__b=b"a__b",
        a_b=b"a_b",
        a_b2=b"a_b2",
        a_b_2=b"a_b_2",
        abi=b"abi",
        abstract=b"abstract",
        address=b"address",
        after=b"after",
        alias=b"alias",
        arguments=b"arguments",
        at=b"at",
        byte=b"byte",
        bytes_value=b"bytes",
        bytes32=b"bytes32",
        common=b"common",
        concat=b"concat",
        concat_of=b"concat_of",
        def_value=b"def",
        digest_value=b"digest",
        ecrecover=b"ecrecover",
        emit=b"emit",
        err=b"err",
        eval=b"eval",
        fallthrough=b"fallthrough",
        fixed128x18=b"fixed128x18",
        fmt=b"fmt",
        fn=b"fn",
        gen=b"gen",
        hashlib_value=b"hashlib",
        hex=b"hex",
        keccak_value=b"keccak",
        keccak256=b"keccak256",
        keccak256_of_value=b"keccak256_of",
        lambda_value=b"lambda",
        len_value=b"len",
        main=b"main",
        match=b"match",
        minutes=b"minutes",
        nil=b"nil",
        nonlocal_value=b"nonlocal",
        number_of_value=b"number_of",
        package=b"package",
        panic=b"panic",
        partial=b"partial",
        promise=b"promise",
        recovered_address_of=b"recovered_address_of",
        recovered_signer_value=b"recovered_signer",
        reference=b"reference",
        sha256=b"sha256",
        sha3=b"sha3",
        signature_value=b"signature",
        signature_parts_value=b"signature_parts",
        signer_value=b"signer",
        type=b"type",
        type__value=b"type__value",
        type_value=b"type_value",
        uint256=b"uint256",
        undefined=b"undefined",
        verify_value=b"verify",
        wei=b"wei",
        yield_value=b"yield",
        signature=bytes.fromhex("1b438fe99c44edaa756582a7c2c94cc6758467123d6e8a63b848d50990fa70f61ca3a9bc0dcc091f9fa6f564b64d9e03b090795f964129f3aff8b2e294578d351c"),
    )
    print("verified")
