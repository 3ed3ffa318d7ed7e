// digest = keccak256(a__b + a_b + a_b2 + a_b_2 + abi + abstract + address + after + alias + arguments + at + byte + bytes + bytes32 + common + concat + concat_of + def + digest + ecrecover + emit + err + eval + fallthrough + fixed128x18 + fmt + fn + gen + hashlib + hex + keccak + keccak256 + keccak256_of + lambda + len + main + match + minutes + nil + nonlocal + number_of + package + panic + partial + promise + recovered_address_of + recovered_signer + reference + sha256 + sha3 + signature + signature_parts + signer + type + type__value + type_value + uint256 + undefined + verify + wei + yield)
// Needs k256 (ecdsa), sha3, sha2, hex and base64.

/// 0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516
const SIGNER: &str = "5e5132f15a9aa4aa91a6bcae35adf34e27a13516";

fn keccak256_of(x: &[u8]) -> Vec<u8> {
    <sha3::Keccak256 as sha3::Digest>::digest(x).to_vec()
}

fn recovered_key(digest: &[u8], signature: &[u8]) -> Option<k256::ecdsa::VerifyingKey> {
    if signature.len() != 65 {
        return None;
    }
    let (rs, v) = (signature.get(..64)?, *signature.get(64)?);
    let id = k256::ecdsa::RecoveryId::from_byte(if v >= 27 { v - 27 } else { v })?;
    let signature = k256::ecdsa::Signature::from_slice(rs).ok()?;
    k256::ecdsa::VerifyingKey::recover_from_prehash(digest, &signature, id).ok()
}

fn recovered_signer(digest: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
    let key = recovered_key(digest, signature)?.to_sec1_point(false);
    Some(keccak256_of(&key.as_bytes()[1..])[12..].to_vec())
}

pub fn digest(a__b: &[u8], a_b: &[u8], a_b2: &[u8], a_b_2: &[u8], abi: &[u8], abstract_value: &[u8], address_value: &[u8], after: &[u8], alias: &[u8], arguments: &[u8], at: &[u8], byte: &[u8], bytes: &[u8], bytes32: &[u8], common: &[u8], concat: &[u8], concat_of: &[u8], def: &[u8], digest_value: &[u8], ecrecover: &[u8], emit: &[u8], err: &[u8], eval: &[u8], fallthrough: &[u8], fixed128x18: &[u8], fmt: &[u8], fn_value: &[u8], gen_value: &[u8], hashlib: &[u8], hex_value: &[u8], keccak: &[u8], keccak256: &[u8], keccak256_of_value: &[u8], lambda: &[u8], len: &[u8], main_value: &[u8], match_value: &[u8], minutes: &[u8], nil: &[u8], nonlocal: &[u8], number_of_value: &[u8], package: &[u8], panic: &[u8], partial: &[u8], promise: &[u8], recovered_address_of: &[u8], recovered_signer_value: &[u8], reference: &[u8], sha256: &[u8], sha3_value: &[u8], signature_value: &[u8], signature_parts: &[u8], signer_value: &[u8], type_value: &[u8], type__value: &[u8], type_value_2: &[u8], uint256: &[u8], undefined: &[u8], verify_value: &[u8], wei: &[u8], yield_value: &[u8]) -> [u8; 32] {
    <[u8; 32]>::try_from(&keccak256_of(&[&a__b[..], &a_b[..], &a_b2[..], &a_b_2[..], &abi[..], &abstract_value[..], &address_value[..], &after[..], &alias[..], &arguments[..], &at[..], &byte[..], &bytes[..], &bytes32[..], &common[..], &concat[..], &concat_of[..], &def[..], &digest_value[..], &ecrecover[..], &emit[..], &err[..], &eval[..], &fallthrough[..], &fixed128x18[..], &fmt[..], &fn_value[..], &gen_value[..], &hashlib[..], &hex_value[..], &keccak[..], &keccak256[..], &keccak256_of_value[..], &lambda[..], &len[..], &main_value[..], &match_value[..], &minutes[..], &nil[..], &nonlocal[..], &number_of_value[..], &package[..], &panic[..], &partial[..], &promise[..], &recovered_address_of[..], &recovered_signer_value[..], &reference[..], &sha256[..], &sha3_value[..], &signature_value[..], &signature_parts[..], &signer_value[..], &type_value[..], &type__value[..], &type_value_2[..], &uint256[..], &undefined[..], &verify_value[..], &wei[..], &yield_value[..]].concat()[..])[..]).expect("a digest has 32 bytes")
}

pub fn verify(a__b: &[u8], a_b: &[u8], a_b2: &[u8], a_b_2: &[u8], abi: &[u8], abstract_value: &[u8], address_value: &[u8], after: &[u8], alias: &[u8], arguments: &[u8], at: &[u8], byte: &[u8], bytes: &[u8], bytes32: &[u8], common: &[u8], concat: &[u8], concat_of: &[u8], def: &[u8], digest_value: &[u8], ecrecover: &[u8], emit: &[u8], err: &[u8], eval: &[u8], fallthrough: &[u8], fixed128x18: &[u8], fmt: &[u8], fn_value: &[u8], gen_value: &[u8], hashlib: &[u8], hex_value: &[u8], keccak: &[u8], keccak256: &[u8], keccak256_of_value: &[u8], lambda: &[u8], len: &[u8], main_value: &[u8], match_value: &[u8], minutes: &[u8], nil: &[u8], nonlocal: &[u8], number_of_value: &[u8], package: &[u8], panic: &[u8], partial: &[u8], promise: &[u8], recovered_address_of: &[u8], recovered_signer_value: &[u8], reference: &[u8], sha256: &[u8], sha3_value: &[u8], signature_value: &[u8], signature_parts: &[u8], signer_value: &[u8], type_value: &[u8], type__value: &[u8], type_value_2: &[u8], uint256: &[u8], undefined: &[u8], verify_value: &[u8], wei: &[u8], yield_value: &[u8], signature: &[u8]) -> bool {
    recovered_signer(&digest(a__b, a_b, a_b2, a_b_2, abi, abstract_value, address_value, after, alias, arguments, at, byte, bytes, bytes32, common, concat, concat_of, def, digest_value, ecrecover, emit, err, eval, fallthrough, fixed128x18, fmt, fn_value, gen_value, hashlib, hex_value, keccak, keccak256, keccak256_of_value, lambda, len, main_value, match_value, minutes, nil, nonlocal, number_of_value, package, panic, partial, promise, recovered_address_of, recovered_signer_value, reference, sha256, sha3_value, signature_value, signature_parts, signer_value, type_value, type__value, type_value_2, uint256, undefined, verify_value, wei, yield_value), signature).is_some_and(|address| hex::encode(address) == SIGNER)
}

pub fn main() {
    let a__b = b"a__b";
    let a_b = b"a_b";
    let a_b2 = b"a_b2";
    let a_b_2 = b"a_b_2";
    let abi = b"abi";
    let abstract_value = b"abstract";
    let address_value = b"address";
    let after = b"after";
    let alias = b"alias";
    let arguments = b"arguments";
    let at = b"at";
    let byte = b"byte";
    let bytes = b"bytes";
    let bytes32 = b"bytes32";
    let common = b"common";
    let concat = b"concat";
    let concat_of = b"concat_of";
    let def = b"def";
    let digest_value = b"digest";
    let ecrecover = b"ecrecover";
    let emit = b"emit";
    let err = b"err";
    let eval = b"eval";
    let fallthrough = b"fallthrough";
    let fixed128x18 = b"fixed128x18";
    let fmt = b"fmt";
    let fn_value = b"fn";
    let gen_value = b"gen";
    let hashlib = b"hashlib";
    let hex_value = b"hex";
    let keccak = b"keccak";
    let keccak256 = b"keccak256";
    let keccak256_of_value = b"keccak256_of";
    let lambda = b"lambda";
    let len = b"len";
    let main_value = b"main";
    let match_value = b"match";
    let minutes = b"minutes";
    let nil = b"nil";
    let nonlocal = b"nonlocal";
    let number_of_value = b"number_of";
    let package = b"package";
    let panic = b"panic";
    let partial = b"partial";
    let promise = b"promise";
    let recovered_address_of = b"recovered_address_of";
    let recovered_signer_value = b"recovered_signer";
    let reference = b"reference";
    let sha256 = b"sha256";
    let sha3_value = b"sha3";
    let signature_value = b"signature";
    let signature_parts = b"signature_parts";
    let signer_value = b"signer";
    let type_value = b"type";
    let type__value = b"type__value";
    let type_value_2 = b"type_value";
    let uint256 = b"uint256";
    let undefined = b"undefined";
    let verify_value = b"verify";
    let wei = b"wei";
    let yield_value = b"yield";
    let signature = b"\x1b\x43\x8f\xe9\x9c\x44\xed\xaa\x75\x65\x82\xa7\xc2\xc9\x4c\xc6\x75\x84\x67\x12\x3d\x6e\x8a\x63\xb8\x48\xd5\x09\x90\xfa\x70\xf6\x1c\xa3\xa9\xbc\x0d\xcc\x09\x1f\x9f\xa6\xf5\x64\xb6\x4d\x9e\x03\xb0\x90\x79\x5f\x96\x41\x29\xf3\xaf\xf8\xb2\xe2\x94\x57\x8d\x35\x1c";
    assert!(verify(a__b, a_b, a_b2, a_b_2, abi, abstract_value, address_value, after, alias, arguments, at, byte, bytes, bytes32, common, concat, concat_of, def, digest_value, ecrecover, emit, err, eval, fallthrough, fixed128x18, fmt, fn_value, gen_value, hashlib, hex_value, keccak, keccak256, keccak256_of_value, lambda, len, main_value, match_value, minutes, nil, nonlocal, number_of_value, package, panic, partial, promise, recovered_address_of, recovered_signer_value, reference, sha256, sha3_value, signature_value, signature_parts, signer_value, type_value, type__value, type_value_2, uint256, undefined, verify_value, wei, yield_value, signature));
    println!("verified");
}
