//! Calls of ecrecover that a careless reading takes for others: a length or gas cut to 8, 16 or 32 bits, and a v
//! that is 27 or 28 if it is negated, cut, swapped, summed or shifted.

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::class::Family;
use super::construct::{scalar, sign};
use super::{Made, Strategy};
use crate::input::bytes::Word;
use crate::input::{CallInput, Input};
use crate::judge::fact::Fact;
use crate::reference::answer::{ECRECOVER_GAS, Expectation, Refusal};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "call-reading",
    about: "calls with calldata above 256 and 65,536 bytes, gas above 2^16 and 2^32, v as a wrong reading takes it",
    reaches: &[Fact::CalldataLong, Fact::VDirty],
    classes: &[Family::Calls],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let built = sign(Word(u.arbitrary()?), scalar(u)?, scalar(u)?);
    let right = 27 + built.input.recovery_id;
    let mut call = CallInput::with_v(&built.input, U256::from(right));
    let mut known = built.answer();
    match u.int_in_range(0..=9)? {
        0..=4 => {
            let v = u.choose(&VReading::CHOSEN)?.word(right, u)?;
            call = CallInput::with_v(&built.input, v);
            known = Expectation::Rejected(Refusal::VNot27Or28);
        }
        5 | 6 => {
            // Cut to 8 or 16 bits, the length is most often too short.
            let length = match u.int_in_range(0..=7)? {
                0 | 1 => (1 << 16) + u.int_in_range(0..=127)?,
                2..=5 => (1 << 8) + u.int_in_range(0..=127)?,
                _ => u.int_in_range(256..=2_048)?,
            };
            let pattern: [u8; 16] = u.arbitrary()?;
            call.calldata.0.extend(pattern.into_iter().cycle().take(length - 128));
        }
        _ => {
            // Cut, it is most often short.
            let most = if u.ratio(1, 4)? { 2 * ECRECOVER_GAS } else { ECRECOVER_GAS - 1 };
            let low = u.int_in_range(0..=most)?;
            call.gas = match u.int_in_range(0..=4)? {
                0 => (1 << 16) + low,
                1 => (1 << 32) + low,
                2 => (1 << 31) + low,
                3 => (1 << 63) + low,
                _ => ((u64::from(u.arbitrary::<u32>()?) + 1) << 16) + low,
            };
        }
    }
    // A nonce point whose x was reduced, one in 2^128, has no v.
    if built.input.recovery_id > 1 {
        known = Expectation::Rejected(Refusal::VNot27Or28);
    }
    Ok(Made::known(Input::Call(call), known))
}

/// A wrong reading of v.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VReading {
    /// The absolute value of so many bits as a signed number.
    Signed(usize),
    /// The lowest bits, so many.
    Cut(usize),
    /// The lowest bits, so many, with their bytes in the other order.
    Swapped(usize),
    /// The sum of all words of so many bits.
    Summed(usize),
    /// So much more: the recovery id as it is.
    Plus(u8),
    /// So much less: Bitcoin's mark of a compressed key.
    Minus(u8),
}

impl VReading {
    /// Every one.
    pub(crate) const ALL: [Self; 18] = [
        Self::Signed(8),
        Self::Signed(32),
        Self::Signed(64),
        Self::Signed(256),
        Self::Cut(8),
        Self::Cut(16),
        Self::Cut(32),
        Self::Cut(64),
        Self::Cut(128),
        Self::Swapped(16),
        Self::Swapped(32),
        Self::Swapped(64),
        Self::Swapped(128),
        Self::Swapped(256),
        Self::Summed(8),
        Self::Summed(64),
        Self::Plus(27),
        Self::Minus(4),
    ];

    /// Those that are chosen from: more often what no other has too. A v that is right in 128 bits is so in 8.
    const CHOSEN: [Self; 22] = [
        Self::Signed(8),
        Self::Signed(8),
        Self::Signed(32),
        Self::Signed(64),
        Self::Signed(256),
        Self::Signed(256),
        Self::Cut(8),
        Self::Cut(32),
        Self::Cut(128),
        Self::Swapped(16),
        Self::Swapped(32),
        Self::Swapped(64),
        Self::Swapped(128),
        Self::Swapped(256),
        Self::Summed(8),
        Self::Summed(64),
        Self::Summed(64),
        Self::Plus(27),
        Self::Plus(27),
        Self::Minus(4),
        Self::Minus(4),
        Self::Minus(4),
    ];

    /// Its name.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Signed(bits) => format!("signed-{bits}-bits"),
            Self::Cut(bits) => format!("cut-to-{bits}-bits"),
            Self::Swapped(bits) => format!("swapped-{bits}-bits"),
            Self::Summed(bits) => format!("summed-{bits}-bits"),
            Self::Plus(more) => format!("plus-{more}"),
            Self::Minus(less) => format!("minus-{less}"),
        }
    }

    /// What it makes of a v.
    pub(crate) fn read(self, v: U256) -> U256 {
        let low = |bits: usize| v & (U256::MAX >> (256 - bits));
        match self {
            Self::Signed(bits) => {
                let low = low(bits);
                let negated = (U256::MAX >> (256 - bits)) - low + U256::ONE;
                if low.bit(bits - 1) { negated } else { low }
            }
            Self::Cut(bits) => low(bits),
            Self::Swapped(bits) => {
                let mut bytes = low(bits).to_le_bytes::<32>();
                bytes[..bits / 8].reverse();
                U256::from_le_bytes(bytes)
            }
            Self::Summed(bits) => {
                let words = (0..256 / bits).map(|word| (v >> (bits * word)) & (U256::MAX >> (256 - bits)));
                words.fold(U256::ZERO, |sum, word| sum.wrapping_add(word))
            }
            Self::Plus(more) => v.wrapping_add(U256::from(more)),
            Self::Minus(less) => v.wrapping_sub(U256::from(less)),
        }
    }

    /// A v that is not 27 or 28 and that it takes for a right one.
    fn word(self, right: u8, u: &mut Unstructured<'_>) -> Result<U256> {
        let right = U256::from(right);
        // One bit at least above what is read.
        let above = |bits: usize, u: &mut Unstructured<'_>| -> Result<U256> {
            let high = super::construct::number(u)? | U256::ONE << (255 - bits);
            Ok(if u.arbitrary()? { U256::ONE << u.int_in_range(bits..=255)? } else { high << bits })
        };
        Ok(match self {
            Self::Signed(bits) => (U256::MAX >> (256 - bits)) - right + U256::ONE,
            Self::Cut(bits) => above(bits, u)? | right,
            Self::Swapped(bits) => right << (bits - 8),
            Self::Summed(bits) => {
                let (one, other) = (u.int_in_range(1..=26u8)?, u.int_in_range(1..=256 / bits - 1)?);
                (right - U256::from(one)) | (U256::from(one) << (bits * other))
            }
            Self::Plus(more) => right - U256::from(more),
            Self::Minus(less) => right + U256::from(less),
        })
    }
}

#[cfg(test)]
mod tests {
    use ruint::uint;

    use super::*;

    #[test]
    fn each_reading_takes_its_word_for_27() {
        let word = |reading: VReading| reading.word(27, &mut Unstructured::new(&[0x5a; 200])).unwrap();
        for reading in VReading::ALL {
            let word = word(reading);
            assert_ne!(word, U256::from(27), "{reading:?}");
            assert_eq!(reading.read(word), U256::from(27), "{reading:?}");
        }
        assert_eq!(word(VReading::Signed(8)), U256::from(229));
        assert_eq!(word(VReading::Signed(256)), U256::MAX - U256::from(26));
        assert_eq!(word(VReading::Swapped(32)), uint!(0x1b000000_U256));
        assert_eq!(VReading::Summed(8).read(uint!(0x0100000a10_U256)), U256::from(27));
        assert_eq!(VReading::Cut(16).read(uint!(0x1001c_U256)), U256::from(28));
    }
}
