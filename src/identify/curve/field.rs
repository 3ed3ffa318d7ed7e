//! The field of the curve's coordinates, several numbers at a time.
//!
//! A number is five limbs of 52 bits, the lowest first: as wide as the widest products of lanes. Sums of
//! products have 64 bits, so that carries wait until the end.
//!
//! There are loops where `array::map` would read better: its closures may be left out of what is compiled for
//! the lanes, at several times the cost.

use crate::identify::lanes::Lanes;

const LIMB: u64 = (1 << 52) - 1;
/// The bits of the top limb, below 2^256.
const TOP: u64 = (1 << 48) - 1;
/// 2^256 - p.
const FOLD: u64 = (1 << 32) + 977;
/// 4p, each limb of which is above any limb that is subtracted from it.
const FOUR_P: [u64; 5] = [4 * (LIMB + 1 - FOLD), 4 * LIMB, 4 * LIMB, 4 * LIMB, 4 * TOP];

/// A number in each lane, modulo p: limbs below 2^52, together below 2^260.
///
/// What is subtracted is the sum of at most two *reduced* numbers, which are below 2^256 + 2^80: coordinates
/// and products are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elements<V: Lanes>([V::Numbers; 5]);

impl<V: Lanes> Elements<V> {
    #[inline(always)]
    pub(super) fn one(v: V) -> Self {
        let zero = v.splat(0);
        Self([v.splat(1), zero, zero, zero, zero])
    }

    /// From four words each, the lowest first, below 2^256.
    #[inline(always)]
    pub(super) fn from_words(v: V, [a, b, c, d]: [V::Numbers; 4]) -> Self {
        let limb = |word| v.and(word, v.splat(LIMB));
        Self([
            limb(a),
            limb(v.or(v.shr::<52>(a), v.shl::<12>(b))),
            limb(v.or(v.shr::<40>(b), v.shl::<24>(c))),
            limb(v.or(v.shr::<28>(c), v.shl::<36>(d))),
            v.shr::<16>(d),
        ])
    }

    /// The words of the least number that is equal modulo p; of a reduced number.
    #[inline(always)]
    pub(super) fn words(self, v: V) -> [V::Numbers; 4] {
        // At least p if adding 2^256 - p reaches 2^256; what is left above is the number less p.
        let mut less = self.0;
        less[0] = v.add(less[0], v.splat(FOLD));
        carry(v, &mut less);
        let reaches = v.sub(v.splat(0), v.shr::<48>(less[4]));
        less[4] = v.and(less[4], v.splat(TOP));
        let limb = |at: usize| v.xor(self.0[at], v.and(reaches, v.xor(self.0[at], less[at])));
        let [a, b, c, d, e] = [limb(0), limb(1), limb(2), limb(3), limb(4)];
        [
            v.or(a, v.shl::<52>(b)),
            v.or(v.shr::<12>(b), v.shl::<40>(c)),
            v.or(v.shr::<24>(c), v.shl::<28>(d)),
            v.or(v.shr::<36>(d), v.shl::<16>(e)),
        ]
    }

    /// a - b.
    #[inline(always)]
    pub(super) fn minus(self, v: V, b: Self) -> Self {
        self.signed_minus(v, v.splat(0), b)
    }

    /// ±a, reduced: -a where `negative` has ones.
    #[inline(always)]
    pub(super) fn signed(self, v: V, negative: V::Numbers) -> Self {
        let zero = Self([v.splat(0); 5]);
        self.signed_minus(v, negative, zero).times(v, Self::one(v))
    }

    /// ±a - b: -a where `negative` has ones.
    #[inline(always)]
    pub(super) fn signed_minus(self, v: V, negative: V::Numbers, b: Self) -> Self {
        let mut limbs = self.0;
        for (at, limb) in limbs.iter_mut().enumerate() {
            let four_p = v.splat(FOUR_P[at]);
            // a + (4p - 2a) is 4p - a.
            let opposite = v.and(negative, v.sub(four_p, v.shl::<1>(*limb)));
            *limb = v.add(v.add(*limb, opposite), v.sub(four_p, b.0[at]));
        }
        carry(v, &mut limbs);
        Self(limbs)
    }

    /// a · b, reduced.
    #[inline(always)]
    pub(super) fn times(self, v: V, b: Self) -> Self {
        reduce(v, self.product(v, b), [v.splat(0); 5])
    }

    /// a · b - c, reduced.
    #[inline(always)]
    pub(super) fn times_minus(self, v: V, b: Self, c: Self) -> Self {
        let mut less = c.0;
        for (limb, four_p) in less.iter_mut().zip(FOUR_P) {
            *limb = v.sub(v.splat(four_p), *limb);
        }
        reduce(v, self.product(v, b), less)
    }

    /// a² - b - c, reduced.
    #[inline(always)]
    pub(super) fn square_minus(self, v: V, b: Self, c: Self) -> Self {
        let mut sum = b.0;
        for (limb, other) in sum.iter_mut().zip(c.0) {
            *limb = v.add(*limb, other);
        }
        self.times_minus(v, self, Self(sum))
    }

    /// The columns of the product.
    #[inline(always)]
    fn product(self, v: V, b: Self) -> [V::Numbers; 10] {
        const STARTS: [[u64; 2]; 10] =
            [[1, 0], [2, 1], [3, 2], [4, 3], [5, 4], [4, 5], [3, 4], [2, 3], [1, 2], [0, 1]];
        let mut columns = start::<V, 10>(v, STARTS);
        let (left, right) = (factors(v, self.0), factors(v, b.0));
        for (i, a) in left.into_iter().enumerate() {
            for (j, b) in right.into_iter().enumerate() {
                multiply_add(v, &mut columns, i + j, a, b);
            }
        }
        columns
    }
}

#[inline(always)]
fn factors<V: Lanes>(v: V, [a, b, c, d, e]: [V::Numbers; 5]) -> [V::Factors; 5] {
    [v.factors(a), v.factors(b), v.factors(c), v.factors(d), v.factors(e)]
}

/// Adds a product at this limb and the next.
#[inline(always)]
fn multiply_add<V: Lanes>(v: V, limbs: &mut [V::Numbers], at: usize, a: V::Factors, b: V::Factors) {
    [limbs[at], limbs[at + 1]] = v.multiply_add([limbs[at], limbs[at + 1]], a, b);
}

/// What limbs begin with, to which so many low and high halves are added: it takes their surplus off, and
/// lends each limb 16 from the next, since low halves may be negative.
#[inline(always)]
fn start<V: Lanes, const N: usize>(v: V, halves: [[u64; 2]; N]) -> [V::Numbers; N] {
    let mut limbs = [v.splat(0); N];
    for (at, limb) in limbs.iter_mut().enumerate() {
        let [low, high] = halves[at];
        let surplus = V::SURPLUS[0].wrapping_mul(low).wrapping_add(V::SURPLUS[1].wrapping_mul(high));
        let lent = if at + 1 < N { 16 << 52 } else { 0_u64 };
        let taken = if at > 0 { 16 } else { 0 };
        *limb = v.splat(lent.wrapping_sub(taken).wrapping_sub(surplus));
    }
    limbs
}

/// Leaves 52 bits in each limb but the last.
#[inline(always)]
fn carry<V: Lanes>(v: V, limbs: &mut [V::Numbers]) {
    for at in 1..limbs.len() {
        limbs[at] = v.add(limbs[at], v.shr::<52>(limbs[at - 1]));
        limbs[at - 1] = v.and(limbs[at - 1], v.splat(LIMB));
    }
}

/// The number that columns and five limbs more are together, reduced.
#[inline(always)]
fn reduce<V: Lanes>(v: V, mut columns: [V::Numbers; 10], more: [V::Numbers; 5]) -> Elements<V> {
    carry(v, &mut columns);
    // What is above 2^260 comes back 16 · FOLD times, as 2^256 is equal to FOLD.
    let mut limbs = start::<V, 6>(v, [[1, 0], [1, 1], [1, 1], [1, 1], [1, 1], [0, 1]]);
    let fold = v.factors(v.splat(16 * FOLD));
    for at in 0..5 {
        limbs[at] = v.add(limbs[at], v.add(columns[at], more[at]));
        multiply_add(v, &mut limbs, at, v.factors(columns[at + 5]), fold);
    }
    carry(v, &mut limbs);
    // And what is above 2^256: less than 2^43, so that less than 2^80 comes back.
    let [a, b, c, d, e, above] = limbs;
    let above = v.add(v.shr::<48>(e), v.shl::<4>(above));
    let starts = start::<V, 5>(v, [[1, 0], [0, 1], [0, 0], [0, 0], [0, 0]]);
    let mut limbs = [a, b, c, d, v.and(e, v.splat(TOP))];
    for (limb, start) in limbs.iter_mut().zip(starts) {
        *limb = v.add(*limb, start);
    }
    multiply_add(v, &mut limbs, 0, v.factors(above), v.factors(v.splat(FOLD)));
    carry(v, &mut limbs);
    Elements(limbs)
}

#[cfg(test)]
mod tests {
    use ark_ff::{BigInt, Field as _, PrimeField as _};
    use ark_secp256k1::Fq;

    use super::*;
    use crate::identify::lanes::Work;
    use crate::identify::lanes::tests::each;

    /// Numbers at the edges: of limbs, of p, of 256 bits.
    const EDGES: [[u64; 4]; 12] = [
        [0, 0, 0, 0],
        [1, 0, 0, 0],
        [2, 0, 0, 0],
        [LIMB, 0, 0, 0],
        [LIMB + 1, 0, 0, 0],
        [u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 1],
        [0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, 0x0f1e_2d3c_4b5a_6978, 0x8796_a5b4_c3d2_e1f0],
        [0xffff_fffe_ffff_fc2d, u64::MAX, u64::MAX, u64::MAX], // p - 2
        [0xffff_fffe_ffff_fc2e, u64::MAX, u64::MAX, u64::MAX], // p - 1
        [0xffff_fffe_ffff_fc2f, u64::MAX, u64::MAX, u64::MAX], // p
        [0xffff_fffe_ffff_fc30, u64::MAX, u64::MAX, u64::MAX], // p + 1
        [u64::MAX, u64::MAX, u64::MAX, u64::MAX],
    ];

    fn plain(words: [u64; 4]) -> Fq {
        Fq::from_le_bytes_mod_order(&words.map(u64::to_le_bytes).concat())
    }

    #[derive(Clone, Copy)]
    struct Arithmetic;

    impl Work for Arithmetic {
        type Output = ();

        fn with<V: Lanes>(self, v: V) {
            let edge = |at: usize| EDGES[at % EDGES.len()];
            // Each lane has another number, so that a lane in a wrong place is noticed.
            let load = |from: usize| {
                Elements::from_words(
                    v,
                    std::array::from_fn(|word| {
                        let mut array = V::Array::default();
                        for (lane, number) in array.as_mut().iter_mut().enumerate() {
                            *number = edge(from + lane)[word];
                        }
                        v.load(array)
                    }),
                )
            };
            let zero = load(0).minus(v, load(0)); // not reduced
            let one = Elements::one(v);
            let negative = v.splat(u64::MAX);
            for (i, j, k) in (0..12 * 12 * 12).map(|at| (at / 144, at / 12 % 12, at % 12)) {
                let (a, b, c) = (load(i), load(j), load(k));
                let found = [
                    a,
                    a.times(v, b),
                    a.times_minus(v, b, c),
                    a.square_minus(v, b, c),
                    a.minus(v, b).times(v, c),
                    a.signed_minus(v, negative, b).times(v, c),
                    a.signed(v, negative),
                    // The most that is ever multiplied.
                    a.signed_minus(v, negative, b).times(v, c.signed_minus(v, negative, a)),
                    zero.times(v, one),
                ];
                let found = found.map(|elements| elements.words(v).map(|words| v.store(words)));
                for lane in 0..V::COUNT {
                    let [a, b, c] = [i, j, k].map(|at| plain(edge(at + lane)));
                    let expected = [
                        a,
                        a * b,
                        a * b - c,
                        a.square() - b - c,
                        (a - b) * c,
                        (-a - b) * c,
                        -a,
                        (-a - b) * (-c - a),
                        Fq::from(0),
                    ];
                    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
                        let found = BigInt(std::array::from_fn(|word| found[word].as_ref()[lane]));
                        assert_eq!(found, expected.into_bigint(), "{v:?}, {at}: {i} {j} {k} in lane {lane}");
                    }
                }
            }
        }
    }

    #[test]
    fn arithmetic_is_that_of_arkworks_at_every_edge() {
        each(Arithmetic);
    }
}
