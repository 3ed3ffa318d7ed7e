//! revm's two recovery backends, called as functions: the one on libsecp256k1, its default, and the one on
//! k256, which normalises S and flips the recovery id first.

use ::revm::precompile::secp256k1::{bitcoin_secp256k1, k256};
use ::revm::primitives::{B256, alloy_primitives::B512};

use super::{Identity, Lineage, Outcome, Subject, locked};
use crate::input::ScalarInput;
use crate::input::key::Address;

/// One backend function.
macro_rules! backend {
    ($subject:ident, $function:path, $name:literal, $entry:literal, $code:literal, $version:literal) => {
        #[doc = concat!("`", $entry, "`.")]
        pub(super) struct $subject(Identity);

        impl Default for $subject {
            fn default() -> Self {
                Self(Identity {
                    name: $name,
                    version: locked!("VERSION_REVM_PRECOMPILE"),
                    lineage: Lineage { code: $code, version: locked!($version) },
                    entry: $entry,
                })
            }
        }

        impl Subject for $subject {
            fn identity(&self) -> &Identity {
                &self.0
            }

            fn recover(&self, input: &ScalarInput) -> Outcome {
                let (signature, digest) = (B512::from(input.rs()), B256::from(input.digest.0));
                match $function(&signature, input.recovery_id, &digest) {
                    Ok(word) => address_word(&word.0),
                    Err(error) => Outcome::rejected(error),
                }
            }
        }
    };
}

backend!(
    RevmLibsecp256k1,
    bitcoin_secp256k1::ecrecover,
    "revm-libsecp256k1",
    "revm::precompile::secp256k1::bitcoin_secp256k1::ecrecover",
    "secp256k1",
    "VERSION_REVM_SECP256K1"
);
backend!(
    RevmK256,
    k256::ecrecover,
    "revm-k256",
    "revm::precompile::secp256k1::k256::ecrecover",
    "k256",
    "VERSION_REVM_K256"
);

/// An address in the last 20 of 32 bytes, the others zero.
pub(super) fn address_word(word: &[u8; 32]) -> Outcome {
    let (padding, address) = word.split_at(12);
    match address.try_into() {
        Ok(address) if padding == [0; 12] => {
            Outcome::Recovered { address: Address(address), public_key: None }
        }
        _ => {
            Outcome::Malformed { how: format!("not an address word: {}", crate::input::bytes::to_hex(word)) }
        }
    }
}
