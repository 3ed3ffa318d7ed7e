//! Signatures as they stand on the wire: where r, s and the recovery id are in the bytes.

use serde::{Deserialize, Serialize};

use crate::input::bytes::Word;

/// A signature's parts. Nothing is validated: that is what subjects are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature {
    /// r, big-endian.
    pub r: Word,
    /// s, big-endian.
    pub s: Word,
    /// The recovery id; above 3 where the wire says something that is none.
    pub recovery_id: u8,
}

/// How a signature stands on the wire. `r || s` are 64 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wire {
    /// r || s || recovery id, kept as it is.
    RsRecoveryId,
    /// r || s || v, v = 27 + recovery id, 0 or 1.
    #[serde(rename = "rs-v27")]
    RsV27,
    /// r || s || v, v = 31 + recovery id, 0 or 1: Safe's mark for `eth_sign`.
    #[serde(rename = "rs-v31")]
    RsV31,
    /// r || s || v, v = 35 + 2·chain id + recovery id, big-endian without leading zeros (EIP-155).
    #[serde(rename = "rs-eip155")]
    RsEip155,
    /// r || s; the recovery id comes from elsewhere.
    Rs,
    /// r || s with the recovery id (0 or 1) in the top bit of s (EIP-2098).
    Eip2098,
    /// header || r || s, header = 27 + recovery id + 4 times the address type, 0 to 3 (BIP-137).
    HeaderRs,
}

/// Takes a signature apart, as [`Wire::decode`] does: layout, bytes, and the recovery id given apart.
pub type Decoder = fn(Wire, &[u8], Option<u8>) -> Result<Signature, WireError>;

/// Why bytes are no signature of this layout.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Another length.
    #[error("a signature of the form {form} has {expected} bytes, found {found}")]
    Length {
        /// The layout, for people.
        form: &'static str,
        /// How many bytes it has.
        expected: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A v or header that this layout does not have.
    #[error("a signature of the form {form} has {field} {expected}, found {found}")]
    V {
        /// The layout, for people.
        form: &'static str,
        /// What the byte is called.
        field: &'static str,
        /// The values that it may have.
        expected: &'static str,
        /// Its value.
        found: String,
    },
    /// The bytes do not hold a recovery id.
    #[error("a signature of 64 bytes has no recovery id: expected one beside it")]
    NoRecoveryId,
    /// The bytes hold a recovery id, and another was given.
    #[error("a signature of the form {form} holds its recovery id: unexpected second one beside it")]
    TwoRecoveryIds {
        /// The layout, for people.
        form: &'static str,
    },
}

impl Wire {
    /// Every layout.
    pub const ALL: [Self; 7] = [
        Self::RsRecoveryId,
        Self::RsV27,
        Self::RsV31,
        Self::RsEip155,
        Self::Rs,
        Self::Eip2098,
        Self::HeaderRs,
    ];

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsRecoveryId => "rs-recovery-id",
            Self::RsV27 => "rs-v27",
            Self::RsV31 => "rs-v31",
            Self::RsEip155 => "rs-eip155",
            Self::Rs => "rs",
            Self::Eip2098 => "eip2098",
            Self::HeaderRs => "header-rs",
        }
    }

    /// The layout in words.
    pub const fn form(self) -> &'static str {
        match self {
            Self::RsRecoveryId => "r || s || recovery id",
            Self::RsV27 => "r || s || v (27, 28)",
            Self::RsV31 => "r || s || v (31, 32)",
            Self::RsEip155 => "r || s || v (EIP-155)",
            Self::Rs => "r || s",
            Self::Eip2098 => "r || s with the parity (EIP-2098)",
            Self::HeaderRs => "header || r || s (BIP-137)",
        }
    }

    /// What v says besides the recovery id: the chain id (EIP-155), or the address type from 0 to 3 (BIP-137).
    /// None for other layouts, and for bytes that are not of this one.
    pub fn mark(self, bytes: &[u8]) -> Option<u128> {
        self.decode(bytes, None).ok()?;
        match self {
            Self::RsEip155 => {
                let v = bytes[64..]
                    .iter()
                    .try_fold(0u128, |v, byte| Some(v.checked_mul(256)? + u128::from(*byte)))?;
                Some((v - 35) / 2)
            }
            Self::HeaderRs => Some(u128::from((bytes[0] - 27) / 4)),
            _ => None,
        }
    }

    /// Takes the bytes apart. `recovery_id` is the one given apart, for [`Wire::Rs`] only.
    ///
    /// # Errors
    /// Another length, or a v that this layout does not have.
    pub fn decode(self, bytes: &[u8], recovery_id: Option<u8>) -> Result<Signature, WireError> {
        let form = self.form();
        if self != Self::Rs && recovery_id.is_some() {
            return Err(WireError::TwoRecoveryIds { form });
        }
        let length = |expected| WireError::Length { form, expected, found: bytes.len() };
        let v_error = |field, expected, found: &[u8]| WireError::V {
            form,
            field,
            expected,
            found: match found {
                [v] => v.to_string(),
                bytes => crate::input::bytes::to_hex(bytes),
            },
        };
        match self {
            Self::RsRecoveryId => {
                let (rs, v) = last(bytes).ok_or(length("65"))?;
                Ok(Signature::new(rs, v))
            }
            Self::RsV27 => match last(bytes).ok_or(length("65"))? {
                (rs, v @ (27 | 28)) => Ok(Signature::new(rs, v - 27)),
                (_, v) => Err(v_error("v", "27 or 28", &[v])),
            },
            Self::RsV31 => match last(bytes).ok_or(length("65"))? {
                (rs, v @ (31 | 32)) => Ok(Signature::new(rs, v - 31)),
                (_, v) => Err(v_error("v", "31 or 32", &[v])),
            },
            Self::RsEip155 => {
                let (rs, v) = bytes.split_first_chunk().ok_or(length("65 or more"))?;
                let large_enough = matches!(v, [35..=255] | [1..=255, _, ..]);
                match v.last() {
                    None => Err(length("65 or more")),
                    Some(low) if large_enough => Ok(Signature::new(rs, (low & 1) ^ 1)),
                    Some(_) => Err(v_error("v", "of 35 or more, without leading zeros", v)),
                }
            }
            Self::Rs => {
                let rs = bytes.try_into().map_err(|_| length("64"))?;
                Ok(Signature::new(rs, recovery_id.ok_or(WireError::NoRecoveryId)?))
            }
            Self::Eip2098 => {
                let rs = bytes.try_into().map_err(|_| length("64"))?;
                let mut signature = Signature::new(rs, 0);
                signature.recovery_id = signature.s.0[0] >> 7;
                signature.s.0[0] &= 0x7f;
                Ok(signature)
            }
            Self::HeaderRs => {
                let (header, rs) = bytes.split_first().ok_or(length("65"))?;
                let rs = rs.try_into().map_err(|_| length("65"))?;
                match header {
                    27..=42 => Ok(Signature::new(rs, (header - 27) & 3)),
                    other => Err(v_error("header", "27 to 42", &[*other])),
                }
            }
        }
    }
}

impl Wire {
    /// Writes a signature; the chain id is for [`Wire::RsEip155`] only. None where this layout has no place
    /// for the recovery id, or for a high s (EIP-2098).
    pub fn encode(self, signature: &Signature, chain_id: u64) -> Option<Vec<u8>> {
        let Signature { r, s, recovery_id } = signature;
        let rs = [r.0, s.0].concat();
        let with_v = |v: u8| [rs.as_slice(), &[v]].concat();
        let parity = (*recovery_id < 2).then_some(*recovery_id);
        Some(match self {
            Self::RsRecoveryId => with_v(*recovery_id),
            Self::RsV27 => with_v(27 + parity?),
            Self::RsV31 => with_v(31 + parity?),
            Self::RsEip155 => {
                let v = u128::from(chain_id) * 2 + 35 + u128::from(parity?);
                let v = v.to_be_bytes();
                let zeros = v.iter().take_while(|byte| **byte == 0).count();
                [rs.as_slice(), &v[zeros..]].concat()
            }
            Self::Rs => rs,
            Self::Eip2098 => {
                let mut compact = rs;
                if compact[32] & 0x80 != 0 {
                    return None;
                }
                compact[32] |= parity? << 7;
                compact
            }
            Self::HeaderRs => {
                let header = (*recovery_id < 4).then(|| 27 + recovery_id)?;
                [&[header], rs.as_slice()].concat()
            }
        })
    }
}

impl Signature {
    fn new(rs: &[u8; 64], recovery_id: u8) -> Self {
        let mut signature = Self { r: Word([0; 32]), s: Word([0; 32]), recovery_id };
        signature.r.0.copy_from_slice(&rs[..32]);
        signature.s.0.copy_from_slice(&rs[32..]);
        signature
    }

    /// Reads 65 bytes as people paste them: v 27 and 28 are recovery ids 0 and 1, every other v is kept.
    ///
    /// # Errors
    /// Another length.
    pub fn from_65_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        let mut signature = Wire::RsRecoveryId.decode(bytes, None)?;
        if let v @ (27 | 28) = signature.recovery_id {
            signature.recovery_id = v - 27;
        }
        Ok(signature)
    }
}

/// 64 bytes and a last one.
fn last(bytes: &[u8]) -> Option<(&[u8; 64], u8)> {
    let (last, rs) = bytes.split_last()?;
    Some((rs.try_into().ok()?, *last))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// r = 0x11…11, s = 0x22…22, and these bytes after or before them.
    fn rs() -> Vec<u8> {
        [[0x11; 32], [0x22; 32]].concat()
    }

    fn recovery_id(wire: Wire, bytes: &[u8]) -> Result<u8, WireError> {
        let signature = wire.decode(bytes, None)?;
        assert_eq!((signature.r.0, signature.s.0), ([0x11; 32], [0x22; 32]));
        Ok(signature.recovery_id)
    }

    #[test]
    fn each_layout_knows_its_recovery_ids() {
        let with = |v: &[u8]| [rs(), v.to_vec()].concat();
        assert_eq!(recovery_id(Wire::RsRecoveryId, &with(&[255])), Ok(255));
        assert_eq!(recovery_id(Wire::RsV27, &with(&[28])), Ok(1));
        assert_eq!(recovery_id(Wire::RsV31, &with(&[31])), Ok(0));
        assert_eq!(recovery_id(Wire::RsEip155, &with(&[37])), Ok(0));
        assert_eq!(recovery_id(Wire::RsEip155, &with(&[38])), Ok(1));
        assert_eq!(recovery_id(Wire::RsEip155, &with(&[0x01, 0x00])), Ok(1));
        for id in 0..16 {
            assert_eq!(recovery_id(Wire::HeaderRs, &[vec![27 + id], rs()].concat()), Ok(id & 3));
        }
        let mut compact = rs();
        compact[32] |= 0x80;
        assert_eq!(recovery_id(Wire::Eip2098, &compact), Ok(1));
        assert_eq!(recovery_id(Wire::Eip2098, &rs()), Ok(0));
        assert_eq!(Wire::Rs.decode(&rs(), Some(3)).unwrap().recovery_id, 3);
    }

    #[test]
    fn v_says_the_chain_id_or_the_address_type_too() {
        let with = |v: &[u8]| [rs(), v.to_vec()].concat();
        assert_eq!(Wire::RsEip155.mark(&with(&[37])), Some(1));
        assert_eq!(Wire::RsEip155.mark(&with(&[38])), Some(1));
        assert_eq!(Wire::RsEip155.mark(&with(&[0x01, 0x00])), Some(110));
        assert_eq!(Wire::RsEip155.mark(&with(&[28])), None);
        assert_eq!(Wire::HeaderRs.mark(&[vec![31], rs()].concat()), Some(1));
        assert_eq!(Wire::HeaderRs.mark(&[vec![42], rs()].concat()), Some(3));
        assert_eq!(Wire::RsV27.mark(&with(&[27])), None);
    }

    #[test]
    fn other_lengths_and_values_are_refused_in_words() {
        let says = |wire: Wire, bytes: &[u8], id| wire.decode(bytes, id).unwrap_err().to_string();
        let with = |v: &[u8]| [rs(), v.to_vec()].concat();
        assert_eq!(
            says(Wire::RsV27, &rs()[..63], None),
            "a signature of the form r || s || v (27, 28) has 65 bytes, found 63"
        );
        assert_eq!(
            says(Wire::RsV27, &with(&[0]), None),
            "a signature of the form r || s || v (27, 28) has v 27 or 28, found 0"
        );
        assert!(says(Wire::RsEip155, &with(&[0, 37]), None).contains("without leading zeros, found 0x0025"));
        assert!(says(Wire::RsEip155, &with(&[28]), None).ends_with("found 28"));
        assert!(
            says(Wire::HeaderRs, &[vec![43], rs()].concat(), None).ends_with("header 27 to 42, found 43")
        );
        assert_eq!(
            says(Wire::Rs, &rs(), None),
            "a signature of 64 bytes has no recovery id: expected one beside it"
        );
        assert!(says(Wire::Eip2098, &rs(), Some(0)).ends_with("unexpected second one beside it"));
    }
}
