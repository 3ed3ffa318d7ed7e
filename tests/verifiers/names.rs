// digest = keccak256(a__b + a_b + a_b2 + a_b_2 + abstract + digest + fn + gen + hex + keccak256_of + main + match + number_of + recovered_signer + ripemd + signature + type + type__value + type_value + verify)
// Needs k256 (ecdsa), hex, sha3.

/// 0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516
const SIGNER: &str = "5e5132f15a9aa4aa91a6bcae35adf34e27a13516";

fn keccak256_of(x: &[u8]) -> Vec<u8> {
    <sha3::Keccak256 as sha3::Digest>::digest(x).to_vec()
}

fn number_of(digits: &[u8], bits: usize) -> Vec<u8> {
    assert!(!digits.is_empty() && digits.iter().all(u8::is_ascii_digit), "decimal digits");
    let mut number = vec![0; bits / 8];
    for digit in digits {
        let mut carry = u32::from(digit - b'0');
        for byte in number.iter_mut().rev() {
            carry += 10 * u32::from(*byte);
            *byte = carry as u8;
            carry >>= 8;
        }
        assert_eq!(carry, 0, "{bits} bits");
    }
    number
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

pub fn digest(a__b: &[u8], a_b: &[u8], a_b2: &[u8], a_b_2: &[u8], abstract_value: &[u8], digest_value: &[u8], fn_value: &[u8], gen_value: &[u8], hex_value: &[u8], keccak256_of_value: &[u8], main_value: &[u8], match_value: &[u8], number_of_value: &[u8], recovered_signer_value: &[u8], ripemd_value: &[u8], signature_value: &[u8], type_value: &[u8], type__value: &[u8], type_value_2: &[u8], verify_value: &[u8]) -> [u8; 32] {
    <[u8; 32]>::try_from(&keccak256_of(&[&a__b[..], &a_b[..], &a_b2[..], &a_b_2[..], &abstract_value[..], &digest_value[..], &fn_value[..], &gen_value[..], &hex_value[..], &keccak256_of_value[..], &main_value[..], &match_value[..], &number_of_value[..], &recovered_signer_value[..], &ripemd_value[..], &signature_value[..], &type_value[..], &type__value[..], &type_value_2[..], &verify_value[..]].concat()[..])[..]).expect("a digest has 32 bytes")
}

pub fn verify(a__b: &[u8], a_b: &[u8], a_b2: &[u8], a_b_2: &[u8], abstract_value: &[u8], digest_value: &[u8], fn_value: &[u8], gen_value: &[u8], hex_value: &[u8], keccak256_of_value: &[u8], main_value: &[u8], match_value: &[u8], number_of_value: &[u8], recovered_signer_value: &[u8], ripemd_value: &[u8], signature_value: &[u8], type_value: &[u8], type__value: &[u8], type_value_2: &[u8], verify_value: &[u8], signature: &[u8]) -> bool {
    recovered_signer(&digest(a__b, a_b, a_b2, a_b_2, abstract_value, digest_value, fn_value, gen_value, hex_value, keccak256_of_value, main_value, match_value, number_of_value, recovered_signer_value, ripemd_value, signature_value, type_value, type__value, type_value_2, verify_value), signature).is_some_and(|address| hex::encode(address) == SIGNER)
}

pub fn main() {
    let a__b = b"a__b";
    let a_b = b"a_b";
    let a_b2 = b"a_b2";
    let a_b_2 = b"a_b_2";
    let abstract_value = b"abstract";
    let digest_value = b"digest";
    let fn_value = b"fn";
    let gen_value = b"gen";
    let hex_value = b"hex";
    let keccak256_of_value = b"keccak256_of";
    let main_value = b"main";
    let match_value = b"match";
    let number_of_value = b"number_of";
    let recovered_signer_value = b"recovered_signer";
    let ripemd_value = b"ripemd";
    let signature_value = b"signature";
    let type_value = b"type";
    let type__value = b"type__value";
    let type_value_2 = b"type_value";
    let verify_value = b"verify";
    let signature = b"\x3d\xc6\x28\x78\x0c\x85\xf6\x01\x2e\xe9\x5f\xfc\x66\x43\xcc\xc6\x28\x6c\xce\x19\x50\x6e\x03\x53\x21\xfe\x72\x34\xe1\xba\xf1\xbd\x29\x32\xa6\xd8\xde\xe3\x09\x3d\x16\x54\x9b\xa1\x99\x27\x40\xd0\xb7\x41\xcf\x13\xa6\x58\xf7\x59\x57\x1b\x90\xf4\xb9\x1b\xff\xed\x1c";
    assert!(verify(a__b, a_b, a_b2, a_b_2, abstract_value, digest_value, fn_value, gen_value, hex_value, keccak256_of_value, main_value, match_value, number_of_value, recovered_signer_value, ripemd_value, signature_value, type_value, type__value, type_value_2, verify_value, signature));
    println!("verified");
}
