//! Public keys and addresses: what recovery gives.

use std::fmt;
use std::str::FromStr;

use crate::input::bytes::{self, HexError, text_form};
use crate::input::hash::keccak256;

/// An Ethereum address: the last 20 bytes of the Keccak-256 of a public key's coordinates.
///
/// Read and written with EIP-55's checksum, read without `0x` too. An address in one case only carries no
/// checksum and is read as it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address(pub [u8; 20]);

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not 20 bytes in hex.
    #[error("not an address: {0}")]
    Hex(#[from] HexError),
    /// Mixed case, and not the case that EIP-55 asks for.
    #[error("not an address: its EIP-55 checksum is wrong: expected {right}, if only the case is mistyped")]
    Checksum {
        /// The same 20 bytes with the right checksum.
        right: Address,
    },
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let address = Self(bytes::array_from_hex(text)?);
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let mixed = digits.contains(|digit: char| digit.is_ascii_lowercase())
            && digits.contains(|digit: char| digit.is_ascii_uppercase());
        if mixed && address.to_string()[2..] != *digits {
            return Err(AddressError::Checksum { right: address });
        }
        Ok(address)
    }
}

impl fmt::Display for Address {
    /// `0x` and 40 digits whose case is EIP-55's checksum.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = const_hex::encode(self.0);
        let hash = keccak256(digits.as_bytes());
        f.write_str("0x")?;
        for (at, digit) in digits.chars().enumerate() {
            let nibble = if at % 2 == 0 { hash[at / 2] >> 4 } else { hash[at / 2] & 0x0f };
            let digit = if nibble >= 8 { digit.to_ascii_uppercase() } else { digit };
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// A public key: the coordinates of a point, as some implementation gave them. The point may be off the curve.
///
/// Written in SEC 1's compressed form.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicKey {
    /// Abscissa, big-endian.
    pub x: [u8; 32],
    /// Ordinate, big-endian.
    pub y: [u8; 32],
}

impl PublicKey {
    /// The key whose SEC 1 uncompressed form is these bytes, without a look at the curve: for subjects,
    /// whose answer must reach the judge as it is.
    pub fn from_uncompressed_unchecked(bytes: &[u8; 65]) -> Self {
        let mut key = Self { x: [0; 32], y: [0; 32] };
        key.x.copy_from_slice(&bytes[1..33]);
        key.y.copy_from_slice(&bytes[33..]);
        key
    }

    /// SEC 1's compressed form: 02 or 03 for an even or odd y, then x.
    pub fn compressed(&self) -> [u8; 33] {
        let mut bytes = [2 | (self.y[31] & 1); 33];
        bytes[1..].copy_from_slice(&self.x);
        bytes
    }

    /// SEC 1's uncompressed form: 04, x, y.
    pub fn uncompressed(&self) -> [u8; 65] {
        let mut bytes = [4; 65];
        bytes[1..].copy_from_slice(&self.xy());
        bytes
    }

    /// x, then y: what an address is the hash of.
    pub fn xy(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&self.x);
        bytes[32..].copy_from_slice(&self.y);
        bytes
    }

    /// The key's Ethereum address.
    pub fn address(&self) -> Address {
        let mut address = [0; 20];
        address.copy_from_slice(&keccak256(&self.xy())[12..]);
        Address(address)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&bytes::to_hex(self.compressed()))
    }
}

text_form!(Address);

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples that EIP-55 gives.
    const CHECKSUMMED: [&str; 4] = [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ];

    #[test]
    fn an_address_is_written_with_its_checksum_and_read_with_or_without() {
        for text in CHECKSUMMED {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
            assert_eq!(text.to_lowercase().parse::<Address>().unwrap().to_string(), text);
            assert_eq!(text[2..].parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_wrong_checksum_is_refused_and_the_right_one_named() {
        for wrong in
            ["0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"]
        {
            let error = wrong.parse::<Address>().unwrap_err();
            assert_eq!(error, AddressError::Checksum { right: CHECKSUMMED[0].parse().unwrap() });
        }
    }
}
