//! How the bytes of a signature can be read: which r, s and recovery id they say.

use std::fmt;

use crate::generate::construct::lift_x;
use crate::identify::curve::{CurvePoint, Nonce};
use crate::input::bytes::Word;
use crate::input::signature::{Signature, Wire};
use crate::reference::SECP256K1;

/// One way to read a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// r, s and the recovery id of this reading; s low, as every implementation takes it.
    pub signature: Signature,
    /// Where r and s are taken from.
    pub layout: Layout,
    /// Whether the recovery id, s counted as it stands, is the one that v says; none where v says none.
    pub as_v_says: Option<bool>,
    /// Whether s stands above n/2, and so was replaced by n - s, with the other parity.
    pub high_s: bool,
}

/// Where r and s stand in the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// r, then s, then v if there is one.
    Straight,
    /// s, then r.
    Swapped,
    /// r, then s with the parity in its top bit.
    Eip2098,
    /// A header of Bitcoin or v of EIP-155, then r and s.
    Header,
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.layout {
            Layout::Straight => "r || s as they stand",
            Layout::Swapped => "r and s swapped",
            Layout::Eip2098 => "EIP-2098, the parity in the top bit of s",
            Layout::Header => "a Bitcoin header or EIP-155's v first, then r and s",
        })?;
        write!(f, ", recovery id {}", self.signature.recovery_id)?;
        if self.high_s {
            f.write_str(" for s replaced by n - s, since it stands above n/2")?;
        }
        match self.as_v_says {
            Some(true) => f.write_str(", as v says"),
            Some(false) => {
                f.write_str(", though v says another (or s was replaced by n - s without flipping it)")
            }
            None => f.write_str(", which v does not say"),
        }
    }
}

impl Reading {
    /// Whether it is what the bytes say: nothing swapped, and v as it stands.
    pub fn is_literal(&self) -> bool {
        self.layout != Layout::Swapped && self.as_v_says != Some(false)
    }

    /// The signature as `recover --signature` takes it: r, s and the recovery id, 65 bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let Signature { r, s, recovery_id } = self.signature;
        [r.0.as_slice(), &s.0, &[recovery_id]].concat()
    }
}

/// Readings that share r, and so the multiplication.
#[derive(Debug, Clone)]
pub struct Lens {
    /// What r makes of a digest.
    pub nonce: Nonce,
    /// For each s and each x that r can stand for: (s/r)·R, the reading with R, and the one with the
    /// opposite point.
    pub pairs: Vec<(CurvePoint, [Reading; 2])>,
}

impl Lens {
    /// Every reading.
    pub fn readings(&self) -> impl Iterator<Item = &Reading> {
        self.pairs.iter().flat_map(|(_, both)| both)
    }

    /// Where r stands; EIP-2098 has it where it stands without.
    pub fn layout(&self) -> Option<Layout> {
        let layout = self.readings().next()?.layout;
        Some(if layout == Layout::Eip2098 { Layout::Straight } else { layout })
    }
}

/// Why bytes are no signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadingError {
    /// Another length.
    #[error("expected 65 bytes, or 64 without v, found {0} (replace a longer v of EIP-155 by 27 or 28)")]
    Length(usize),
    /// No reading has a nonce point.
    #[error(
        "no key can be recovered from this signature, in any layout: r or s is out of range, or r is not on the curve"
    )]
    NoReading,
}

/// Every reading of a signature's bytes: r first, a header first, s first, as far as a key can come of them.
///
/// # Errors
/// Another length than 64 or 65 bytes, or no reading that can give a key.
pub fn readings(bytes: &[u8]) -> Result<Vec<Lens>, ReadingError> {
    let (rs, v) = match bytes.len() {
        64 => (bytes, None),
        65 => (&bytes[..64], Some(bytes[64])),
        found => return Err(ReadingError::Length(found)),
    };
    let word = |bytes: &[u8]| {
        let mut word = Word([0; 32]);
        word.0.copy_from_slice(bytes);
        word
    };
    let (r, s) = (word(&rs[..32]), word(&rs[32..]));
    let said = v.and_then(recovery_id);
    let mut lenses = Vec::new();
    let compact = Wire::Eip2098.decode(rs, None).ok();
    let mut straight = vec![(Layout::Straight, s, said)];
    // With a clear top bit s is the same either way: then both are one reading.
    if let Some(Signature { s: masked, recovery_id, .. }) = compact.filter(|_| s.0[0] & 0x80 != 0) {
        let at = if v.is_none() { 0 } else { straight.len() };
        straight.insert(at, (Layout::Eip2098, masked, Some(recovery_id)));
    }
    lenses.extend(lens(r, &straight));
    if let Some(Signature { r, s, recovery_id }) = header_first(bytes) {
        lenses.extend(lens(r, &[(Layout::Header, s, Some(recovery_id))]));
    }
    lenses.extend(lens(s, &[(Layout::Swapped, r, said)]));
    if lenses.is_empty() { Err(ReadingError::NoReading) } else { Ok(lenses) }
}

/// A signature that begins with a header of Bitcoin or with v of EIP-155. From 35 to 42 both read a header, and say
/// the same parity; a recovery id above 1 is Bitcoin's only if r can have been reduced.
fn header_first(bytes: &[u8]) -> Option<Signature> {
    let reducible = |signature: &Signature| signature.r.number() < SECP256K1.p - SECP256K1.n;
    let bitcoin = Wire::HeaderRs.decode(bytes, None).ok();
    let eip155 = Wire::Eip155Rs.decode(bytes, None).ok();
    bitcoin.filter(|header| header.recovery_id < 2 || reducible(header)).or(eip155).or(bitcoin)
}

/// The recovery id that a v says: 0 to 3 themselves, 27 to 34 (Bitcoin's, Safe's), 35 and above (EIP-155).
fn recovery_id(v: u8) -> Option<u8> {
    match v {
        0..=3 => Some(v),
        27..=30 => Some(v - 27),
        31..=34 => Some(v - 31),
        35.. => Some((v & 1) ^ 1),
        _ => None,
    }
}

fn lens(r: Word, forms: &[(Layout, Word, Option<u8>)]) -> Option<Lens> {
    let n = SECP256K1.n;
    if r.number().is_zero() || r.number() >= n {
        return None;
    }
    let nonce = Nonce::new(&r.0)?;
    let mut pairs = Vec::new();
    for (layout, s, said) in forms {
        if s.number().is_zero() || s.number() >= n {
            continue;
        }
        let high_s = s.number() > n >> 1;
        for reduced in [0, 2] {
            let x = if reduced == 0 { Some(r.number()) } else { r.number().checked_add(n) };
            let Some(even) = x.and_then(|x| lift_x(x, false)) else { continue };
            let Some(shift) = nonce.shift(&s.0, even) else { continue };
            let reading = |parity: u8| {
                let low = if high_s { Word::from(n - s.number()) } else { *s };
                let signature = Signature { r, s: low, recovery_id: reduced | (parity ^ u8::from(high_s)) };
                let as_v_says = said.map(|said| said == reduced | parity);
                Reading { signature, layout: *layout, as_v_says, high_s }
            };
            pairs.push((shift, [reading(0), reading(1)]));
        }
    }
    (!pairs.is_empty()).then_some(Lens { nonce, pairs })
}
