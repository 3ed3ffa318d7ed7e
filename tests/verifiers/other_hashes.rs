// digest = sha3_256(base64(id) + sha256d(who))
// Needs k256 (ecdsa), sha3, sha2, hex and base64.

/// 0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516
const SIGNER: &str = "5e5132f15a9aa4aa91a6bcae35adf34e27a13516";

fn keccak256_of(x: &[u8]) -> Vec<u8> {
    <sha3::Keccak256 as sha3::Digest>::digest(x).to_vec()
}

fn sha256_of(x: &[u8]) -> Vec<u8> {
    <sha2::Sha256 as sha2::Digest>::digest(x).to_vec()
}

fn sha256d_of(x: &[u8]) -> Vec<u8> {
    sha256_of(&sha256_of(x))
}

fn sha3_256_of(x: &[u8]) -> Vec<u8> {
    <sha3::Sha3_256 as sha3::Digest>::digest(x).to_vec()
}

fn base64_of(x: &[u8]) -> Vec<u8> {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, x).into()
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

pub fn digest(id: &[u8], who: &[u8]) -> [u8; 32] {
    <[u8; 32]>::try_from(&sha3_256_of(&[&base64_of(&id[..])[..], &sha256d_of(&who[..])[..]].concat()[..])[..]).expect("a digest has 32 bytes")
}

pub fn verify(id: &[u8], who: &[u8], signature: &[u8]) -> bool {
    recovered_signer(&digest(id, who), signature).is_some_and(|address| hex::encode(address) == SIGNER)
}

pub fn main() {
    let id = b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x00\x11\x22\x33";
    let who = b"alice";
    let signature = b"\x61\xba\x93\x89\x06\x70\x92\x93\xb6\xd9\x10\x2f\x86\x20\x3d\xc0\x2a\xd3\xfd\xb0\x8e\x77\x71\xdb\xdb\xb0\x5f\x6b\x73\x72\xb8\x00\x32\x48\xa3\x06\xa9\xef\x44\xc6\x43\xe1\x1b\xc0\x0a\x0c\x98\xf0\x5e\x90\xe2\x0a\x98\x67\xb8\x4d\x07\x91\x30\x1e\xea\xba\xa9\x6a\x1c";
    assert!(verify(id, who, signature));
    println!("verified");
}
