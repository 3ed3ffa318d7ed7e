//! Secrets: wiped when they are dropped, and printed nowhere. No error here quotes what it was given.
//!
//! What the compiler leaves in registers and on the stack is out of reach.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use k256_0_14::ecdsa::SigningKey;
use zeroize::Zeroizing;

use crate::input::bytes::Word;
use crate::input::key::PublicKey;

/// Secret bytes, any number. There is no Display, and Debug does not show them.
pub struct Secret(Zeroizing<Vec<u8>>);

/// A private key of secp256k1: a number from 1 to n - 1. There is no Display, and Debug does not show it.
#[derive(Clone)]
pub struct PrivateKey(SigningKey);

/// A private key in PEM, of whatever curve: dstack keeps its certificate authority's so.
pub struct Pem(Zeroizing<String>);

/// Why a text is not the secret that was asked for. It holds nothing of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// A character that is no hex digit.
    #[error("expected hex digits, found another character at {place}")]
    NotHex {
        /// Its place in the text, the first being 1.
        place: usize,
    },
    /// Half a byte too many.
    #[error("expected two hex digits a byte, found {0} digits, an odd number")]
    OddDigits(usize),
    /// A PEM where a secp256k1 key in hex is meant.
    #[error("this is a PEM {}, not a secp256k1 key: expected 64 hex digits", .curve.map_or("file".into(), |curve| format!("key of the curve {curve}")))]
    Pem {
        /// The curve that it names, if it names one that is known here.
        curve: Option<&'static str>,
    },
    /// A PEM of the right curve.
    #[error("this is a PEM key of secp256k1: expected its 32 bytes as 64 hex digits")]
    PemOfSecp256k1,
    /// Another length than a private key's.
    #[error("a private key of secp256k1 has 32 bytes (64 hex digits), found {0}")]
    Length(usize),
    /// Another length than a seed's.
    #[error("a private key of ed25519 has 32 bytes (64 hex digits)")]
    Ed25519Seed,
    /// Zero, or n or more.
    #[error("not a private key of secp256k1: expected a number from 1 to n - 1")]
    OutOfRange,
}

impl Secret {
    /// Takes bytes over.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads hex digits, with or without `0x`.
    ///
    /// # Errors
    /// A text that is not hex.
    pub fn from_hex(text: &str) -> Result<Self, SecretError> {
        if text.trim_start().starts_with("-----BEGIN") {
            return Err(match curve_of_pem(text) {
                Some(SECP256K1) => SecretError::PemOfSecp256k1,
                curve => SecretError::Pem { curve },
            });
        }
        let (digits, before) = text.strip_prefix("0x").map_or((text, 0), |digits| (digits, 2));
        if let Some(at) = digits.chars().position(|digit| !digit.is_ascii_hexdigit()) {
            return Err(SecretError::NotHex { place: before + at + 1 });
        }
        const_hex::decode(digits).map(Self::new).map_err(|_| SecretError::OddDigits(digits.len()))
    }

    /// The bytes.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl PrivateKey {
    /// Reads 64 hex digits, with or without `0x`.
    ///
    /// # Errors
    /// Another text; a PEM's curve is named.
    pub fn from_hex(text: &str) -> Result<Self, SecretError> {
        Self::from_bytes(Secret::from_hex(text)?.expose())
    }

    /// Reads a number, big-endian.
    ///
    /// # Errors
    /// Another length than 32 bytes, zero, n or more.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretError> {
        if bytes.len() != 32 {
            return Err(SecretError::Length(bytes.len()));
        }
        SigningKey::from_slice(bytes).map(Self).map_err(|_| SecretError::OutOfRange)
    }

    /// The public key.
    pub fn public_key(&self) -> PublicKey {
        let mut uncompressed = [0; 65];
        uncompressed.copy_from_slice(self.0.verifying_key().to_sec1_point(false).as_bytes());
        PublicKey::from_uncompressed_unchecked(&uncompressed)
    }

    /// Signs a digest as KMS and apps do: nonce by RFC 6979 with SHA-256, low s; r, s, recovery id (0 or 1).
    pub fn sign(&self, digest: Word) -> Vec<u8> {
        let (signature, recovery_id) = self.0.sign_prehash_recoverable(&digest.0);
        let mut bytes = signature.to_bytes().to_vec();
        bytes.push(recovery_id.to_byte());
        bytes
    }

    /// The number, big-endian.
    pub fn expose(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes().into())
    }
}

impl Pem {
    /// Takes a PEM over. Its contents are not read.
    pub fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The curve that the key names, of the few that are known here.
    pub fn curve(&self) -> Option<&'static str> {
        curve_of_pem(&self.0)
    }

    /// The number of an elliptic-curve key read as a key of secp256k1, whatever its curve: a mistake that
    /// [`explain`](mod@super::explain) looks for.
    pub fn as_secp256k1(&self) -> Option<PrivateKey> {
        // ECPrivateKey of RFC 5915: version 1, then the number as 32 bytes.
        const BEFORE: &[u8] = &[0x02, 0x01, 0x01, 0x04, 0x20];
        let der = der_of_pem(&self.0)?;
        let at = der.windows(BEFORE.len()).position(|window| window == BEFORE)? + BEFORE.len();
        PrivateKey::from_bytes(der.get(at..at + 32)?).ok()
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

const SECP256K1: &str = "secp256k1";

/// The object identifiers of curves, DER-encoded.
const CURVES: [(&str, &[u8]); 5] = [
    ("P-256 (secp256r1)", &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
    (SECP256K1, &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a]),
    ("P-384", &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22]),
    ("Ed25519", &[0x06, 0x03, 0x2b, 0x65, 0x70]),
    ("X25519", &[0x06, 0x03, 0x2b, 0x65, 0x6e]),
];

fn der_of_pem(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut base64 = Zeroizing::new(String::with_capacity(text.len()));
    let body = text.trim().lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    body.for_each(|line| base64.push_str(line));
    BASE64_STANDARD.decode(base64.as_bytes()).ok().map(Zeroizing::new)
}

fn curve_of_pem(text: &str) -> Option<&'static str> {
    let der = der_of_pem(text)?;
    let names = |oid: &[u8]| der.windows(oid.len()).any(|window| window == oid);
    CURVES.iter().find(|(_, oid)| names(oid)).map(|(curve, _)| *curve)
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

impl fmt::Debug for PrivateKey {
    /// The public key only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey(of {})", self.public_key())
    }
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pem({})", self.curve().unwrap_or("unknown"))
    }
}

#[cfg(test)]
mod tests {
    use zeroize::ZeroizeOnDrop;

    use super::*;

    #[test]
    fn each_kind_of_secret_is_wiped_when_it_is_dropped() {
        fn is_wiped<T: ZeroizeOnDrop>(_: &T) {}
        let key = PrivateKey::from_bytes(&[7; 32]).unwrap();
        is_wiped(&key.0);
        is_wiped(&key.expose());
        is_wiped(&Secret::new(vec![7]).0);
        is_wiped(&Pem::new(Zeroizing::new("x".to_owned())).0);
    }
}
