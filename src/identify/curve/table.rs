//! Fixed multiples of the generator, and what is summed of them.

use ark_ff::{BigInt, BigInteger as _, PrimeField as _};
use ark_secp256k1::Fr;
use crrl::field::GFsecp256k1 as Fq;

use super::adder::Adder;
use super::point::CurvePoint;
use crate::input::key::PublicKey;
use crate::reference::SECP256K1;

/// A point of a table, in one line of the cache: the limbs of x, then those of y, the lowest first.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Multiple([u64; 8]);

impl Multiple {
    fn new(point: CurvePoint) -> Self {
        let bytes = [point.x.encode(), point.y.encode()].concat();
        Self(std::array::from_fn(|limb| {
            u64::from_le_bytes(std::array::from_fn(|byte| bytes[8 * limb + byte]))
        }))
    }

    fn point(&self) -> CurvePoint {
        let [a, b, c, d, e, f, g, h] = self.0;
        CurvePoint { x: Fq::w64le(a, b, c, d), y: Fq::w64le(e, f, g, h) }
    }
}

/// Multiples of the generator: for each window of an scalar's bits, every value that the window can have.
///
/// Digits are signed and scalars are taken from -n/2 to n/2, so that a window of `w` bits needs 2^(w-1) points.
#[derive(Debug)]
pub struct Table {
    width: usize,
    multiples: Vec<Multiple>,
}

impl Table {
    /// The width that is fastest for that many scalars, its own making included.
    ///
    /// 16 bits need 32 MiB and 15 additions, 8 bits 256 KiB and 31 additions. More bits save no addition
    /// before 18 (126 MiB), and lose it to the memory.
    pub fn for_exponents(count: u64) -> Self {
        Self::new(Self::width_for(count))
    }

    fn width_for(count: u64) -> usize {
        if count < 200_000 { 8 } else { 16 }
    }

    /// This table, or a wider one if that is faster for that many scalars more.
    pub fn grown(self, count: u64) -> Self {
        let right = Self::width_for(count);
        if right > self.width { Self::new(right) } else { self }
    }

    /// A table whose windows have `width` bits, from 2 to 16; other widths are taken to the nearest of these.
    pub fn new(width: usize) -> Self {
        let width = width.clamp(2, 16);
        let half = 1 << (width - 1);
        let mut adder = Adder::default();
        let mut multiples = Vec::with_capacity(half * windows(width));
        let mut base = PublicKey::from_point(SECP256K1.g).and_then(|g| CurvePoint::new(&g));
        while let Some(first) = base.filter(|_| multiples.len() < half * windows(width)) {
            // 1 to k times the base give k+1 to 2k times the base by adding k times it.
            let mut window = vec![first];
            while window.len() < half {
                let (mut next, last) = (window.clone(), window[window.len() - 1]);
                adder.add(&mut next, |_| last);
                window.extend(next);
            }
            base = window.last().map(|last| last.add_special(*last));
            multiples.extend(window.into_iter().map(Multiple::new));
        }
        Self { width, multiples }
    }

    /// The memory that it takes, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.multiples.as_slice())
    }

    /// G times each scalar, into `points`.
    pub(super) fn multiply(&self, scalars: &[Scalar], adder: &mut Adder, points: &mut Vec<CurvePoint>) {
        let half = 1 << (self.width - 1);
        let mut carries = vec![0; scalars.len()];
        let mut digits = vec![Digit::default(); scalars.len()];
        points.clear();
        for (window, multiples) in self.multiples.chunks(half).enumerate() {
            for ((scalar, carry), chosen) in scalars.iter().zip(&mut carries).zip(&mut digits) {
                let digit = scalar.bits(window * self.width, self.width) + *carry;
                // A digit above half is itself less a whole window, which the next window gets back.
                let negative = digit > half;
                *carry = usize::from(negative);
                let magnitude = if negative { 2 * half - digit } else { digit };
                *chosen = Digit { magnitude: magnitude as u32, negative: negative != scalar.negative };
            }
            let multiple = |digit: &Digit| multiples.get((digit.magnitude as usize).wrapping_sub(1));
            // Used nowhere: it is there so that the table's lines are on their way, many at a time.
            std::hint::black_box(
                digits.iter().fold(0, |read, digit| read ^ multiple(digit).map_or(0, |line| line.0[0])),
            );
            let chosen = |at: usize| match (multiple(&digits[at]), digits[at].negative) {
                (None, _) => CurvePoint::INFINITY,
                (Some(multiple), false) => multiple.point(),
                (Some(multiple), true) => multiple.point().opposite(),
            };
            if window == 0 {
                points.extend((0..scalars.len()).map(chosen));
            } else {
                adder.add(points, chosen);
            }
        }
    }
}

/// What a window of an scalar's bits says: a multiple of the window's base, and its sign.
#[derive(Debug, Clone, Copy, Default)]
struct Digit {
    magnitude: u32,
    negative: bool,
}

/// Windows of an scalar of 255 bits: one bit more is there for the last carry.
fn windows(width: usize) -> usize {
    256_usize.div_ceil(width)
}

/// An scalar of the generator, from -n/2 to n/2.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scalar {
    magnitude: [u64; 4],
    pub(super) negative: bool,
}

impl Scalar {
    /// From a number below n.
    pub(super) fn new(number: BigInt<4>) -> Self {
        if number <= Fr::MODULUS_MINUS_ONE_DIV_TWO {
            return Self { magnitude: number.0, negative: false };
        }
        let mut opposite = Fr::MODULUS;
        opposite.sub_with_borrow(&number);
        Self { magnitude: opposite.0, negative: true }
    }

    fn bits(&self, from: usize, count: usize) -> usize {
        let (limb, shift) = (from / 64, from % 64);
        let low = self.magnitude[limb] >> shift;
        let above = self.magnitude.get(limb + 1).copied().unwrap_or_default();
        let high = if shift == 0 { 0 } else { above << (64 - shift) };
        (low | high) as usize & ((1 << count) - 1)
    }
}

#[cfg(test)]
mod tests {
    use ruint::aliases::U256;

    use super::*;

    fn scalar(number: U256) -> Scalar {
        Scalar::new(BigInt(*number.as_limbs()))
    }

    /// The same point by the reference.
    fn by_reference(number: U256) -> Option<[u8; 64]> {
        PublicKey::from_point(SECP256K1.multiply(number, SECP256K1.g)).map(|key| key.xy())
    }

    fn shown(point: &CurvePoint) -> Option<[u8; 64]> {
        point.public_key().map(|key| key.xy())
    }

    /// Exponents at the edges: of windows, of signs, of carries, and those whose partial sums meet.
    fn edges() -> Vec<U256> {
        let n = SECP256K1.n;
        let half: U256 = n >> 1;
        let mut edges = vec![half, half + U256::ONE, half - U256::ONE];
        for small in 0..20_u64 {
            edges.extend([U256::from(small), n - U256::from(small + 1)]);
        }
        for shift in [1, 7, 8, 9, 15, 16, 17, 127, 128, 240, 247, 248, 254, 255_usize] {
            let power = U256::ONE << shift;
            edges.extend([power - U256::ONE, power, power + U256::ONE, n - power, n - power - U256::ONE]);
            edges.push(n - power.wrapping_shl(1).reduce_mod(n));
        }
        // Every window at its highest magnitude, with and without a carry into it.
        for pattern in [0x80_u8, 0x7f, 0x81, 0xff, 0x01] {
            edges.push(U256::from_be_bytes([pattern; 32]).reduce_mod(n));
            edges.push(U256::from_be_bytes([pattern; 32]) >> 1);
        }
        edges.into_iter().map(|edge| edge.reduce_mod(n)).collect()
    }

    #[test]
    fn every_width_multiplies_as_the_reference_does() {
        let edges = edges();
        let expected: Vec<_> = edges.iter().map(|edge| by_reference(*edge)).collect();
        let scalars: Vec<_> = edges.iter().map(|edge| scalar(*edge)).collect();
        for width in [2, 3, 5, 8, 11, 16] {
            let table = Table::new(width);
            let (mut adder, mut points) = (Adder::default(), Vec::new());
            table.multiply(&scalars, &mut adder, &mut points);
            for ((edge, expected), point) in edges.iter().zip(&expected).zip(&points) {
                assert_eq!(shown(point), *expected, "width {width}, {edge:#x}");
            }
        }
        assert_eq!(Table::new(16).bytes(), 32 << 20);
        assert_eq!(Table::new(8).bytes(), 256 << 10);
    }
}
