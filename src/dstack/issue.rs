//! What a KMS and a guest agent would answer, for test keys: an `appkeys.json`, and responses to GetKey whose
//! signatures are made over the actual messages.

use std::fmt::Write as _;

use zeroize::Zeroizing;

use super::app_keys::{AppKeys, KeyProvider, KeyResponse};
use super::chain::{claim_digest, issued_digest};
use super::derivation;
use super::secret::{Pem, PrivateKey, SecretError};
use super::test_key::{self, CA_CERTIFICATE, CA_KEY};
use crate::input::bytes::Bytes;

impl AppKeys {
    /// The keys of an app under a KMS root. The disk's and the environment's are our own derivation, and the
    /// certificate authority is a published one: dstack's are not described by its chain.
    ///
    /// # Errors
    /// A derived number is no key: one in 2¹²⁸.
    pub fn issue(root: &PrivateKey, app_id: &[u8; 20]) -> Result<Self, SecretError> {
        let k256_key = derivation::app_key(root, app_id)?;
        Ok(Self {
            disk_crypt_key: test_key::beside(&k256_key, "disk"),
            env_crypt_key: test_key::beside(&k256_key, "env"),
            k256_signature: Bytes(root.sign(issued_digest(app_id, &k256_key.public_key()))),
            k256_key,
            gateway_app_id: "any".to_owned(),
            ca_cert: CA_CERTIFICATE.to_owned(),
            key_provider: KeyProvider::None { key: Pem::new(Zeroizing::new(CA_KEY.to_owned())) },
            unknown: Vec::new(),
        })
    }

    /// Answers GetKey, as the guest agent that has these keys does.
    ///
    /// # Errors
    /// The derived number is no key: one in 2¹²⁸.
    pub fn get_key(&self, path: &str, purpose: &[u8]) -> Result<KeyResponse, SecretError> {
        let key = derivation::derived_key(&self.k256_key, path)?;
        Ok(KeyResponse {
            claim_signature: Bytes(self.k256_key.sign(claim_digest(purpose, &key.public_key()))),
            issued_signature: self.k256_signature.clone(),
            key,
            unknown: Vec::new(),
        })
    }

    /// The file, secrets and all.
    pub fn to_json(&self) -> Zeroizing<String> {
        let provider = match &self.key_provider {
            KeyProvider::None { key } => ("None", vec![("key", text(key.expose()))]),
            KeyProvider::Local { key, mr } => {
                ("Local", vec![("key", text(key.expose())), ("mr", hex(&mr.0))])
            }
            KeyProvider::Tpm { key, pubkey } => {
                ("Tpm", vec![("key", text(key.expose())), ("pubkey", hex(&pubkey.0))])
            }
            KeyProvider::Kms { url, pubkey, tmp_ca_key, tmp_ca_cert } => (
                "Kms",
                vec![
                    ("url", text(url)),
                    ("pubkey", hex(&pubkey.0)),
                    ("tmp_ca_key", text(tmp_ca_key.expose())),
                    ("tmp_ca_cert", text(tmp_ca_cert)),
                ],
            ),
        };
        let provider = object(&[(provider.0, object(&provider.1, 2))], 1);
        let fields = [
            ("disk_crypt_key", hex(self.disk_crypt_key.expose())),
            ("env_crypt_key", hex(self.env_crypt_key.expose())),
            ("k256_key", hex(&*self.k256_key.expose())),
            ("k256_signature", hex(&self.k256_signature.0)),
            ("gateway_app_id", text(&self.gateway_app_id)),
            ("ca_cert", text(&self.ca_cert)),
            ("key_provider", provider),
        ];
        line(object(&fields, 0))
    }
}

impl KeyResponse {
    /// The response, key and all.
    pub fn to_json(&self) -> Zeroizing<String> {
        let chain = hex_list(&[&self.claim_signature.0, &self.issued_signature.0]);
        line(object(&[("key", hex(&*self.key.expose())), ("signature_chain", chain)], 0))
    }
}

/// JSON of an object. Written here because serde's copies of a secret are not wiped.
pub(super) fn object(fields: &[(&str, Zeroizing<String>)], depth: usize) -> Zeroizing<String> {
    let indent = "  ".repeat(depth);
    let length: usize = fields.iter().map(|(name, value)| indent.len() + name.len() + value.len() + 8).sum();
    let mut json = Zeroizing::new(String::with_capacity(length + 2 * indent.len() + 8));
    json.push_str("{\n");
    for (at, (name, value)) in fields.iter().enumerate() {
        let comma = if at + 1 < fields.len() { "," } else { "" };
        let _ = writeln!(json, "{indent}  \"{name}\": {}{comma}", **value);
    }
    json.push_str(&indent);
    json.push('}');
    json
}

pub(super) fn hex(bytes: &[u8]) -> Zeroizing<String> {
    let mut json = Zeroizing::new(String::with_capacity(2 * bytes.len() + 2));
    json.push('"');
    bytes.iter().for_each(|byte| {
        let _ = write!(json, "{byte:02x}");
    });
    json.push('"');
    json
}

/// A list of byte strings.
pub(super) fn hex_list(items: &[&[u8]]) -> Zeroizing<String> {
    let items: Vec<_> = items.iter().map(|item| hex(item)).collect();
    let length: usize = items.iter().map(|item| item.len() + 6).sum();
    let mut json = Zeroizing::new(String::with_capacity(length + 8));
    for (at, item) in items.iter().enumerate() {
        json.push_str(if at == 0 { "[\n    " } else { ",\n    " });
        json.push_str(item);
    }
    json.push_str("\n  ]");
    json
}

/// A JSON text.
fn text(text: &str) -> Zeroizing<String> {
    Zeroizing::new(serde_json::to_string(text).unwrap_or_else(|_| unreachable!("a text is JSON")))
}

fn line(mut json: Zeroizing<String>) -> Zeroizing<String> {
    json.push('\n');
    json
}
