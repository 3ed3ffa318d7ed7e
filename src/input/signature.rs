//! Signatures as they stand on the wire: where r, s and the recovery id are in the bytes.

mod der;

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
    /// r || s || v, v = 35 + 2·chain id + recovery id, big-endian without leading zeros (EIP-155), below 2^64.
    #[serde(rename = "rs-eip155")]
    RsEip155,
    /// v || r || s, v as in [`Wire::RsEip155`], or 27 + recovery id.
    #[serde(rename = "eip155-rs")]
    Eip155Rs,
    /// r || s; the recovery id comes from elsewhere.
    Rs,
    /// A DER sequence of the integers r and s (RFC 3279, 2.2.3); the recovery id comes from elsewhere.
    Der,
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
    /// A DER sequence, where v would be of several bytes.
    #[error("a signature of the form {form} is no DER sequence, found one of {found} bytes")]
    DerSequence {
        /// The layout, for people.
        form: &'static str,
        /// How many bytes there are.
        found: usize,
    },
    /// No DER sequence of two integers.
    #[error("a signature of the form {form} is a DER sequence of two integers, found {found}")]
    NotDer {
        /// The layout, for people.
        form: &'static str,
        /// What there is, in words.
        found: String,
    },
    /// The bytes do not hold a recovery id.
    #[error("a signature of the form {form} has no recovery id: expected one beside it")]
    NoRecoveryId {
        /// The layout, for people.
        form: &'static str,
    },
    /// Not of any layout.
    #[error("{found} bytes are no signature in any layout")]
    NoLayout {
        /// How many bytes there are.
        found: usize,
    },
    /// The bytes hold a recovery id, and another was given.
    #[error("a signature of the form {form} holds its recovery id: unexpected second one beside it")]
    TwoRecoveryIds {
        /// The layout, for people.
        form: &'static str,
    },
}

impl Wire {
    /// Every layout.
    pub const ALL: [Self; 9] = [
        Self::RsRecoveryId,
        Self::RsV27,
        Self::RsV31,
        Self::RsEip155,
        Self::Eip155Rs,
        Self::Rs,
        Self::Der,
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
            Self::Eip155Rs => "eip155-rs",
            Self::Rs => "rs",
            Self::Der => "der",
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
            Self::Eip155Rs => "v || r || s (EIP-155)",
            Self::Rs => "r || s",
            Self::Der => "DER",
            Self::Eip2098 => "r || s with the parity (EIP-2098)",
            Self::HeaderRs => "header || r || s (BIP-137)",
        }
    }

    /// The recovery id that is given beside the bytes, where this layout has no place for one.
    pub fn apart(self, recovery_id: u8) -> Option<u8> {
        matches!(self, Self::Rs | Self::Der).then_some(recovery_id)
    }

    /// What v says besides the recovery id: the chain id (EIP-155), or the address type from 0 to 3 (BIP-137).
    /// None for other layouts, for a v of 27 or 28, and for bytes that are not of this layout.
    pub fn mark(self, bytes: &[u8]) -> Option<u64> {
        self.decode(bytes, None).ok()?;
        match self {
            Self::RsEip155 => chain_id(number(&bytes[64..])?),
            Self::Eip155Rs => chain_id(number(&bytes[..bytes.len() - 64])?),
            Self::HeaderRs => Some(u64::from((bytes[0] - 27) / 4)),
            _ => None,
        }
    }

    /// Takes the bytes apart. `recovery_id` is the one given apart, for [`Wire::Rs`] and [`Wire::Der`] only.
    ///
    /// # Errors
    /// Another length, or a v that this layout does not have.
    pub fn decode(self, bytes: &[u8], recovery_id: Option<u8>) -> Result<Signature, WireError> {
        let form = self.form();
        if self.apart(0).is_none() && recovery_id.is_some() {
            return Err(WireError::TwoRecoveryIds { form });
        }
        let given = recovery_id.ok_or(WireError::NoRecoveryId { form });
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
            Self::RsEip155 | Self::Eip155Rs => {
                let expected = "65 to 72";
                let parts = if self == Self::RsEip155 {
                    bytes.split_first_chunk()
                } else {
                    bytes.split_last_chunk().map(|(v, rs)| (rs, v))
                };
                let (rs, v) = parts.filter(|(_, v)| !v.is_empty()).ok_or(length(expected))?;
                if is_der_sequence(bytes) {
                    return Err(WireError::DerSequence { form, found: bytes.len() });
                }
                let n = number(v).ok_or(length(expected))?;
                let leads_with_zero = v.len() > 1 && v[0] == 0;
                match n {
                    35.. if !leads_with_zero => Ok(Signature::new(rs, u8::from(n % 2 == 0))),
                    27 | 28 if self == Self::Eip155Rs && v.len() == 1 => Ok(Signature::new(rs, v[0] - 27)),
                    _ if self == Self::RsEip155 => {
                        Err(v_error("v", "of 35 or more, without leading zeros", v))
                    }
                    _ => Err(v_error("v", "27, 28, or of 35 or more, without leading zeros", v)),
                }
            }
            Self::Rs => {
                let rs = bytes.try_into().map_err(|_| length("64"))?;
                Ok(Signature::new(rs, given?))
            }
            Self::Der => {
                let [r, s] = der::decode(bytes).map_err(|found| WireError::NotDer { form, found })?;
                Ok(Signature { r, s, recovery_id: given? })
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

    /// Takes bytes apart in the first layout whose they are; a recovery id that they do not hold is 0.
    ///
    /// # Errors
    /// They are of none.
    pub fn decode_any(bytes: &[u8]) -> Result<(Self, Signature), WireError> {
        let read = |wire: Self| Some((wire, wire.decode(bytes, wire.apart(0)).ok()?));
        Self::ALL.into_iter().find_map(read).ok_or(WireError::NoLayout { found: bytes.len() })
    }
}

impl Wire {
    /// Writes a signature; the chain id is for the layouts of EIP-155, of which [`Wire::Eip155Rs`] needs none. None
    /// where this layout has no place for the recovery id or the chain id, for a high s (EIP-2098), or for bytes
    /// that would be a DER sequence.
    pub fn encode(self, signature: &Signature, chain_id: Option<u64>) -> Option<Vec<u8>> {
        let Signature { r, s, recovery_id } = signature;
        let rs = [r.0, s.0].concat();
        let with_v = |v: u8| [rs.as_slice(), &[v]].concat();
        let parity = (*recovery_id < 2).then_some(*recovery_id);
        let bytes = match self {
            Self::RsRecoveryId => with_v(*recovery_id),
            Self::RsV27 => with_v(27 + parity?),
            Self::RsV31 => with_v(31 + parity?),
            Self::RsEip155 => [rs, eip155(chain_id?, parity?)?].concat(),
            Self::Eip155Rs => {
                let v = match chain_id {
                    Some(chain_id) => eip155(chain_id, parity?)?,
                    None => vec![27 + parity?],
                };
                [v, rs].concat()
            }
            Self::Rs => rs,
            Self::Der => der::encode(r, s),
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
        };
        let mistaken = matches!(self, Self::RsEip155 | Self::Eip155Rs) && is_der_sequence(&bytes);
        (!mistaken).then_some(bytes)
    }
}

/// EIP-155's v, big-endian without leading zeros. It has 8 bytes at most: EIP-2294 bounds chain ids so.
fn eip155(chain_id: u64, parity: u8) -> Option<Vec<u8>> {
    let v = chain_id.checked_mul(2)?.checked_add(35 + u64::from(parity))?.to_be_bytes();
    let zeros = v.iter().take_while(|byte| **byte == 0).count();
    Some(v[zeros..].to_vec())
}

fn chain_id(v: u64) -> Option<u64> {
    Some(v.checked_sub(35)? / 2)
}

/// The number that up to 8 bytes say, big-endian.
fn number(bytes: &[u8]) -> Option<u64> {
    let mut number = [0; 8];
    number[8usize.checked_sub(bytes.len())?..].copy_from_slice(bytes);
    Some(u64::from_be_bytes(number))
}

/// Whether all of the bytes are one DER (or BER) sequence that begins with an integer: 70 to 72 of them, as most
/// signatures in DER have, would be r, s and a long v otherwise.
fn is_der_sequence(bytes: &[u8]) -> bool {
    let content = match bytes {
        [0x30, length @ ..=0x7f, content @ ..] | [0x30, 0x81, length, content @ ..]
            if usize::from(*length) == content.len() =>
        {
            content
        }
        _ => return false,
    };
    content.first() == Some(&0x02)
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
        let first = |v: &[u8]| [v.to_vec(), rs()].concat();
        for (v, id) in
            [(&[27][..], 0), (&[28], 1), (&[35], 0), (&[38], 1), (&[0x01, 0x00], 1), (&[0xff; 8], 0)]
        {
            assert_eq!(recovery_id(Wire::Eip155Rs, &first(v)), Ok(id), "{v:?}");
        }
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
        assert_eq!(Wire::Eip155Rs.mark(&[vec![28], rs()].concat()), None);
        assert_eq!(Wire::Eip155Rs.mark(&[vec![37], rs()].concat()), Some(1));
        assert_eq!(Wire::Eip155Rs.mark(&[vec![0x01, 0x00], rs()].concat()), Some(110));
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
            "a signature of the form r || s has no recovery id: expected one beside it"
        );
        assert!(says(Wire::Eip2098, &rs(), Some(0)).ends_with("unexpected second one beside it"));
    }

    #[test]
    fn an_eip_155_v_has_eight_bytes_at_most_and_no_leading_zeros() {
        let last = |v: &[u8]| Wire::RsEip155.decode(&[rs(), v.to_vec()].concat(), None);
        let first = |v: &[u8]| Wire::Eip155Rs.decode(&[v.to_vec(), rs()].concat(), None);
        assert!(last(&[0xff; 8]).is_ok() && first(&[0xff; 8]).is_ok());
        for v in [&[][..], &[34], &[0, 37], &[0, 27], &[1, 0, 0, 0, 0, 0, 0, 0, 0], &[0xff; 32]] {
            assert!(last(v).is_err(), "{v:?}");
            assert!(first(v).is_err(), "{v:?}");
        }
        assert!(last(&[27]).is_err(), "27 says no chain id: it is not EIP-155's");
        assert_eq!(
            last(&[1; 9]).unwrap_err().to_string(),
            "a signature of the form r || s || v (EIP-155) has 65 to 72 bytes, found 73"
        );
    }

    /// Chain ids whose v has 6 to 8 bytes: their signatures are as long as most in DER.
    #[test]
    fn der_is_no_signature_with_a_long_v() {
        for der in ["304402203b5c3e", "304502210081c3e5", "3046022100fc9e22"] {
            let begin = crate::input::bytes::from_hex(der).unwrap();
            let mut bytes = begin.clone();
            bytes.resize(2 + usize::from(begin[1]), 0x11);
            let found = bytes.len();
            let form = |wire: Wire| WireError::DerSequence { form: wire.form(), found };
            for wire in [Wire::RsEip155, Wire::Eip155Rs] {
                assert_eq!(wire.decode(&bytes, None), Err(form(wire)), "{der}");
            }
            // The same length without DER's beginning is a signature.
            bytes[0] = 0x31;
            assert!(Wire::RsEip155.decode(&bytes, None).is_ok(), "{der}");
            assert!(Wire::Eip155Rs.decode(&bytes, None).is_ok(), "{der}");
        }
        // What would be read as DER is not written: r of 0x30, 0x44, 0x02, … with a v of six bytes.
        let mut r = Word([0x11; 32]);
        r.0[..3].copy_from_slice(&[0x30, 0x44, 0x02]);
        let signature = Signature { r, s: Word([0x22; 32]), recovery_id: 0 };
        assert_eq!(Wire::RsEip155.encode(&signature, Some(1 << 41)), None);
        assert_eq!(Wire::RsEip155.encode(&signature, Some(1)).map(|bytes| bytes.len()), Some(65));
    }

    #[test]
    fn chain_ids_are_written_as_far_as_v_holds_them() {
        let signature = Signature { r: Word([0x11; 32]), s: Word([0x22; 32]), recovery_id: 1 };
        let v = |wire: Wire, chain_id| {
            wire.encode(&signature, chain_id).map(|bytes| match wire {
                Wire::RsEip155 => bytes[64..].to_vec(),
                _ => bytes[..bytes.len() - 64].to_vec(),
            })
        };
        assert_eq!(v(Wire::RsEip155, Some(1)), Some(vec![38]));
        assert_eq!(v(Wire::Eip155Rs, Some(1)), Some(vec![38]));
        assert_eq!(v(Wire::RsEip155, None), None);
        assert_eq!(v(Wire::Eip155Rs, None), Some(vec![28]));
        // EIP-2294's largest chain id, and one whose v has nine bytes.
        assert_eq!(
            v(Wire::Eip155Rs, Some((1 << 63) - 37)),
            Some(vec![0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xda])
        );
        assert_eq!(v(Wire::RsEip155, Some(1 << 63)), None);
    }

    #[test]
    fn bytes_of_no_layout_are_told_from_those_of_one() {
        assert_eq!(Wire::decode_any(&rs()[1..]), Err(WireError::NoLayout { found: 63 }));
        assert_eq!(Wire::decode_any(&[]), Err(WireError::NoLayout { found: 0 }));
        assert_eq!(Wire::decode_any(&rs()).unwrap().0, Wire::Rs);
        assert_eq!(Wire::decode_any(&[0x30, 6, 2, 1, 5, 2, 1, 7]).unwrap().0, Wire::Der);
        assert_eq!(Wire::decode_any(&[vec![1, 0], rs()].concat()).unwrap().0, Wire::RsEip155);
    }
}
