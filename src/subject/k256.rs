//! RustCrypto's `k256`, in the two versions that are in use: 0.13 verifies the key that it recovered,
//! and verification wants a low S; 0.14 no longer does.

use super::{Identity, Lineage, Outcome, Subject, locked};
use crate::input::bytes::Word;
use crate::input::signature::Signature;
use crate::input::{PrehashInput, ScalarInput};

const ENTRY: &str = "VerifyingKey::recover_from_prehash";

/// One version of k256: they differ in the crate and in the name of the method that encodes a point.
macro_rules! k256 {
    ($subject:ident, $k256:ident, $encode:ident, $signing:expr, $name:literal, $version:literal) => {
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

            fn recover(&self, input: &ScalarInput) -> Outcome {
                Self::recover_from_prehash(&input.digest.0, input.r, input.s, input.recovery_id)
            }

            fn recover_prehash(&self, input: &PrehashInput) -> Outcome {
                Self::recover_from_prehash(&input.prehash.0, input.r, input.s, input.recovery_id)
            }

            fn sign(&self, key: &Word, digest: &Word) -> Result<Signature, Outcome> {
                let key = $k256::ecdsa::SigningKey::from_slice(&key.0).map_err(Outcome::rejected)?;
                let (signature, recovery_id) = $signing(&key, &digest.0)?;
                let (r, s) = signature.split_bytes();
                Ok(Signature { r: Word(r.into()), s: Word(s.into()), recovery_id: recovery_id.to_byte() })
            }
        }

        impl $subject {
            fn recover_from_prehash(prehash: &[u8], r: Word, s: Word, recovery_id: u8) -> Outcome {
                use $k256::ecdsa::{self, RecoveryId, VerifyingKey};

                let Some(recovery_id) = RecoveryId::from_byte(recovery_id) else {
                    return Outcome::rejected("no such RecoveryId");
                };
                let recovered = ecdsa::Signature::from_scalars(r.0, s.0).and_then(|signature| {
                    VerifyingKey::recover_from_prehash(prehash, &signature, recovery_id)
                });
                match recovered {
                    Err(error) => Outcome::rejected(error),
                    Ok(key) => Outcome::sec1(key.$encode(false).as_bytes()),
                }
            }
        }
    };
}

k256!(K256_0_14, k256_0_14, to_sec1_point, sign_0_14, "k256-0.14", "VERSION_K256_0_14");
k256!(K256_0_13, k256_0_13, to_encoded_point, sign_0_13, "k256-0.13", "VERSION_K256_0_13");

/// 0.14 cannot fail to sign.
fn sign_0_14(
    key: &k256_0_14::ecdsa::SigningKey,
    digest: &[u8],
) -> Result<(k256_0_14::ecdsa::Signature, k256_0_14::ecdsa::RecoveryId), Outcome> {
    Ok(key.sign_prehash_recoverable(digest))
}

fn sign_0_13(
    key: &k256_0_13::ecdsa::SigningKey,
    digest: &[u8],
) -> Result<(k256_0_13::ecdsa::Signature, k256_0_13::ecdsa::RecoveryId), Outcome> {
    key.sign_prehash_recoverable(digest).map_err(Outcome::rejected)
}
