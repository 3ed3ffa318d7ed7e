//! The hash functions that suites name, as ECDSA takes their digests.

use sha2::Digest as _;
use shake::digest::{ExtendableOutput as _, Update as _, XofReader as _};

use crate::input::bytes::Word;

/// The leftmost 32 bytes of a message's digest: all that counts of a longer one on a curve of 256 bits (SEC 1 4.1.3,
/// step 5). None for a hash that is not known here, or a shorter one.
pub(super) fn digest(sha: &str, message: &[u8]) -> Option<Word> {
    let digest = match sha {
        "SHA-256" => sha2::Sha256::digest(message).to_vec(),
        "SHA-384" => sha2::Sha384::digest(message).to_vec(),
        "SHA-512" => sha2::Sha512::digest(message).to_vec(),
        "SHA-512/256" => sha2::Sha512_256::digest(message).to_vec(),
        "SHA3-256" => sha3::Sha3_256::digest(message).to_vec(),
        "SHA3-384" => sha3::Sha3_384::digest(message).to_vec(),
        "SHA3-512" => sha3::Sha3_512::digest(message).to_vec(),
        "KECCAK256" => sha3::Keccak256::digest(message).to_vec(),
        // RFC 8702 takes 32 and 64 bytes of their output.
        "SHAKE128" => shake::Shake128::default().chain(message).finalize_xof().read_boxed(32).to_vec(),
        "SHAKE256" => shake::Shake256::default().chain(message).finalize_xof().read_boxed(64).to_vec(),
        _ => return None,
    };
    digest.first_chunk().copied().map(Word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digests of no bytes, as FIPS 180-4, FIPS 202 and the Keccak team's examples have them.
    #[test]
    fn each_hash_is_the_one_that_it_is_called() {
        for (sha, begin) in [
            ("SHA-256", "e3b0c44298fc1c14"),
            ("SHA-384", "38b060a751ac9638"),
            ("SHA-512", "cf83e1357eefb8bd"),
            ("SHA-512/256", "c672b8d1ef56ed28"),
            ("SHA3-256", "a7ffc6f8bf1ed766"),
            ("SHA3-384", "0c63a75b845e4f7d"),
            ("SHA3-512", "a69f73cca23a9ac5"),
            ("KECCAK256", "c5d2460186f7233c"),
            ("SHAKE128", "7f9c2ba4e88f827d"),
            ("SHAKE256", "46b9dd2b0ba88d13"),
        ] {
            let digest = digest(sha, b"").unwrap_or_else(|| panic!("{sha}"));
            assert_eq!(const_hex::encode(&digest.0[..8]), begin, "{sha}");
        }
        assert_eq!(digest("SHA-1", b""), None);
        assert_eq!(digest("sha256", b""), None);
    }
}
