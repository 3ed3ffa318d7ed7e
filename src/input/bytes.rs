//! Bytes as people write them: two hex digits a byte, in files, on the command line and in reports. `0x` is
//! always written, and read where it is given.

use std::fmt;
use std::str::FromStr;

/// Why a text is not the bytes that were asked for. It holds no more of the text than a character: the text
/// may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HexError {
    /// Nothing at all: no bytes are written `0x`.
    #[error("expected hex digits, found nothing (no bytes are written 0x)")]
    Empty,
    /// A character that is no hex digit.
    #[error("expected hex digits, found {found:?} at character {place}")]
    NotHex {
        /// The character.
        found: char,
        /// Its place in the text, the first being 1.
        place: usize,
    },
    /// Half a byte too many.
    #[error("expected two hex digits a byte, found {0} digits, an odd number")]
    OddDigits(usize),
    /// Another number of bytes than was asked for.
    #[error("expected {expected} bytes ({} hex digits), found {found}", 2 * .expected)]
    Length {
        /// How many bytes were asked for.
        expected: usize,
        /// How many there are.
        found: usize,
    },
}

/// Reads any number of bytes: hex digits in either case, with or without `0x`.
///
/// # Errors
/// See [`HexError`]. `0X` is not read.
pub fn from_hex(text: &str) -> Result<Vec<u8>, HexError> {
    if text.is_empty() {
        return Err(HexError::Empty);
    }
    let (digits, before) = text.strip_prefix("0x").map_or((text, 0), |digits| (digits, 2));
    if let Some((at, found)) = digits.chars().enumerate().find(|(_, digit)| !digit.is_ascii_hexdigit()) {
        return Err(HexError::NotHex { found, place: before + at + 1 });
    }
    const_hex::decode(digits).map_err(|_| HexError::OddDigits(digits.len())) // the digits are digits: no second 0x
}

/// Reads exactly `N` bytes, as [`from_hex`] does.
///
/// # Errors
/// See [`HexError`].
pub fn array_from_hex<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    let bytes = from_hex(text)?;
    let found = bytes.len();
    bytes.try_into().map_err(|_| HexError::Length { expected: N, found })
}

/// Writes bytes as `0x` and lowercase digits.
pub fn to_hex(bytes: impl AsRef<[u8]>) -> String {
    const_hex::encode_prefixed(bytes.as_ref())
}

/// Any number of bytes, written as `0x…`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Bytes(pub Vec<u8>);

/// A word of 32 bytes, big-endian where it is a number, written as `0x…`. Not validated.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Word(pub [u8; 32]);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(self.0))
    }
}

impl FromStr for Bytes {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        from_hex(text).map(Self)
    }
}

impl FromStr for Word {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        array_from_hex(text).map(Self)
    }
}

/// For types with a text form: Debug is Display, and files hold the text.
macro_rules! text_form {
    ($($name:ty),+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}

pub(crate) use text_form;

text_form!(Bytes, Word);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_errors_say_what_was_expected() {
        let says = |text: &str| array_from_hex::<2>(text).unwrap_err().to_string();
        assert_eq!(says(""), "expected hex digits, found nothing (no bytes are written 0x)");
        assert_eq!(says("0Xabcd"), "expected hex digits, found 'X' at character 2");
        assert_eq!(says("0x0xab"), "expected hex digits, found 'x' at character 4");
        assert_eq!(says("0xabcg"), "expected hex digits, found 'g' at character 6");
        assert_eq!(says("abcg"), "expected hex digits, found 'g' at character 4");
        assert_eq!(says("abc"), "expected two hex digits a byte, found 3 digits, an odd number");
        assert_eq!(says("0xabc"), "expected two hex digits a byte, found 3 digits, an odd number");
        assert_eq!(says("0xab"), "expected 2 bytes (4 hex digits), found 1");
        assert_eq!(array_from_hex::<2>("0xaBcD"), Ok([0xab, 0xcd]));
        assert_eq!(array_from_hex::<2>("aBcD"), Ok([0xab, 0xcd]));
        assert_eq!(array_from_hex::<0>("0x"), Ok([]));
    }
}
