//! Sign and Verify, as dstack's agent has them: the key at path `vms` for the purpose `signing`.

use crrl::ed25519;
use k256_0_13::ecdsa::signature::Verifier as _;
use k256_0_13::ecdsa::signature::hazmat::PrehashVerifier as _;
use k256_0_13::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::Refusal;
use super::request::Mode;
use crate::dstack::claim::{ClaimedKey, KeyAlgorithm, KeyRequest};
use crate::dstack::secret::{PrivateKey, Secret};
use crate::input::bytes::Word;

/// What Sign's key is asked for.
pub(super) const KEY: KeyRequest<'static> = KeyRequest::V0 { path: "vms", purpose: "signing" };

impl Mode {
    pub(super) fn algorithm(self) -> KeyAlgorithm {
        match self {
            Self::Secp256k1 | Self::Secp256k1Prehashed => KeyAlgorithm::Secp256k1,
            Self::Ed25519 => KeyAlgorithm::Ed25519,
        }
    }
}

/// The 64 bytes of a signature. A secp256k1 signature has no recovery id here.
pub(super) fn sign(key: &ClaimedKey, mode: Mode, data: &[u8]) -> Result<Vec<u8>, Refusal> {
    let digest = match mode {
        Mode::Ed25519 => {
            let key = ed25519::PrivateKey::decode(key.key.expose());
            let key = key.ok_or_else(|| Refusal::bad("the derived key is no seed"))?;
            return Ok(key.sign_raw(data).to_vec());
        }
        Mode::Secp256k1 => Sha256::digest(data).into(),
        Mode::Secp256k1Prehashed => data.try_into().map_err(|_| {
            let length = data.len();
            // dstack's words.
            Refusal::bad(format!("Pre-hashed signing requires a 32-byte digest, but received {length} bytes"))
        })?,
    };
    let key = PrivateKey::from_bytes(key.key.expose()).map_err(Refusal::bad)?;
    let mut signature = key.sign(Word(digest));
    signature.truncate(64);
    Ok(signature)
}

/// Whether a signature is valid, by the library that dstack's agent has for secp256k1 (k256 0.13: a high s is not
/// valid, and a digest of fewer than 16 bytes is not either).
///
/// A key or a signature that is none is an error, as there.
pub(super) fn verify(mode: Mode, data: &Secret, signature: &Secret, key: &Secret) -> Result<bool, Refusal> {
    let (data, signature, key) = (data.expose(), signature.expose(), key.expose());
    if mode == Mode::Ed25519 {
        let key = ed25519::PublicKey::decode(key).ok_or_else(|| Refusal::bad("invalid public key"))?;
        if signature.len() != 64 {
            return Err(Refusal::bad("a signature of ed25519 has 64 bytes"));
        }
        return Ok(key.verify_raw(signature, data));
    }
    let key = VerifyingKey::from_sec1_bytes(key).map_err(|_| Refusal::bad("invalid public key"))?;
    let signature = Signature::from_slice(signature)
        .map_err(|_| Refusal::bad("invalid signature: expected r and s, 64 bytes, each from 1 to n - 1"))?;
    Ok(match mode {
        Mode::Secp256k1Prehashed => key.verify_prehash(data, &signature).is_ok(),
        _ => key.verify(data, &signature).is_ok(),
    })
}
