//! RustCrypto's `k256`, in the two versions that are in use: 0.13 verifies the key that it recovered,
//! and verification wants a low S; 0.14 no longer does.

use super::{Identity, Lineage, Outcome, Subject, locked};
use crate::case::Scalar;
use crate::key::PublicKey;

const ENTRY: &str = "VerifyingKey::recover_from_prehash";

/// One version of k256: they differ in the crate and in the name of the method that encodes a point.
macro_rules! k256 {
    ($subject:ident, $k256:ident, $encode:ident, $name:literal, $version:literal) => {
        #[doc = concat!("`k256` ", $name, ".")]
        pub(super) struct $subject(Identity);

        impl Default for $subject {
            fn default() -> Self {
                let version = locked!($version);
                let lineage = Lineage { code: "k256", version: version.clone() };
                Self(Identity { name: $name, version, lineage, entry: ENTRY })
            }
        }

        impl Subject for $subject {
            fn identity(&self) -> &Identity {
                &self.0
            }

            fn recover(&self, input: &Scalar) -> Outcome {
                use $k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

                let Some(recovery_id) = RecoveryId::from_byte(input.recovery_id) else {
                    return Outcome::rejected("no such RecoveryId");
                };
                let recovered = Signature::from_scalars(input.r.0, input.s.0).and_then(|signature| {
                    VerifyingKey::recover_from_prehash(&input.digest.0, &signature, recovery_id)
                });
                match recovered {
                    Err(error) => Outcome::rejected(error),
                    Ok(key) => match key.$encode(false).as_bytes().try_into() {
                        Ok(bytes) => Outcome::key(PublicKey::from_uncompressed_unchecked(bytes)),
                        Err(_) => Outcome::Malformed { how: "the key is not 65 bytes".into() },
                    },
                }
            }
        }
    };
}

k256!(K256_0_14, k256_0_14, to_sec1_point, "k256-0.14", "VERSION_K256_0_14");
k256!(K256_0_13, k256_0_13, to_encoded_point, "k256-0.13", "VERSION_K256_0_13");
