//! What numbers look like where arithmetic in limbs goes wrong: tiny, next to a bound, with a limb of zeros or
//! ones. Each can be drawn, and recognised.

use std::fmt;

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::construct::number;
use crate::reference::SECP256K1;

/// The limbs that 256 bits are kept in: their size in bits, and how many there are.
pub(crate) const LIMBS: [(usize, usize); 3] = [(64, 4), (52, 5), (26, 10)];
/// What p lacks to 2^256: a coordinate below this fits in 256 bits with p added.
pub(crate) const SLACK: u64 = (1 << 32) + 977;
/// How far a value is from a power of two that is next to it.
const NEXT_TO: u64 = 1 << 10;

/// What a number looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Not zero, and below a bound.
    Below(u64),
    /// Less than this below the modulus.
    NearModulus(u64),
    /// Next to half the modulus.
    NearHalf,
    /// n or more.
    NotBelowN,
    /// Next to a power of two above 2^32.
    NearPowerOfTwo,
    /// A limb of nothing but zeros or ones.
    Limb {
        /// The limbs' size in bits.
        bits: usize,
        /// The limb's place, the lowest being 0.
        index: usize,
        /// Ones, or zeros.
        ones: bool,
    },
}

impl Pattern {
    /// Those that integers modulo something are checked for.
    pub(crate) fn of_numbers() -> impl Iterator<Item = Self> {
        let whole = [Self::Below(SLACK), Self::NearModulus(SLACK), Self::NearHalf, Self::NearPowerOfTwo];
        let limb = |(bits, count)| {
            (0..count).flat_map(move |index| [false, true].map(|ones| Self::Limb { bits, index, ones }))
        };
        whole.into_iter().chain(LIMBS.into_iter().flat_map(limb))
    }

    /// Whether a number looks like this.
    pub(crate) fn holds(self, number: U256, modulus: U256) -> bool {
        match self {
            Self::Below(bound) => !number.is_zero() && number < U256::from(bound),
            Self::NearModulus(bound) => number < modulus && modulus - number < U256::from(bound),
            Self::NearHalf => number.abs_diff(modulus >> 1) < U256::from(SLACK),
            Self::NotBelowN => number >= SECP256K1.n,
            Self::NearPowerOfTwo => {
                let length = number.bit_len();
                // Below a power, or above one.
                let powers = [length, length.saturating_sub(1)].into_iter().filter(|power| *power > 32);
                let mut next = powers.filter(|power| *power < 256).map(|power| U256::ONE << power);
                next.any(|power| number.abs_diff(power) < U256::from(NEXT_TO))
            }
            Self::Limb { bits, index, ones } => {
                let mask = mask(bits, index);
                number & mask == if ones { mask } else { U256::ZERO }
            }
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Below(_) => f.write_str("tiny"),
            Self::NearModulus(_) => f.write_str("near-modulus"),
            Self::NearHalf => f.write_str("near-half"),
            Self::NotBelowN => f.write_str("ge-n"),
            Self::NearPowerOfTwo => f.write_str("near-power-of-two"),
            Self::Limb { bits, index, ones } => {
                write!(f, "limb-{index}-of-{bits}-bits-{}", if *ones { "ones" } else { "zero" })
            }
        }
    }
}

/// The bits of a limb.
fn mask(bits: usize, index: usize) -> U256 {
    let width = bits.min(256 - bits * index);
    (U256::MAX >> (256 - width)) << (bits * index)
}

/// A number of at most so many bits, of any length up to that, not zero.
pub(super) fn of_length(u: &mut Unstructured<'_>, most: usize) -> Result<U256> {
    let bits = u.int_in_range(1..=most)?;
    Ok((number(u)? >> (256 - bits)).max(U256::ONE))
}

/// A number below the modulus (p or n) with one pattern at least, not zero.
pub(super) fn patterned(u: &mut Unstructured<'_>, modulus: U256) -> Result<U256> {
    let tiny = |u: &mut Unstructured<'_>| of_length(u, 32);
    let number = match u.int_in_range(0..=19)? {
        0 | 1 => tiny(u)?,
        2..=4 => modulus - tiny(u)?,
        5 => (modulus >> 1) - tiny(u)?,
        6 => (modulus >> 1) + tiny(u)?,
        7 if modulus > SECP256K1.n => SECP256K1.n + of_length(u, 129)?,
        7 | 8 => {
            let power = U256::ONE << u.int_in_range(33..=255)?;
            let step = U256::from(u.arbitrary::<u8>()?);
            if u.arbitrary()? { power + step } else { power - step }
        }
        9..=11 => {
            let (bits, count) = *u.choose(&LIMBS)?;
            let mask = mask(bits, u.choose_index(count)?);
            let number = number(u)?;
            if u.arbitrary()? { number | mask } else { number & !mask }
        }
        _ => {
            // The wider limbs twice as often: there are fewer of them to be special.
            let (bits, count) = LIMBS[*u.choose(&[0, 0, 1, 1, 2])?];
            let mut number = number(u)?;
            for index in 0..count {
                match u.int_in_range(0..=3)? {
                    0 => number &= !mask(bits, index),
                    1 => number |= mask(bits, index),
                    _ => {}
                }
            }
            number
        }
    };
    // p and n are above 2^255.
    let below = if number < modulus { number } else { number & (U256::MAX >> 1) };
    Ok(below.max(U256::ONE))
}

#[cfg(test)]
mod tests {
    use ruint::uint;

    use super::*;

    #[test]
    fn patterns_are_what_their_names_say() {
        let p = SECP256K1.p;
        let holds = |name: &str, number: U256| {
            let mut all = Pattern::of_numbers().chain([Pattern::NotBelowN]);
            all.find(|pattern| pattern.to_string() == name).unwrap().holds(number, p)
        };
        for (name, number) in [
            ("tiny", uint!(0x1000003d0_U256)),
            ("near-modulus", uint!(0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e_U256)),
            ("near-half", uint!(0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffff7ffffe17_U256)),
            ("near-power-of-two", uint!(0x1000000000000000000000000000003ff_U256)),
            ("near-power-of-two", uint!(0xfffffffffffffffffffffffffffffc01_U256)),
            ("limb-1-of-64-bits-zero", uint!(0x10000000000000000ffffffffffffffff_U256)),
            ("limb-0-of-64-bits-ones", uint!(0x10000000000000000ffffffffffffffff_U256)),
            ("limb-4-of-52-bits-ones", U256::MAX << 208),
            ("limb-9-of-26-bits-ones", U256::MAX << 234),
            ("limb-3-of-26-bits-ones", uint!(0x3ffffff_U256) << 78),
            ("ge-n", SECP256K1.n),
        ] {
            assert!(holds(name, number), "{name}: {number:#x}");
        }
        for (name, number) in [
            ("tiny", U256::ZERO),
            ("tiny", uint!(0x1000003d1_U256)),
            ("near-modulus", U256::from(5)),
            ("near-half", U256::from(5)),
            ("near-power-of-two", U256::from(1 << 20)),
            ("near-power-of-two", uint!(0x100000000000000000000000000000400_U256)),
            ("limb-1-of-64-bits-zero", uint!(0x10000000000000000_U256)),
            ("limb-4-of-52-bits-ones", U256::MAX << 209),
            ("ge-n", SECP256K1.n - U256::ONE),
        ] {
            assert!(!holds(name, number), "{name}: {number:#x}");
        }
    }

    #[test]
    fn a_drawn_number_is_below_its_modulus_and_has_a_pattern() {
        for modulus in [SECP256K1.p, SECP256K1.n] {
            let mut plain = 0;
            for case in 0..2_000 {
                let bytes = crate::generate::tests::bytes_of(case);
                let number = patterned(&mut Unstructured::new(&bytes), modulus).unwrap();
                assert!(!number.is_zero() && number < modulus, "{number:#x}");
                let special = Pattern::of_numbers().chain([Pattern::NotBelowN]);
                plain += usize::from(!special.into_iter().any(|pattern| pattern.holds(number, modulus)));
            }
            // Of the numbers of many limbs, a few have none that is special.
            assert!(plain < 60, "{plain} of 2000");
        }
    }
}
