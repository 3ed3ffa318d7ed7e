//! The halves that a scalar is split into for secp256k1's endomorphism (x, y) -> (βx, y), which multiplies by λ:
//! k = k1 + k2·λ with both of half a scalar's length (Gallant, Lambert, Vanstone; Guide to ECC, algorithm 3.74).
//!
//! Splitting rounds two quotients. Where one is next to a tie implementations that round otherwise part, and in
//! the corners, where both are, the halves are the longest.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use ruint::{Uint, aliases::U256, uint};

use super::construct::{Scalar, number, reduce, word};
use super::pattern::of_length;
use crate::reference::SECP256K1;

/// λ with λ³ = 1 modulo n.
const LAMBDA: U256 = uint!(0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72_U256);
/// β with β³ = 1 modulo p, for this λ.
pub(crate) const BETA: U256 = uint!(0x7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501ee_U256);
/// The lattice's short vectors are (A1, -B1) and (A2, A1): A1 - B1·λ = A2 + A1·λ = 0 modulo n.
const A1: U256 = uint!(0x3086d221a7d46bcde86c90e49284eb15_U256);
const B1: U256 = uint!(0xe4437ed6010e88286f547fa90abfe4c3_U256);
const A2: U256 = uint!(0x114ca50f7a8e2f3f657c1108d9d44cfd8_U256);
/// The quotients are these times k, over n.
const FACTORS: [U256; 2] = [A1, B1];
/// How near an extreme a half counts as extreme: this many bits.
const EXTREME: usize = 100;
/// How near a tie both quotients are in a corner: this many bits of n.
const CORNER: usize = 226;

/// λ as a scalar.
pub(crate) fn lambda() -> Scalar {
    static SCALAR: LazyLock<Scalar> = LazyLock::new(|| reduce(LAMBDA));
    *SCALAR
}

/// Half a scalar, with its sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Half {
    /// Whether it is below zero.
    pub(crate) negative: bool,
    /// Its absolute value.
    pub(crate) size: U256,
}

/// A scalar's halves, rounded to the nearest: k1 and k2.
pub(crate) fn split(scalar: Scalar) -> [Half; 2] {
    let k = word(scalar).number();
    let [c1, c2] = FACTORS.map(|factor| {
        let wide = |number: U256| Uint::<512, 8>::from(number);
        let quotient: Uint<512, 8> = (wide(factor) * wide(k) + wide(SECP256K1.n >> 1)) / wide(SECP256K1.n);
        reduce(quotient.to())
    });
    let k2 = c1 * reduce(B1) - c2 * reduce(A1);
    let k1 = scalar - k2 * lambda();
    [k1, k2].map(|half| {
        let size = word(half).number();
        let negative = size > SECP256K1.n >> 1;
        Half { negative, size: if negative { SECP256K1.n - size } else { size } }
    })
}

/// What is special about how a scalar is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    /// The first or second quotient is nearly halfway between two integers.
    Tie(usize),
    /// Both are, roughly.
    Corner,
    /// The first or second half is zero.
    Zero(usize),
    /// It is not, but below 2^32.
    Tiny(usize),
    /// It is nearly as long as one can be.
    Extreme(usize),
}

impl Special {
    /// Every one.
    pub(crate) const ALL: [Self; 9] = [
        Self::Tie(0),
        Self::Tie(1),
        Self::Corner,
        Self::Zero(0),
        Self::Zero(1),
        Self::Tiny(0),
        Self::Tiny(1),
        Self::Extreme(0),
        Self::Extreme(1),
    ];

    /// Its name.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Tie(which) => format!("tie-{}", which + 1),
            Self::Corner => "corner".into(),
            Self::Zero(which) => format!("half-{}-zero", which + 1),
            Self::Tiny(which) => format!("half-{}-tiny", which + 1),
            Self::Extreme(which) => format!("half-{}-extreme", which + 1),
        }
    }

    /// Whether a scalar is split so.
    pub(crate) fn holds(self, scalar: Scalar) -> bool {
        let size = |which: usize| split(scalar)[which].size;
        let from_tie = |which: usize| {
            let remainder = FACTORS[which].mul_mod(word(scalar).number(), SECP256K1.n);
            remainder.abs_diff(SECP256K1.n >> 1)
        };
        match self {
            Self::Tie(which) => from_tie(which) < U256::ONE << 64,
            Self::Corner => [0, 1].into_iter().all(|which| from_tie(which) < U256::ONE << CORNER),
            Self::Zero(which) => size(which).is_zero(),
            Self::Tiny(which) => !size(which).is_zero() && size(which).bit_len() <= 32,
            Self::Extreme(which) => longest(which).abs_diff(size(which)) < U256::ONE << EXTREME,
        }
    }
}

/// The longest that a half can be, give or take one.
fn longest(which: usize) -> U256 {
    [(A1 + A2) >> 1, (A1 + B1) >> 1][which]
}

/// A scalar that is split in a special way.
pub(super) fn special(u: &mut Unstructured<'_>) -> Result<Scalar> {
    let either = |u: &mut Unstructured<'_>, scalar: Scalar| {
        u.arbitrary().map(|negative: bool| if negative { -scalar } else { scalar })
    };
    Ok(match u.int_in_range(0..=5)? {
        which @ 0..=1 => {
            // Further from the tie, too, where approximations of the quotient part.
            let far = if u.ratio(1, 4)? { 132 } else { 60 };
            let from_tie = of_length(u, far)?;
            let half = SECP256K1.n >> 1;
            let remainder = if u.arbitrary()? { half + from_tie } else { half + U256::ONE - from_tie };
            reduce(remainder) / reduce(FACTORS[which])
        }
        2 | 3 => {
            let [one, two] = [of_length(u, 96)?, of_length(u, 96)?].map(|lacks| (U256::ONE << 127) - lacks);
            let of = |fraction: U256, length: U256| reduce((fraction * length) >> 128);
            let one = of(one, A1) - of(one, B1) * lambda();
            let two = of(two, A2) + of(two, A1) * lambda();
            either(u, one)? + either(u, two)?
        }
        _ => {
            let half = |u: &mut Unstructured<'_>| -> Result<Scalar> {
                let half = match u.int_in_range(0..=5)? {
                    0 | 1 => U256::ZERO,
                    2 | 3 => of_length(u, 32)?,
                    4 => of_length(u, 132)?,
                    _ => number(u)? >> 128,
                };
                either(u, reduce(half))
            };
            half(u)? + half(u)? * lambda()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_those_of_the_endomorphism() {
        assert_eq!(lambda() * lambda() * lambda(), Scalar::from(1));
        assert_eq!(reduce(A1), reduce(B1) * lambda());
        assert_eq!(reduce(A2), -(reduce(A1) * lambda()));
        // λ·G has β times the x of G, and its y.
        let g = super::super::construct::times_g(Scalar::from(1));
        let image = super::super::construct::times_g(lambda());
        let ((x, y), (image_x, image_y)) =
            (super::super::construct::coordinates(&g), super::super::construct::coordinates(&image));
        assert_eq!((BETA.mul_mod(x, SECP256K1.p), y), (image_x, image_y));
    }

    #[test]
    fn halves_are_half_as_long_and_make_the_scalar() {
        let known = |number: u64| [Half { negative: false, size: U256::from(number) }, ZERO];
        const ZERO: Half = Half { negative: false, size: U256::ZERO };
        assert_eq!(split(Scalar::from(7)), known(7));
        assert_eq!(split(-lambda()), [ZERO, Half { negative: true, size: U256::ONE }]);
        for case in 0..500 {
            let bytes = crate::generate::tests::bytes_of(case);
            let scalar = special(&mut Unstructured::new(&bytes)).unwrap();
            let [k1, k2] = split(scalar);
            let signed = |half: Half| if half.negative { -reduce(half.size) } else { reduce(half.size) };
            assert_eq!(signed(k1) + signed(k2) * lambda(), scalar);
            for (which, half) in [k1, k2].into_iter().enumerate() {
                assert!(half.size <= longest(which) + U256::ONE, "{:#x}", half.size);
            }
        }
    }
}
