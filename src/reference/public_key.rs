//! Public keys as points: reading SEC 1's forms, which asks the curve.

use std::str::FromStr;

use ruint::aliases::U256;

use super::{Point, SECP256K1};
use crate::input::bytes::{self, HexError, text_form};
use crate::input::key::PublicKey;

/// Why bytes are no public key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// Not 33 bytes after 02 or 03, nor 65 after 04.
    #[error(
        "not a public key: expected SEC 1 (33 bytes from 02 or 03, or 65 from 04), found {length} bytes{}",
        .tag.map(|tag| format!(" from {tag:02x}")).unwrap_or_default()
    )]
    Form {
        /// How many bytes there are.
        length: usize,
        /// The first.
        tag: Option<u8>,
    },
    /// No such point.
    #[error("not a public key: the point is not on secp256k1")]
    OffCurve,
    /// Not hex.
    #[error("not a public key: {0}")]
    Hex(#[from] HexError),
}

impl PublicKey {
    /// Reads a point in SEC 1's compressed (33 bytes) or uncompressed (65 bytes) form.
    ///
    /// # Errors
    /// Another form, or a point that is not on secp256k1.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, PublicKeyError> {
        let word = |bytes: &[u8]| U256::from_be_slice(bytes);
        match bytes {
            [tag @ (2 | 3), x @ ..] if x.len() == 32 => Some(word(x))
                .filter(|x| *x < SECP256K1.p)
                .and_then(|x| SECP256K1.lift_x(x, *tag == 3))
                .and_then(Self::from_point)
                .ok_or(PublicKeyError::OffCurve),
            [4, coordinates @ ..] if coordinates.len() == 64 => {
                let (x, y) = coordinates.split_at(32);
                let (x, y) = (word(x), word(y));
                if SECP256K1.contains(x, y) {
                    Ok(Self { x: x.to_be_bytes(), y: y.to_be_bytes() })
                } else {
                    Err(PublicKeyError::OffCurve)
                }
            }
            _ => Err(PublicKeyError::Form { length: bytes.len(), tag: bytes.first().copied() }),
        }
    }

    /// The key of a point, unless it is at infinity.
    pub fn from_point(point: Point) -> Option<Self> {
        match point {
            Point::Infinity => None,
            Point::Affine { x, y } => Some(Self { x: x.to_be_bytes(), y: y.to_be_bytes() }),
        }
    }
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    fn from_str(text: &str) -> Result<Self, PublicKeyError> {
        Self::from_sec1(&bytes::from_hex(text)?)
    }
}

text_form!(PublicKey);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_in_both_forms_and_only_on_the_curve() {
        let compressed = "0x02b85cceca0c02d878f0ebcda72a97469a472416eb6faf3c4807642132f9786810";
        let key: PublicKey = compressed.parse().unwrap();
        assert_eq!(key.address().to_string(), "0x5e5132F15a9aa4AA91A6bCaE35Adf34e27A13516");
        assert_eq!(key.to_string(), compressed);
        assert_eq!(PublicKey::from_sec1(&key.uncompressed()), Ok(key));
        let mut off = key.uncompressed();
        off[64] ^= 1;
        assert_eq!(PublicKey::from_sec1(&off), Err(PublicKeyError::OffCurve));
        assert_eq!(
            PublicKey::from_sec1(&off[1..]),
            Err(PublicKeyError::Form { length: 64, tag: Some(off[1]) })
        );
    }
}
