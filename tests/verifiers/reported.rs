// digest = keccak256("dstack-kms-issued:" + pad_right(drop(app_id, 1), 32) + address(recover(keccak256(purpose + ":" + hex0x(address(derived_key))), claim_signature)))
// Needs k256 (ecdsa), hex, sha3.

/// 0xB57e7acDB7fD455Ed15C8523696840CC28e616Ec
const SIGNER: &str = "b57e7acdb7fd455ed15c8523696840cc28e616ec";

fn keccak256_of(x: &[u8]) -> Vec<u8> {
    <sha3::Keccak256 as sha3::Digest>::digest(x).to_vec()
}

fn hex0x_of(x: &[u8]) -> Vec<u8> {
    format!("0x{}", hex::encode(x)).into()
}

fn point_of(key: &[u8]) -> k256::ecdsa::VerifyingKey {
    assert!(matches!(key, [2..=4, ..]), "compressed or uncompressed");
    k256::ecdsa::VerifyingKey::from_sec1_bytes(key).expect("a public key")
}

fn uncompressed_of(key: &[u8]) -> Vec<u8> {
    point_of(key).to_sec1_point(false).as_bytes().to_vec()
}

fn xy_of(key: &[u8]) -> Vec<u8> {
    uncompressed_of(key)[1..].to_vec()
}

fn address_of(key: &[u8]) -> Vec<u8> {
    keccak256_of(&xy_of(key))[12..].to_vec()
}

fn pad_right_of(x: &[u8], length: usize) -> Vec<u8> {
    [x.to_vec(), vec![0; length - x.len()]].concat()
}

fn drop_of(x: &[u8], count: usize) -> Vec<u8> {
    x[count..].to_vec()
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

fn recover_of(digest: &[u8], signature: &[u8]) -> Vec<u8> {
    recovered_key(digest, signature).expect("a key").to_sec1_point(true).as_bytes().to_vec()
}

fn recovered_signer(digest: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
    let key = recovered_key(digest, signature)?.to_sec1_point(false);
    Some(keccak256_of(&key.as_bytes()[1..])[12..].to_vec())
}

pub fn digest(app_id: &[u8], purpose: &[u8], derived_key: &[u8], claim_signature: &[u8]) -> [u8; 32] {
    <[u8; 32]>::try_from(&keccak256_of(&[&b"dstack-kms-issued:"[..], &pad_right_of(&drop_of(&app_id[..], 1)[..], 32)[..], &address_of(&recover_of(&keccak256_of(&[&purpose[..], &b":"[..], &hex0x_of(&address_of(&derived_key[..])[..])[..]].concat()[..])[..], &claim_signature[..])[..])[..]].concat()[..])[..]).expect("a digest has 32 bytes")
}

pub fn verify(app_id: &[u8], purpose: &[u8], derived_key: &[u8], claim_signature: &[u8], signature: &[u8]) -> bool {
    recovered_signer(&digest(app_id, purpose, derived_key, claim_signature), signature).is_some_and(|address| hex::encode(address) == SIGNER)
}

pub fn main() {
    let app_id = b"\xea\x54\x9f\x02\xe1\xa2\x5f\xab\xd1\xcb\x78\x83\x80\xe0\x33\xec\x54\x61\xb2\xff";
    let purpose = b"ethereum";
    let derived_key = b"\x02\xd4\xca\x79\x5a\xa8\x2a\x88\x19\x73\x53\x90\x04\x0b\xb8\x8f\x4b\xbf\x7d\x9c\xa9\xad\x49\x2b\xa5\xb1\x5f\x7d\x31\xc3\x83\xfc\x08";
    let claim_signature = b"\xcd\x52\xf1\x20\xd5\xf4\x4e\xcc\x3b\xb8\xe8\x49\x96\x94\x14\x74\x2d\x4a\xf4\x0a\x31\x8d\xaf\x23\xb5\xa3\xf4\x4d\x49\x2c\xfe\x76\x20\x94\x74\x00\x9a\x0d\x0b\x95\xcd\x6d\x71\x99\x46\xb7\x4e\xa7\xed\x41\x8f\x95\xc5\xa4\x64\x2b\x64\xd7\xfb\xb0\x6b\x0f\x84\x9b\x01";
    let signature = b"\x2f\x43\x1c\x79\x56\x86\x9a\x4f\xe3\xe0\x28\xc5\xf9\x51\x8a\x93\x5e\x2d\x01\xe8\x1a\x36\x28\xf8\xb1\xd1\x78\xfc\x2f\xac\x7b\x6d\x24\x05\xac\xe4\x33\x62\x4e\x55\x68\xe2\x3c\x4e\xd2\x91\xdb\xaf\x60\xda\xc7\x9b\x75\x68\x37\xc0\xfe\x74\x51\x54\xeb\xfd\xc0\xa6\x01";
    assert!(verify(app_id, purpose, derived_key, claim_signature, signature));
    println!("verified");
}
