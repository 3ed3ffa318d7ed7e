//! Fixed multiples of the generator, and which of them a scalar is the sum of.

use ark_ff::{BigInt, BigInteger as _, PrimeField as _};
use ark_secp256k1::Fr;

use super::calculator::calculator;
use super::point::CurvePoint;
use crate::generate::construct;
use crate::input::key::PublicKey;
use crate::reference::SECP256K1;

/// Odd multiples of the generator: for each window of a scalar's bits, every value that the window can have.
///
/// An odd number k below 2^m is a sum of odd digits: where the windows of (k - 1)/2 + 2^(m-1) are u, those of
/// k are 2u + 1 - 2^w. Digits are signed, so that a window of w bits needs 2^(w-1) points, and none is zero,
/// so that no sum has a term at infinity.
#[derive(Debug)]
pub struct Table {
    width: usize,
    multiples: Vec<CurvePoint>,
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
        let mut table = Self { width: width.clamp(2, 16), multiples: Vec::new() };
        table.multiples.reserve_exact(table.half() * table.windows());
        let mut calculator = calculator();
        let mut base = PublicKey::from_point(SECP256K1.g).and_then(|g| CurvePoint::new(&g));
        while let Some(first) = base.filter(|_| table.multiples.len() < table.multiples.capacity()) {
            // The first k odd multiples give the next k by adding 2k times the base, which is then doubled.
            let (mut window, mut step, mut next) = (vec![first], first.plus(first), Vec::new());
            while window.len() < table.half() {
                calculator.add(&window, step, &mut next);
                window.extend_from_slice(&next);
                step = step.plus(step);
            }
            base = Some(step);
            table.multiples.extend(window);
        }
        table
    }

    /// The memory that it takes, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.multiples.as_slice())
    }

    /// How many windows a scalar has.
    pub(super) fn windows(&self) -> usize {
        256_usize.div_ceil(self.width)
    }

    fn half(&self) -> usize {
        1 << (self.width - 1)
    }

    /// The multiples that a window can add.
    #[inline(always)]
    pub(super) fn multiples(&self, window: usize) -> &[CurvePoint] {
        &self.multiples[window * self.half()..][..self.half()]
    }

    /// What a window of a scalar adds to the sum.
    #[inline(always)]
    pub(super) fn digit(&self, scalar: &Scalar, window: usize) -> Digit {
        let half = self.half();
        let mut bits = scalar.bits(window * self.width, self.width);
        if window + 1 == self.windows() {
            bits |= half; // 2^(m-1)
        }
        let negative = bits & half == 0;
        let place = if negative { !bits } else { bits } & (half - 1);
        Digit { place, negative: negative != scalar.negative }
    }
}

/// A window of a scalar's bits: which of the window's multiples it is, and whether that is subtracted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digit {
    pub(super) place: usize,
    pub(super) negative: bool,
}

/// A scalar of the generator, ready to be taken apart: the odd one of k and n - k.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scalar {
    /// Less 1, halved.
    halved: [u64; 4],
    /// Whether it is n - k.
    negative: bool,
}

impl Scalar {
    /// From a number below n.
    pub(super) fn new(number: BigInt<4>) -> Self {
        let mut odd = number;
        if number.is_even() {
            odd = Fr::MODULUS;
            odd.sub_with_borrow(&number);
        }
        odd.div2();
        Self { halved: odd.0, negative: number.is_even() }
    }

    #[inline(always)]
    fn bits(&self, from: usize, count: usize) -> usize {
        let (limb, shift) = (from / 64, from % 64);
        let low = self.halved[limb] >> shift;
        let above = self.halved.get(limb + 1).copied().unwrap_or_default();
        // In two steps, since a shift by 64 is none.
        let high = above << 1 << (63 - shift);
        (low | high) as usize & ((1 << count) - 1)
    }

    /// G times the scalar, without a table.
    pub(super) fn times_g(&self) -> CurvePoint {
        let halved = Fr::from_le_bytes_mod_order(&BigInt::<4>(self.halved).to_bytes_le());
        let odd = halved + halved + Fr::from(1);
        CurvePoint::from_point(construct::times_g(if self.negative { -odd } else { odd }))
    }
}

#[cfg(test)]
mod tests {
    use ruint::aliases::U256;

    use super::*;
    use crate::identify::curve::calculator::tests::every;

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
            for mut calculator in every() {
                let mut points = Vec::new();
                calculator.multiply(&table, &scalars, &mut points);
                assert_eq!(points.len(), edges.len());
                for ((edge, expected), point) in edges.iter().zip(&expected).zip(&points) {
                    assert_eq!(shown(point), *expected, "width {width}, {edge:#x}");
                }
            }
        }
        assert_eq!(Table::new(16).bytes(), 32 << 20);
        assert_eq!(Table::new(8).bytes(), 256 << 10);
    }
}
