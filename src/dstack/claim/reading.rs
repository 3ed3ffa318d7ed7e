//! Reading: responses to GetKey and proofs, of either algorithm and either version of the claim.

use super::{ClaimProof, ClaimedKey, KeyAlgorithm, KeyClaim};
use crate::dstack::app_keys::{links, public_bytes, secret};
use crate::dstack::chain::{Proof, coordinates};
use crate::dstack::json::{KeyFileError, Object};

impl ClaimedKey {
    /// Reads a response to GetKey for a key of this kind with this claim: it says neither.
    ///
    /// # Errors
    /// See [`KeyFileError`]; none quotes a value.
    pub fn parse(text: &str, algorithm: KeyAlgorithm, claim: KeyClaim) -> Result<Self, KeyFileError> {
        let mut file = Object::parse(text)?;
        let key = secret(&mut file, "key")?;
        let public_key = algorithm
            .public_key(&key)
            .map_err(|why| KeyFileError::Secret { field: "key".to_owned(), why })?;
        if file.has("public_key") && public_bytes(&mut file, "public_key")?.0 != public_key {
            return Err(KeyFileError::PublicKey(algorithm));
        }
        let [claim_signature, issued_signature] = links(&mut file)?;
        Ok(Self {
            algorithm,
            claim,
            key,
            public_key,
            claim_signature: claim_signature.0,
            issued_signature: issued_signature.0,
        })
    }
}

impl ClaimProof {
    /// Reads a proof: of a secp256k1 key with a claim of version 0 as [`Proof::parse`] does, else with `algorithm`, and
    /// `domain` in the place of `purpose` where the claim is of version 1.
    ///
    /// # Errors
    /// See [`KeyFileError`].
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let mut file = Object::parse(text)?;
        if !file.has("algorithm") {
            return Proof::parse(text).map(Self::from);
        }
        let algorithm = KeyAlgorithm::of_name(&file.text("algorithm")?).ok_or(KeyFileError::Algorithm)?;
        let claim = if file.has("domain") {
            let domain = public_bytes(&mut file, "domain")?.0;
            let domain = String::from_utf8(domain).map_err(|_| KeyFileError::Domain)?;
            KeyClaim::V1 { domain }
        } else {
            KeyClaim::V0 { purpose: public_bytes(&mut file, "purpose")?.0 }
        };
        let mut bytes = |name| public_bytes(&mut file, name).map(|bytes| bytes.0);
        let proof = Self {
            app_id: bytes("app_id")?,
            app_key: bytes("app_key")?,
            algorithm,
            derived_key: bytes("derived_key")?,
            claim,
            claim_signature: bytes("claim_signature")?,
            issued_signature: bytes("issued_signature")?,
        };
        match file.rest().pop() {
            None => Ok(proof),
            Some(unknown) => Err(KeyFileError::Unknown(unknown)),
        }
    }
}

impl From<Proof> for ClaimProof {
    /// With the derived key compressed, where it has an x and a y.
    fn from(proof: Proof) -> Self {
        let derived_key = coordinates(&proof.derived_key).map(|key| key.compressed().to_vec());
        Self {
            app_id: proof.app_id,
            app_key: proof.app_key,
            algorithm: KeyAlgorithm::Secp256k1,
            derived_key: derived_key.unwrap_or(proof.derived_key),
            claim: KeyClaim::V0 { purpose: proof.purpose },
            claim_signature: proof.claim_signature,
            issued_signature: proof.issued_signature,
        }
    }
}

/// Whether a proof's text is one that [`Proof::parse`] does not read.
pub fn is_claim_proof(text: &str) -> bool {
    Object::parse(text).is_ok_and(|file| file.has("algorithm"))
}
