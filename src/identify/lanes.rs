//! Several 64-bit numbers at a time, by the widest instructions that the processor has.
//!
//! Code over [`Lanes`] is written once. `pulp` finds out what the processor can do and has its instructions as
//! safe functions; without those that are used here there is one lane of plain Rust.

use std::fmt::Debug;

/// A processor's instructions on as many numbers as it has lanes.
///
/// What uses them must be inlined into the work that [`Lanes::run`] is given.
pub(super) trait Lanes: Copy + Debug + Send + Sync + 'static {
    /// A number in each lane.
    type Numbers: Copy + Debug + Send + Sync;
    /// The same numbers, one by one.
    type Array: AsRef<[u64]> + AsMut<[u64]> + Copy + Default;
    /// Numbers below 2^52 that are to be multiplied.
    type Factors: Copy;

    /// How many lanes there are.
    const COUNT: usize;
    /// What each product adds to its low and to its high half besides them, modulo 2^64.
    const SURPLUS: [u64; 2];

    /// Does the work, compiled for this processor.
    fn run<R>(self, work: impl FnOnce() -> R) -> R;

    fn load(self, array: Self::Array) -> Self::Numbers;
    fn store(self, numbers: Self::Numbers) -> Self::Array;
    fn splat(self, number: u64) -> Self::Numbers;

    /// Modulo 2^64, as is the difference.
    fn add(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    fn sub(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    fn and(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    fn or(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    fn xor(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    fn shl<const BITS: u32>(self, a: Self::Numbers) -> Self::Numbers;
    fn shr<const BITS: u32>(self, a: Self::Numbers) -> Self::Numbers;

    /// a · 2^`left` modulo 2^64 - 1: `left` is from 1 to 63.
    #[inline(always)]
    fn rotate<const LEFT: u32, const RIGHT: u32>(self, a: Self::Numbers) -> Self::Numbers {
        self.or(self.shl::<LEFT>(a), self.shr::<RIGHT>(a))
    }

    /// Numbers below 2^52, ready to be multiplied.
    fn factors(self, a: Self::Numbers) -> Self::Factors;

    /// Adds to `low` and `high` the halves of a · b = low + 2^52 · high, and [`Lanes::SURPLUS`]. The low half
    /// may be negative, modulo 2^64, and is not below -2^51 or above 2^52.
    fn multiply_add(self, sums: [Self::Numbers; 2], a: Self::Factors, b: Self::Factors)
    -> [Self::Numbers; 2];
}

/// Work that is written for any processor.
pub(super) trait Work {
    /// What it gives.
    type Output;

    /// Does it with these lanes.
    fn with<V: Lanes>(self, lanes: V) -> Self::Output;
}

/// Gives the work the most lanes that the processor has.
pub(super) fn widest<W: Work>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(lanes) = x86::Avx512::try_new() {
            return work.with(lanes);
        }
        if let Some(lanes) = x86::Avx2::try_new() {
            return work.with(lanes);
        }
    }
    work.with(Plain)
}

/// One lane, in plain Rust.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain;

impl Lanes for Plain {
    type Numbers = u64;
    type Array = [u64; 1];
    type Factors = u64;

    const COUNT: usize = 1;
    const SURPLUS: [u64; 2] = [0, 0];

    #[inline(always)]
    fn run<R>(self, work: impl FnOnce() -> R) -> R {
        work()
    }

    #[inline(always)]
    fn load(self, [number]: [u64; 1]) -> u64 {
        number
    }

    #[inline(always)]
    fn store(self, number: u64) -> [u64; 1] {
        [number]
    }

    #[inline(always)]
    fn splat(self, number: u64) -> u64 {
        number
    }

    #[inline(always)]
    fn add(self, a: u64, b: u64) -> u64 {
        a.wrapping_add(b)
    }

    #[inline(always)]
    fn sub(self, a: u64, b: u64) -> u64 {
        a.wrapping_sub(b)
    }

    #[inline(always)]
    fn and(self, a: u64, b: u64) -> u64 {
        a & b
    }

    #[inline(always)]
    fn or(self, a: u64, b: u64) -> u64 {
        a | b
    }

    #[inline(always)]
    fn xor(self, a: u64, b: u64) -> u64 {
        a ^ b
    }

    #[inline(always)]
    fn shl<const BITS: u32>(self, a: u64) -> u64 {
        a << BITS
    }

    #[inline(always)]
    fn shr<const BITS: u32>(self, a: u64) -> u64 {
        a >> BITS
    }

    #[inline(always)]
    fn factors(self, a: u64) -> u64 {
        a
    }

    #[inline(always)]
    fn multiply_add(self, [low, high]: [u64; 2], a: u64, b: u64) -> [u64; 2] {
        // Twelve bits up, so that the halves are words of the product.
        let product = u128::from(a << 12) * u128::from(b);
        [low.wrapping_add(product as u64 >> 12), high.wrapping_add((product >> 64) as u64)]
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{__m256d, __m256i, __m512i};

    use super::Lanes;

    pulp::simd_type! {
        /// Eight lanes, and products of 52 bits by an instruction for each half.
        pub(super) struct Avx512 {
            avx512f: "avx512f",
            avx512ifma: "avx512ifma",
        }

        /// Four lanes, and products by fused additions of doubles.
        pub(super) struct Avx2 {
            avx: "avx",
            avx2: "avx2",
            fma: "fma",
        }
    }

    impl Lanes for Avx512 {
        type Numbers = __m512i;
        type Array = [u64; 8];
        type Factors = __m512i;

        const COUNT: usize = 8;
        const SURPLUS: [u64; 2] = [0, 0];

        #[inline(always)]
        fn run<R>(self, work: impl FnOnce() -> R) -> R {
            self.vectorize(work)
        }

        #[inline(always)]
        fn load(self, array: [u64; 8]) -> __m512i {
            pulp::cast(array)
        }

        #[inline(always)]
        fn store(self, numbers: __m512i) -> [u64; 8] {
            pulp::cast(numbers)
        }

        #[inline(always)]
        fn splat(self, number: u64) -> __m512i {
            self.avx512f._mm512_set1_epi64(number.cast_signed())
        }

        #[inline(always)]
        fn add(self, a: __m512i, b: __m512i) -> __m512i {
            self.avx512f._mm512_add_epi64(a, b)
        }

        #[inline(always)]
        fn sub(self, a: __m512i, b: __m512i) -> __m512i {
            self.avx512f._mm512_sub_epi64(a, b)
        }

        #[inline(always)]
        fn and(self, a: __m512i, b: __m512i) -> __m512i {
            self.avx512f._mm512_and_si512(a, b)
        }

        #[inline(always)]
        fn or(self, a: __m512i, b: __m512i) -> __m512i {
            self.avx512f._mm512_or_si512(a, b)
        }

        #[inline(always)]
        fn xor(self, a: __m512i, b: __m512i) -> __m512i {
            self.avx512f._mm512_xor_si512(a, b)
        }

        #[inline(always)]
        fn shl<const BITS: u32>(self, a: __m512i) -> __m512i {
            self.avx512f._mm512_slli_epi64::<BITS>(a)
        }

        #[inline(always)]
        fn shr<const BITS: u32>(self, a: __m512i) -> __m512i {
            self.avx512f._mm512_srli_epi64::<BITS>(a)
        }

        #[inline(always)]
        fn factors(self, a: __m512i) -> __m512i {
            a
        }

        #[inline(always)]
        fn multiply_add(self, [low, high]: [__m512i; 2], a: __m512i, b: __m512i) -> [__m512i; 2] {
            [
                self.avx512ifma._mm512_madd52lo_epu64(low, a, b),
                self.avx512ifma._mm512_madd52hi_epu64(high, a, b),
            ]
        }
    }

    /// 2^52 and 2^104. A double has 52 bits behind the first: a sum with one of these numbers is rounded to a
    /// multiple of 1 or of 2^52, and its bits are those of the number plus the multiple.
    const TWO_52: f64 = (1_u64 << 52) as f64;
    const TWO_104: f64 = TWO_52 * TWO_52;
    /// Where low halves, which may be negative, are counted down from: so far from a power of two that the
    /// bits of each are this number's minus the half.
    const LOW: f64 = -1.5 * TWO_52;

    impl Lanes for Avx2 {
        type Numbers = __m256i;
        type Array = [u64; 4];
        type Factors = __m256d;

        const COUNT: usize = 4;
        const SURPLUS: [u64; 2] = [LOW.to_bits().wrapping_neg(), TWO_104.to_bits()];

        #[inline(always)]
        fn run<R>(self, work: impl FnOnce() -> R) -> R {
            self.vectorize(work)
        }

        #[inline(always)]
        fn load(self, array: [u64; 4]) -> __m256i {
            pulp::cast(array)
        }

        #[inline(always)]
        fn store(self, numbers: __m256i) -> [u64; 4] {
            pulp::cast(numbers)
        }

        #[inline(always)]
        fn splat(self, number: u64) -> __m256i {
            self.avx._mm256_set1_epi64x(number.cast_signed())
        }

        #[inline(always)]
        fn add(self, a: __m256i, b: __m256i) -> __m256i {
            self.avx2._mm256_add_epi64(a, b)
        }

        #[inline(always)]
        fn sub(self, a: __m256i, b: __m256i) -> __m256i {
            self.avx2._mm256_sub_epi64(a, b)
        }

        #[inline(always)]
        fn and(self, a: __m256i, b: __m256i) -> __m256i {
            self.avx2._mm256_and_si256(a, b)
        }

        #[inline(always)]
        fn or(self, a: __m256i, b: __m256i) -> __m256i {
            self.avx2._mm256_or_si256(a, b)
        }

        #[inline(always)]
        fn xor(self, a: __m256i, b: __m256i) -> __m256i {
            self.avx2._mm256_xor_si256(a, b)
        }

        #[inline(always)]
        fn shl<const BITS: u32>(self, a: __m256i) -> __m256i {
            self.avx2._mm256_sllv_epi64(a, self.splat(BITS.into()))
        }

        #[inline(always)]
        fn shr<const BITS: u32>(self, a: __m256i) -> __m256i {
            self.avx2._mm256_srlv_epi64(a, self.splat(BITS.into()))
        }

        #[inline(always)]
        fn factors(self, a: __m256i) -> __m256d {
            let sum = self.or(a, self.splat(TWO_52.to_bits()));
            self.avx._mm256_sub_pd(self.avx._mm256_castsi256_pd(sum), self.avx._mm256_set1_pd(TWO_52))
        }

        /// The first fused addition rounds a · b to 2^52 · high; the second subtracts that exactly.
        #[inline(always)]
        fn multiply_add(self, [low, high]: [__m256i; 2], a: __m256d, b: __m256d) -> [__m256i; 2] {
            let rounded = self.fma._mm256_fmadd_pd(a, b, self.avx._mm256_set1_pd(TWO_104));
            let less = self.avx._mm256_sub_pd(self.avx._mm256_set1_pd(TWO_104 + LOW), rounded);
            let rest = self.fma._mm256_fmadd_pd(a, b, less);
            [
                self.sub(low, self.avx._mm256_castpd_si256(rest)),
                self.add(high, self.avx._mm256_castpd_si256(rounded)),
            ]
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What the work gives with each kind of lanes that this processor has.
    pub(in crate::identify) fn each<W: Work + Copy>(work: W) -> Vec<W::Output> {
        let mut outputs = vec![work.with(Plain)];
        #[cfg(target_arch = "x86_64")]
        {
            outputs.extend(x86::Avx2::try_new().map(|lanes| work.with(lanes)));
            outputs.extend(x86::Avx512::try_new().map(|lanes| work.with(lanes)));
        }
        outputs
    }

    #[derive(Clone, Copy)]
    struct Products;

    impl Work for Products {
        type Output = ();

        fn with<V: Lanes>(self, v: V) {
            let edges =
                [0, 1, 2, (1 << 26) - 1, 1 << 26, 1 << 51, (1 << 51) + 1, (1 << 52) - 2, (1 << 52) - 1];
            for (at, a) in edges.into_iter().enumerate() {
                for (other, b) in edges.into_iter().enumerate() {
                    // Each lane has another number, so that a lane in a wrong place is noticed.
                    let (mut left, mut right) = (V::Array::default(), V::Array::default());
                    for lane in 0..V::COUNT {
                        left.as_mut()[lane] = edges[(at + lane) % edges.len()];
                        right.as_mut()[lane] = edges[(other + 2 * lane) % edges.len()];
                    }
                    let zero = v.splat(0);
                    let sums = v.multiply_add([zero; 2], v.factors(v.load(left)), v.factors(v.load(right)));
                    let [low, high] = sums.map(|sum| v.store(sum));
                    for lane in 0..V::COUNT {
                        let low = low.as_ref()[lane].wrapping_sub(V::SURPLUS[0]).cast_signed();
                        let high = high.as_ref()[lane].wrapping_sub(V::SURPLUS[1]).cast_signed();
                        let product = i128::from(left.as_ref()[lane]) * i128::from(right.as_ref()[lane]);
                        assert_eq!(i128::from(low) + (i128::from(high) << 52), product, "{v:?}: {a} {b}");
                        assert!((-(1 << 51)..1 << 52).contains(&low), "{v:?}: {low}");
                    }
                }
            }
        }
    }

    #[test]
    fn products_are_exact_at_every_edge() {
        each(Products);
    }
}
