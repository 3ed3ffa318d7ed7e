// digest = keccak256("dstack-kms-issued:" + app_id + compressed(app_key))
// Needs k256 (ecdsa), sha3, sha2, hex and base64.

/// 0x8f2cF602C9695b23130367ed78d8F557554de7C5
const SIGNER: &str = "8f2cf602c9695b23130367ed78d8f557554de7c5";

fn keccak256_of(x: &[u8]) -> Vec<u8> {
    <sha3::Keccak256 as sha3::Digest>::digest(x).to_vec()
}

fn point_of(key: &[u8]) -> k256::ecdsa::VerifyingKey {
    k256::ecdsa::VerifyingKey::from_sec1_bytes(key).expect("a public key")
}

fn compressed_of(key: &[u8]) -> Vec<u8> {
    point_of(key).to_sec1_point(true).as_bytes().to_vec()
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

pub fn digest(app_id: &[u8], app_key: &[u8]) -> [u8; 32] {
    <[u8; 32]>::try_from(&keccak256_of(&[&b"dstack-kms-issued:"[..], &app_id[..], &compressed_of(&app_key[..])[..]].concat()[..])[..]).expect("a digest has 32 bytes")
}

pub fn verify(app_id: &[u8], app_key: &[u8], signature: &[u8]) -> bool {
    recovered_signer(&digest(app_id, app_key), signature).is_some_and(|address| hex::encode(address) == SIGNER)
}

pub fn main() {
    let app_id = b"\xea\x54\x9f\x02\xe1\xa2\x5f\xab\xd1\xcb\x78\x83\x80\xe0\x33\xec\x54\x61\xb2\xff";
    let app_key = b"\x02\xb8\x5c\xce\xca\x0c\x02\xd8\x78\xf0\xeb\xcd\xa7\x2a\x97\x46\x9a\x47\x24\x16\xeb\x6f\xaf\x3c\x48\x07\x64\x21\x32\xf9\x78\x68\x10";
    let signature = b"\x2f\x43\x1c\x79\x56\x86\x9a\x4f\xe3\xe0\x28\xc5\xf9\x51\x8a\x93\x5e\x2d\x01\xe8\x1a\x36\x28\xf8\xb1\xd1\x78\xfc\x2f\xac\x7b\x6d\x24\x05\xac\xe4\x33\x62\x4e\x55\x68\xe2\x3c\x4e\xd2\x91\xdb\xaf\x60\xda\xc7\x9b\x75\x68\x37\xc0\xfe\x74\x51\x54\xeb\xfd\xc0\xa6\x01";
    assert!(verify(app_id, app_key, signature));
    println!("verified");
}
