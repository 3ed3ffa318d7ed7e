//! The hash functions that format expressions and addresses use.

use sha2::Digest as _;

/// Keccak-256 with the original padding, as Ethereum uses it.
pub fn keccak256(bytes: &[u8]) -> [u8; 32] {
    sha3::Keccak256::digest(bytes).into()
}

/// SHA3-256 of FIPS 202, which is not Keccak-256.
pub fn sha3_256(bytes: &[u8]) -> [u8; 32] {
    sha3::Sha3_256::digest(bytes).into()
}

/// SHA-256 of FIPS 180-4.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(bytes).into()
}

/// RIPEMD-160.
pub fn ripemd160(bytes: &[u8]) -> [u8; 20] {
    ripemd::Ripemd160::digest(bytes).into()
}

/// BLAKE2b of RFC 7693 with a digest of 32 bytes.
pub fn blake2b_256(bytes: &[u8]) -> [u8; 32] {
    blake2::Blake2b256::digest(bytes).into()
}
