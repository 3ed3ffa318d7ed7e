//! Key derivation: from a KMS root to an app's key, and from that to the keys that the app asks for.
//!
//! HKDF-SHA256 (RFC 5869) everywhere; what differs is the salt and the info.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::secret::{PrivateKey, Secret, SecretError};

const SALT_V0: &[u8] = b"RATLS";
const SALT_V1: &[u8] = b"dstack-guest-v1";

/// The app key of an app (20 bytes) under a KMS root.
///
/// # Errors
/// The derived number is no key: one in 2¹²⁸.
pub fn app_key(root: &PrivateKey, app_id: &[u8]) -> Result<PrivateKey, SecretError> {
    key_v0(root, &[app_id, b"app-key"].concat())
}

/// The key that GetKey derives at a path. The purpose has no part in it.
///
/// # Errors
/// The derived number is no key: one in 2¹²⁸.
pub fn derived_key(app_key: &PrivateKey, path: &str) -> Result<PrivateKey, SecretError> {
    key_v0(app_key, path.as_bytes())
}

/// The 32 bytes that GetKey derives at a path, whatever the algorithm.
pub fn seed_v0(app_key: &PrivateKey, path: &str) -> Secret {
    Secret::new(expand(SALT_V0, app_key, path.as_bytes()).to_vec())
}

/// The 32 bytes that the guest API v1 derives for an algorithm (`secp256k1`, …) and a domain.
pub fn seed_v1(app_key: &PrivateKey, algorithm: &str, domain: &str) -> Secret {
    let info = length_prefixed_all([b"dstack-guest-v1-key", algorithm.as_bytes(), domain.as_bytes()]);
    Secret::new(expand(SALT_V1, app_key, &info).to_vec())
}

fn key_v0(from: &PrivateKey, info: &[u8]) -> Result<PrivateKey, SecretError> {
    PrivateKey::from_bytes(&*expand(SALT_V0, from, info))
}

fn expand(salt: &[u8], from: &PrivateKey, info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut output = Zeroizing::new([0; 32]);
    let expanded = Hkdf::<Sha256>::new(Some(salt), &*from.expose()).expand(info, &mut *output);
    expanded.unwrap_or_else(|_| unreachable!("HKDF-SHA256 gives up to 255 times 32 bytes"));
    output
}

/// Parts, each with its length in front.
pub(super) fn length_prefixed_all<const N: usize>(parts: [&[u8]; N]) -> Vec<u8> {
    parts.map(length_prefixed).concat()
}

/// A length of 4 bytes, big-endian, then the bytes.
fn length_prefixed(bytes: &[u8]) -> Vec<u8> {
    // A text of 4 GiB does not come to be in a file or on a command line.
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), bytes].concat()
}
