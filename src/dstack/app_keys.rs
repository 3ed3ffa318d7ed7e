//! The files that hold an app's keys: `appkeys.json`, which a KMS (or a simulator's author) makes, and the
//! response to GetKey, which the guest agent makes of it. And that of a proof, which holds no secret.

use super::chain::{self, Proof, ProofFault};
use super::json::{Json, KeyFileError, Object, text};
use super::secret::{Pem, PrivateKey, Secret};
use crate::input::bytes::{Bytes, to_hex};

/// An `appkeys.json`: what an app is given when it boots (dstack-types' `AppKeys`, 0.3 to 0.5).
///
/// A field that is there twice or missing is an error. dstack adds fields as time goes by, and none of them
/// can change what is verified here, so unknown ones are accepted and named.
#[derive(Debug)]
pub struct AppKeys {
    /// `disk_crypt_key`: encrypts the app's disk.
    pub disk_crypt_key: Secret,
    /// `env_crypt_key`: decrypts the app's environment variables, X25519; empty where it is not there.
    pub env_crypt_key: Secret,
    /// `k256_key`: the app key. Not the KMS root's.
    pub k256_key: PrivateKey,
    /// `k256_signature`: the KMS root's signature of the app key; empty where there is no KMS.
    pub k256_signature: Bytes,
    /// `gateway_app_id`, once `tproxy_app_id`: the app id of the gateway, or `any`.
    pub gateway_app_id: String,
    /// `ca_cert`: the certificate of the KMS's authority, in PEM.
    pub ca_cert: String,
    /// `key_provider`: where the keys come from.
    pub key_provider: KeyProvider,
    /// The names of fields that are not known here.
    pub unknown: Vec<String>,
}

/// Where an app's keys come from. The PEM keys are those of a certificate authority, of the curve P-256.
#[derive(Debug)]
pub enum KeyProvider {
    /// Nowhere: a simulator.
    None {
        /// The authority's private key.
        key: Pem,
    },
    /// A provider on the same host.
    Local {
        /// The authority's private key.
        key: Pem,
        /// The provider's measurement.
        mr: Bytes,
    },
    /// A TPM.
    Tpm {
        /// The authority's private key.
        key: Pem,
        /// The TPM's public key.
        pubkey: Bytes,
    },
    /// A KMS.
    Kms {
        /// Where it is.
        url: String,
        /// The public key of its certificate authority, which is not its secp256k1 root.
        pubkey: Bytes,
        /// The private key of a temporary authority.
        tmp_ca_key: Pem,
        /// The certificate of that authority, in PEM.
        tmp_ca_cert: String,
    },
}

impl AppKeys {
    /// Reads an `appkeys.json`.
    ///
    /// # Errors
    /// See [`KeyFileError`]; none quotes a value.
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let mut file = Object::parse(text)?;
        let (new, old) = ("gateway_app_id", "tproxy_app_id");
        let gateway_app_id = match (file.has(old), file.has(new)) {
            (true, true) => return Err(KeyFileError::Renamed { old, new }),
            (true, false) => old,
            (false, _) => new,
        };
        let env_crypt_key = match file.optional("env_crypt_key") {
            None => Secret::new(Vec::new()),
            Some(value) => hex("env_crypt_key", &self::text(value, "env_crypt_key")?)?,
        };
        let k256_key = private_key(&mut file, "k256_key")?;
        let k256_signature = public_bytes(&mut file, "k256_signature")?;
        let (key_provider, mut unknown) = KeyProvider::lower(file.object("key_provider")?)?;
        let keys = Self {
            disk_crypt_key: secret(&mut file, "disk_crypt_key")?,
            env_crypt_key,
            k256_key,
            k256_signature,
            gateway_app_id: public_text(&mut file, gateway_app_id)?,
            ca_cert: public_text(&mut file, "ca_cert")?,
            key_provider,
            unknown: Vec::new(),
        };
        unknown.extend(file.rest());
        Ok(Self { unknown, ..keys })
    }
}

impl KeyProvider {
    /// The provider, and the names of fields that are not known.
    fn lower(mut file: Object) -> Result<(Self, Vec<String>), KeyFileError> {
        let kinds = ["None", "Local", "Tpm", "Kms"];
        let mut there = kinds.into_iter().filter(|kind| file.has(kind));
        let (Some(kind), None) = (there.next(), there.next()) else { return Err(KeyFileError::KeyProvider) };
        let mut fields = file.object(kind)?;
        let provider = match kind {
            "None" => Self::None { key: pem(&mut fields, "key")? },
            "Local" => Self::Local { key: pem(&mut fields, "key")?, mr: public_bytes(&mut fields, "mr")? },
            "Tpm" => {
                Self::Tpm { key: pem(&mut fields, "key")?, pubkey: public_bytes(&mut fields, "pubkey")? }
            }
            _ => Self::Kms {
                url: public_text(&mut fields, "url")?,
                pubkey: public_bytes(&mut fields, "pubkey")?,
                tmp_ca_key: pem(&mut fields, "tmp_ca_key")?,
                tmp_ca_cert: public_text(&mut fields, "tmp_ca_cert")?,
            },
        };
        Ok((provider, [fields.rest(), file.rest()].concat()))
    }

    /// The authority's private key.
    pub fn key(&self) -> &Pem {
        match self {
            Self::None { key } | Self::Local { key, .. } | Self::Tpm { key, .. } => key,
            Self::Kms { tmp_ca_key, .. } => tmp_ca_key,
        }
    }
}

/// The guest agent's response to GetKey: a derived key of secp256k1 and the chain that vouches for it.
#[derive(Debug)]
pub struct KeyResponse {
    /// `key`: the derived key.
    pub key: PrivateKey,
    /// The first of `signature_chain`: the app key's claim.
    pub claim_signature: Bytes,
    /// The second of `signature_chain`: the KMS root's signature of the app key.
    pub issued_signature: Bytes,
    /// The names of fields that are not known here.
    pub unknown: Vec<String>,
}

impl KeyResponse {
    /// Reads a response.
    ///
    /// # Errors
    /// See [`KeyFileError`]; none quotes a value.
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let mut file = Object::parse(text)?;
        let key = private_key(&mut file, "key")?;
        let [claim_signature, issued_signature] = links(&mut file)?;
        Ok(Self { key, claim_signature, issued_signature, unknown: file.rest() })
    }

    /// What a registry is handed: nothing of it is secret. The app key is the one that signed the claim, for
    /// a response does not say which it is.
    ///
    /// # Errors
    /// The claim's signature recovers no key, or is refused.
    pub fn proof(&self, app_id: &[u8], purpose: &[u8]) -> Result<Proof, ProofFault> {
        let derived_key = self.key.public_key();
        let app_key = chain::claim_signer(purpose, &derived_key, &self.claim_signature.0)?;
        Ok(Proof {
            app_id: app_id.into(),
            purpose: purpose.into(),
            app_key: app_key.xy().into(),
            derived_key: derived_key.xy().into(),
            claim_signature: self.claim_signature.0.clone(),
            issued_signature: self.issued_signature.0.clone(),
        })
    }
}

impl Proof {
    /// Reads a proof: an object of hex texts with the names of the fields here, and no others.
    ///
    /// # Errors
    /// See [`KeyFileError`].
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let mut file = Object::parse(text)?;
        let mut bytes = |name| public_bytes(&mut file, name).map(|bytes| bytes.0);
        let proof = Self {
            app_id: bytes("app_id")?,
            purpose: bytes("purpose")?,
            app_key: bytes("app_key")?,
            derived_key: bytes("derived_key")?,
            claim_signature: bytes("claim_signature")?,
            issued_signature: bytes("issued_signature")?,
        };
        match file.rest().pop() {
            None => Ok(proof),
            Some(unknown) => Err(KeyFileError::Unknown(unknown)),
        }
    }

    /// Writes what [`Proof::parse`] reads.
    pub fn to_json(&self) -> serde_json::Value {
        self.parts().into_iter().map(|(name, value)| (name, to_hex(value))).collect()
    }
}

/// The two signatures of a response: the claim's, and the KMS root's.
pub(super) fn links(file: &mut Object) -> Result<[Bytes; 2], KeyFileError> {
    let links = file.list("signature_chain")?;
    let [claim, issued] = <[Json; 2]>::try_from(links).map_err(|links| KeyFileError::Links(links.len()))?;
    let link = |value, field| -> Result<Bytes, KeyFileError> {
        Ok(Bytes(hex(field, &self::text(value, field)?)?.expose().to_owned()))
    };
    Ok([link(claim, "signature_chain[0]")?, link(issued, "signature_chain[1]")?])
}

fn hex(field: &str, text: &str) -> Result<Secret, KeyFileError> {
    Secret::from_hex(text).map_err(|why| KeyFileError::Secret { field: field.to_owned(), why })
}

pub(super) fn secret(file: &mut Object, name: &str) -> Result<Secret, KeyFileError> {
    hex(&file.path(name), &file.text(name)?)
}

pub(super) fn public_bytes(file: &mut Object, name: &str) -> Result<Bytes, KeyFileError> {
    Ok(Bytes(secret(file, name)?.expose().to_owned()))
}

fn public_text(file: &mut Object, name: &str) -> Result<String, KeyFileError> {
    Ok(file.text(name)?.to_string())
}

fn private_key(file: &mut Object, name: &str) -> Result<PrivateKey, KeyFileError> {
    let field = file.path(name);
    PrivateKey::from_hex(&file.text(name)?).map_err(|why| KeyFileError::Secret { field, why })
}

fn pem(file: &mut Object, name: &str) -> Result<Pem, KeyFileError> {
    Ok(Pem::new(file.text(name)?))
}
