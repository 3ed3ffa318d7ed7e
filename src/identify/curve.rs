//! The fast engine: many keys from one nonce.
//!
//! A signature fixes R, so every candidate digest z gives a key Q = (s/r)·R - (z/r)·G in which only the last
//! term changes. That term is a sum of precomputed multiples of G; affine additions are made for a whole
//! batch at a time and share one inversion (Montgomery's trick), so that each costs six multiplications.
//! Nothing here is constant-time.
//!
//! Field arithmetic is crrl's, exponents are arkworks'. arkworks' field would do, at half the speed: its
//! multiplication is made for primes that leave a bit of the top limb free, and this prime leaves none.

use ark_ff::{BigInt, BigInteger as _, Field as _, PrimeField as _};
use ark_secp256k1::Fr;
use crrl::field::GFsecp256k1 as Fq;

use crate::generate::construct;
use crate::hash::keccak256;
use crate::key::{Address, PublicKey};
use crate::reference::SECP256K1;

/// A point of the curve.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    x: Fq,
    /// Zero for the point at infinity, and for no other: the curve's order is odd.
    y: Fq,
}

impl Point {
    const INFINITY: Self = Self { x: Fq::ZERO, y: Fq::ZERO };

    /// The point of a key, if it is on the curve.
    pub fn new(key: &PublicKey) -> Option<Self> {
        PublicKey::from_sec1(&key.uncompressed()).ok()?;
        let [x, y] = [key.x, key.y].map(|mut bytes| {
            bytes.reverse();
            Fq::decode(&bytes)
        });
        Some(Self { x: x?, y: y? })
    }

    /// x, then y, big-endian; zeros for the point at infinity.
    pub fn xy(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&self.y.encode());
        bytes[32..].copy_from_slice(&self.x.encode());
        bytes.reverse();
        bytes
    }

    /// x, big-endian.
    pub fn x_bytes(&self) -> [u8; 32] {
        let mut bytes = self.x.encode();
        bytes.reverse();
        bytes
    }

    /// The sum of two points, by itself: for the few that no batch is made for.
    pub fn plus(self, other: Self) -> Self {
        if is_special(&self, &other) {
            return self.add_special(other);
        }
        self.third((other.y - self.y) / (other.x - self.x), self.x + other.x)
    }

    /// The difference of two points.
    pub fn minus(self, other: Self) -> Self {
        self.plus(other.opposite())
    }

    /// The point as a public key, unless it is at infinity.
    pub fn public_key(&self) -> Option<PublicKey> {
        let (mut key, xy) = (PublicKey { x: [0; 32], y: [0; 32] }, self.xy());
        key.x.copy_from_slice(&xy[..32]);
        key.y.copy_from_slice(&xy[32..]);
        (!self.is_infinity()).then_some(key)
    }

    /// The address of the point's key, unless it is at infinity.
    pub fn address(&self) -> Option<Address> {
        let mut address = Address([0; 20]);
        address.0.copy_from_slice(&keccak256(&self.xy())[12..]);
        (!self.is_infinity()).then_some(address)
    }

    fn is_infinity(&self) -> bool {
        self.y.iszero() != 0
    }

    fn opposite(self) -> Self {
        Self { x: self.x, y: -self.y }
    }

    /// The sum of two points that the chord's formula is not for.
    fn add_special(self, other: Self) -> Self {
        if self.is_infinity() {
            return other;
        }
        if other.is_infinity() {
            return self;
        }
        if self.y.equals(other.y) == 0 {
            return Self::INFINITY; // one x, two y
        }
        let slope = self.x.square().mul3() / self.y.mul2();
        self.third(slope, self.x + self.x)
    }

    /// The sum of this point and another on the line of this slope, given the sum of their abscissas.
    fn third(self, slope: Fq, abscissas: Fq) -> Self {
        let x = slope.square() - abscissas;
        Self { x, y: slope * (self.x - x) - self.y }
    }
}

/// A point of a table, in one line of the cache: the limbs of x, then those of y, the lowest first.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Multiple([u64; 8]);

impl Multiple {
    fn new(point: Point) -> Self {
        let bytes = [point.x.encode(), point.y.encode()].concat();
        Self(std::array::from_fn(|limb| {
            u64::from_le_bytes(std::array::from_fn(|byte| bytes[8 * limb + byte]))
        }))
    }

    fn point(&self) -> Point {
        let [a, b, c, d, e, f, g, h] = self.0;
        Point { x: Fq::w64le(a, b, c, d), y: Fq::w64le(e, f, g, h) }
    }
}

/// Multiples of the generator: for each window of an exponent's bits, every value that the window can have.
///
/// Digits are signed and exponents are taken from -n/2 to n/2, so that a window of `w` bits needs 2^(w-1) points.
#[derive(Debug)]
pub struct Table {
    width: usize,
    multiples: Vec<Multiple>,
}

impl Table {
    /// The width that is fastest for that many exponents, its own making included.
    ///
    /// 16 bits need 32 MiB and 15 additions, 8 bits 256 KiB and 31 additions. More bits save no addition
    /// before 18 (126 MiB), and lose it to the memory.
    pub fn for_exponents(count: u64) -> Self {
        Self::new(Self::width_for(count))
    }

    fn width_for(count: u64) -> usize {
        if count < 200_000 { 8 } else { 16 }
    }

    /// This table, or a wider one if that is faster for that many exponents more.
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
        let mut base = PublicKey::from_point(SECP256K1.g).and_then(|g| Point::new(&g));
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

    /// G times each exponent, into `points`.
    fn multiply(&self, exponents: &[Exponent], adder: &mut Adder, points: &mut Vec<Point>) {
        let half = 1 << (self.width - 1);
        let mut carries = vec![0; exponents.len()];
        let mut chosen: Vec<(Option<usize>, bool)> = vec![(None, false); exponents.len()];
        points.clear();
        for window in 0..windows(self.width) {
            let mut touched = 0;
            for ((exponent, carry), chosen) in exponents.iter().zip(&mut carries).zip(&mut chosen) {
                let digit = exponent.bits(window * self.width, self.width) + *carry;
                // A digit above half is itself less a whole window, which the next window gets back.
                let negative = digit > half;
                *carry = usize::from(negative);
                let magnitude = if negative { 2 * half - digit } else { digit };
                *chosen = (
                    magnitude.checked_sub(1).map(|index| window * half + index),
                    negative != exponent.negative,
                );
                touched ^= chosen.0.map_or(0, |index| self.multiples[index].0[0]);
            }
            // Read nowhere: it is there so that the table's lines are on their way, many at a time.
            std::hint::black_box(touched);
            let chosen = |at: usize| match chosen[at] {
                (None, _) => Point::INFINITY,
                (Some(index), negative) => {
                    let point = self.multiples[index].point();
                    if negative { point.opposite() } else { point }
                }
            };
            if window == 0 {
                points.extend((0..exponents.len()).map(chosen));
            } else {
                adder.add(points, chosen);
            }
        }
    }
}

/// Windows of an exponent of 255 bits: one bit more is there for the last carry.
fn windows(width: usize) -> usize {
    256_usize.div_ceil(width)
}

/// An exponent of the generator, from -n/2 to n/2.
#[derive(Debug, Clone, Copy)]
struct Exponent {
    magnitude: [u64; 4],
    negative: bool,
}

impl Exponent {
    /// From a number below n.
    fn new(number: BigInt<4>) -> Self {
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

/// Adds batches of points; keeps its memory from batch to batch.
#[derive(Debug, Default)]
struct Adder {
    others: Vec<Point>,
    /// For each pair the difference of its abscissas; 1 for a pair that the chord's formula is not for.
    differences: Vec<Fq>,
    /// The product of the differences before each.
    products: Vec<Fq>,
}

impl Adder {
    /// Adds to each point its other one, which `other` gives by place, each place once and in order.
    ///
    /// Equal points, opposite points and the point at infinity are as they should be.
    fn add(&mut self, points: &mut [Point], other: impl FnMut(usize) -> Point) {
        // All are fetched first: the waits for memory overlap, and do not stand between multiplications.
        let mut others = std::mem::take(&mut self.others);
        others.clear();
        others.extend((0..points.len()).map(other));
        let mut inverse = self.invert(points.iter().zip(&others).map(|(point, other)| (*point, *other)));
        for at in (0..points.len()).rev() {
            let (point, other, difference) = (&mut points[at], others[at], self.differences[at]);
            let own = inverse * self.products[at];
            inverse *= difference;
            *point = if is_special(point, &other) {
                point.add_special(other)
            } else {
                point.third((other.y - point.y) * own, point.x + other.x)
            };
        }
        self.others = others;
    }

    /// The sum and the difference of each point and one other. They share the abscissas, and so the inversion.
    fn add_and_subtract(
        &mut self,
        points: &[Point],
        other: Point,
        sums: &mut Vec<Point>,
        less: &mut Vec<Point>,
    ) {
        sums.clear();
        less.clear();
        sums.resize(points.len(), Point::INFINITY);
        less.resize(points.len(), Point::INFINITY);
        let mut inverse = self.invert(points.iter().map(|point| (*point, other)));
        for (at, point) in points.iter().enumerate().rev() {
            let own = inverse * self.products[at];
            inverse *= self.differences[at];
            (sums[at], less[at]) = if is_special(point, &other) {
                (point.add_special(other), point.add_special(other.opposite()))
            } else {
                let abscissas = point.x + other.x;
                let sum = point.third((other.y - point.y) * own, abscissas);
                (sum, point.third(-(other.y + point.y) * own, abscissas))
            };
        }
    }

    /// Gathers the differences and their products; gives the inverse of the product of all.
    fn invert(&mut self, pairs: impl Iterator<Item = (Point, Point)>) -> Fq {
        self.differences.clear();
        self.products.clear();
        let mut product = Fq::ONE;
        for (point, other) in pairs {
            let difference = if is_special(&point, &other) { Fq::ONE } else { other.x - point.x };
            self.products.push(product);
            self.differences.push(difference);
            product *= difference;
        }
        Fq::ONE / product
    }
}

/// Whether the chord's formula is not for these two points.
fn is_special(point: &Point, other: &Point) -> bool {
    point.is_infinity() || other.is_infinity() || point.x.equals(other.x) != 0
}

/// What the readings of a signature with one r share.
#[derive(Debug, Clone)]
pub struct Nonce {
    /// 1/r.
    inverse: Fr,
}

impl Nonce {
    /// For this r, which is not zero modulo n.
    pub fn new(r: &[u8; 32]) -> Option<Self> {
        Some(Self { inverse: Fr::from_be_bytes_mod_order(r).inverse()? })
    }

    /// (s/r)·R: what a reading adds to -(z/r)·G. None at infinity.
    pub fn shift(&self, s: &[u8; 32], nonce_point: construct::Point) -> Option<Point> {
        let shift = construct::times(nonce_point, Fr::from_be_bytes_mod_order(s) * self.inverse);
        if construct::is_infinity(&shift) { None } else { Point::new(&construct::public_key(&shift)) }
    }

    /// -z/r.
    fn exponent(&self, digest: &[u8; 32]) -> Exponent {
        let mut number = BigInt::<4>(std::array::from_fn(|limb| {
            let at = 32 - 8 * (limb + 1);
            u64::from_be_bytes(std::array::from_fn(|byte| digest[at + byte]))
        }));
        if number >= Fr::MODULUS {
            number.sub_with_borrow(&Fr::MODULUS);
        }
        let product = Fr::from_bigint(number).unwrap_or_default() * self.inverse;
        let mut exponent = Exponent::new(product.into_bigint());
        exponent.negative = !exponent.negative;
        exponent
    }
}

/// Computes keys, batch after batch, for one thread.
#[derive(Debug)]
pub struct Engine<'a> {
    table: &'a Table,
    adder: Adder,
    exponents: Vec<Exponent>,
    /// -(z/r)·G for each digest of the batch.
    terms: Vec<Point>,
    sums: Vec<Point>,
    less: Vec<Point>,
}

impl<'a> Engine<'a> {
    /// How many digests a batch should have: enough that the inversion does not count, few enough for the cache.
    pub const BATCH: usize = 1024;

    /// An engine that uses this table.
    pub fn new(table: &'a Table) -> Self {
        let (adder, exponents) = (Adder::default(), Vec::new());
        Self { table, adder, exponents, terms: Vec::new(), sums: Vec::new(), less: Vec::new() }
    }

    /// -(z/r)·G for each digest z.
    pub fn terms(&mut self, nonce: &Nonce, digests: &[[u8; 32]]) -> &[Point] {
        self.exponents.clear();
        self.exponents.extend(digests.iter().map(|digest| nonce.exponent(digest)));
        self.table.multiply(&self.exponents, &mut self.adder, &mut self.terms);
        &self.terms
    }

    /// The keys of the last batch for a reading whose R has this shift, and for the one whose R is opposite.
    ///
    /// With R, Q = shift + term; with -R, Q = term - shift.
    pub fn keys(&mut self, shift: Point) -> (&[Point], &[Point]) {
        self.adder.add_and_subtract(&self.terms, shift, &mut self.sums, &mut self.less);
        (&self.sums, &self.less)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Word;
    use crate::case::Scalar;
    use crate::generate;
    use crate::reference;
    use ruint::aliases::U256;

    fn exponent(number: U256) -> Exponent {
        Exponent::new(BigInt(*number.as_limbs()))
    }

    /// The same point by the reference.
    fn by_reference(number: U256) -> Option<[u8; 64]> {
        PublicKey::from_point(SECP256K1.multiply(number, SECP256K1.g)).map(|key| key.xy())
    }

    fn shown(point: &Point) -> Option<[u8; 64]> {
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
        let exponents: Vec<_> = edges.iter().map(|edge| exponent(*edge)).collect();
        for width in [2, 3, 5, 8, 11, 16] {
            let table = Table::new(width);
            let (mut adder, mut points) = (Adder::default(), Vec::new());
            table.multiply(&exponents, &mut adder, &mut points);
            for ((edge, expected), point) in edges.iter().zip(&expected).zip(&points) {
                assert_eq!(shown(point), *expected, "width {width}, {edge:#x}");
            }
        }
        assert_eq!(Table::new(16).bytes(), 32 << 20);
        assert_eq!(Table::new(8).bytes(), 256 << 10);
    }

    #[test]
    fn a_batch_may_hold_equal_and_opposite_points_and_infinity() {
        let of =
            |number: u64| Point::new(&construct::public_key(&construct::times_g(Fr::from(number)))).unwrap();
        let nothing = Point::INFINITY;
        let pairs = [
            (of(5), of(5)),
            (of(5), of(5).opposite()),
            (nothing, of(7)),
            (of(7), nothing),
            (nothing, nothing),
            (of(1), of(2)),
            (of(3).opposite(), of(3)),
            (of(4).opposite(), of(4).opposite()),
            (of(9), of(11)),
        ];
        let expected = ["10", "0", "7", "7", "0", "3", "0", "-8", "20"];
        let mut adder = Adder::default();
        // In every order of the special pairs among the ordinary ones, and all alone.
        for turn in 0..pairs.len() {
            let turned: Vec<_> = pairs.iter().cycle().skip(turn).take(pairs.len()).collect();
            let mut sums: Vec<_> = turned.iter().map(|pair| pair.0).collect();
            adder.add(&mut sums, |at| turned[at].1);
            for (at, sum) in sums.iter().enumerate() {
                let number: i64 = expected[(at + turn) % pairs.len()].parse().unwrap();
                let magnitude = SECP256K1.multiply(U256::from(number.unsigned_abs()), SECP256K1.g);
                let expected = match (magnitude, number < 0) {
                    (reference::Point::Affine { x, y }, true) => {
                        reference::Point::Affine { x, y: SECP256K1.p - y }
                    }
                    (point, _) => point,
                };
                assert_eq!(shown(sum), PublicKey::from_point(expected).map(|key| key.xy()), "{number}");
            }
        }
        for (at, (left, right)) in pairs.into_iter().enumerate() {
            let mut one = [left];
            adder.add(&mut one, |_| right);
            let (mut sums, mut less) = (Vec::new(), Vec::new());
            adder.add_and_subtract(&[left, of(21)], right, &mut sums, &mut less);
            assert_eq!(shown(&one[0]), shown(&sums[0]), "{}", expected[at]);
            adder.add(&mut less[..1], |_| right);
            assert_eq!(shown(&less[0]), shown(&left), "{}", expected[at]);
        }
    }

    /// Inputs that every strategy of the generators makes, those of the equal and opposite points among them.
    fn inputs() -> Vec<Scalar> {
        let strategies: Vec<_> = generate::STRATEGIES.iter().collect();
        let made =
            (0..600).map(|number| generate::generate(&crate::fuzz::bytes(5, number), &strategies).input);
        made.filter_map(|input| match input {
            crate::case::Input::Scalar(input) if input.recovery_id < 4 => Some(input),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn a_nonce_gives_the_keys_that_the_reference_recovers() {
        let table = Table::new(8);
        let mut engine = Engine::new(&table);
        let (mut recovered, mut rejected) = (0, 0);
        for input in inputs() {
            let x = if input.recovery_id < 2 {
                Some(input.r.number())
            } else {
                input.r.number().checked_add(SECP256K1.n)
            };
            let nonce_point = x.and_then(|x| construct::lift_x(x, input.recovery_id & 1 == 1));
            let (Some(nonce), Some(nonce_point)) = (Nonce::new(&input.r.0), nonce_point) else { continue };
            if input.r.number() >= SECP256K1.n
                || input.s.number().is_zero()
                || input.s.number() >= SECP256K1.n
            {
                continue; // not a signature: readings leave it out
            }
            let digests = [input.digest.0, [7; 32], input.digest.0, [0; 32]];
            engine.terms(&nonce, &digests);
            let Some(shift) = nonce.shift(&input.s.0, nonce_point) else { continue };
            let (same, opposite) = engine.keys(shift);
            for (at, digest) in digests.into_iter().enumerate() {
                for (key, recovery_id) in
                    [(same[at], input.recovery_id), (opposite[at], input.recovery_id ^ 1)]
                {
                    let asked = Scalar { digest: Word(digest), recovery_id, ..input };
                    let expected = asked
                        .recover_by_reference()
                        .ok()
                        .and_then(|recovered| PublicKey::from_point(recovered.q));
                    assert_eq!(shown(&key), expected.map(|key| key.xy()), "{asked:?}");
                    assert_eq!(key.address(), expected.map(|key| key.address()));
                    *(if expected.is_some() { &mut recovered } else { &mut rejected }) += 1;
                }
            }
        }
        assert!(recovered > 1000 && rejected > 5, "{recovered} recovered, {rejected} rejected");
    }
}
