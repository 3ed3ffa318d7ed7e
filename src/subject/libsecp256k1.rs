//! Bitcoin Core's libsecp256k1, through the crate `secp256k1`.

use ::secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use ::secp256k1::{Error, Message, SecretKey};

use super::{Identity, Lineage, Outcome, Subject, locked};
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::input::key::PublicKey;
use crate::input::signature::{Signature, Wire};

/// `RecoverableSignature::recover_ecdsa`.
pub(crate) struct Libsecp256k1(Identity);

impl Default for Libsecp256k1 {
    fn default() -> Self {
        Self(Identity {
            name: "libsecp256k1",
            version: locked!("VERSION_SECP256K1"),
            lineage: Lineage { code: "secp256k1-sys", version: locked!("VERSION_SECP256K1_SYS") },
            entry: "RecoverableSignature::recover_ecdsa",
        })
    }
}

impl Subject for Libsecp256k1 {
    fn identity(&self) -> &Identity {
        &self.0
    }

    fn recover(&self, input: &ScalarInput) -> Outcome {
        let recover = || -> Result<PublicKey, Error> {
            let recovery_id = RecoveryId::try_from(i32::from(input.recovery_id))?;
            let signature = RecoverableSignature::from_compact(&input.rs(), recovery_id)?;
            let key = signature.recover_ecdsa(Message::from_digest(input.digest.0))?;
            Ok(PublicKey::from_uncompressed_unchecked(&key.serialize_uncompressed()))
        };
        recover().map_or_else(Outcome::rejected, Outcome::key)
    }

    fn sign(&self, key: &Word, digest: &Word) -> Result<Signature, Outcome> {
        let key = SecretKey::from_secret_bytes(key.0).map_err(Outcome::rejected)?;
        let signature = RecoverableSignature::sign_ecdsa_recoverable(Message::from_digest(digest.0), &key);
        let (recovery_id, rs) = signature.serialize_compact();
        Wire::Rs
            .decode(&rs, Some(recovery_id.to_u8()))
            .map_err(|error| Outcome::Malformed { how: error.to_string() })
    }
}

/// Whether libsecp256k1 verifies a signature, which it does for a low s only.
pub(crate) fn verifies(key: &PublicKey, input: &ScalarInput) -> bool {
    let verify = || -> Result<(), Error> {
        let key = ::secp256k1::PublicKey::from_slice(&key.uncompressed())?;
        let signature = ::secp256k1::ecdsa::Signature::from_compact(&input.rs())?;
        ::secp256k1::ecdsa::verify(&signature, Message::from_digest(input.digest.0), &key)
    };
    verify().is_ok()
}
