//! Additions of whole batches, for one inversion each.

use ark_ff::{BigInt, PrimeField as _, Zero as _, batch_inversion};
use ark_secp256k1::Fq;

use super::field::Elements;
use super::point::CurvePoint;
use crate::identify::lanes::Lanes;

/// A point in each lane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Points<V: Lanes> {
    pub(super) x: Elements<V>,
    pub(super) y: Elements<V>,
}

impl<V: Lanes> Points<V> {
    /// The points that `point` gives by lane.
    #[inline(always)]
    pub(super) fn gather(v: V, point: impl Fn(usize) -> CurvePoint) -> Self {
        let mut words = [V::Array::default(); 8];
        for lane in 0..V::COUNT {
            for (array, word) in words.iter_mut().zip(point(lane).words) {
                array.as_mut()[lane] = word;
            }
        }
        let [a, b, c, d, e, f, g, h] = words;
        Self {
            x: Elements::from_words(v, [v.load(a), v.load(b), v.load(c), v.load(d)]),
            y: Elements::from_words(v, [v.load(e), v.load(f), v.load(g), v.load(h)]),
        }
    }

    /// The points, one by one, as far as there is room for them.
    #[inline(always)]
    fn scatter(self, v: V, points: &mut [CurvePoint]) {
        let ([a, b, c, d], [e, f, g, h]) = (self.x.words(v), self.y.words(v));
        let words =
            [v.store(a), v.store(b), v.store(c), v.store(d), v.store(e), v.store(f), v.store(g), v.store(h)];
        for (lane, point) in points.iter_mut().enumerate() {
            for (word, array) in point.words.iter_mut().zip(&words) {
                *word = array.as_ref()[lane];
            }
        }
    }
}

/// Writes the first `count` of all points.
#[inline(always)]
pub(super) fn write<V: Lanes>(v: V, points: &[Points<V>], count: usize, into: &mut Vec<CurvePoint>) {
    into.clear();
    into.resize(count, CurvePoint::INFINITY);
    for (points, into) in points.iter().zip(into.chunks_mut(V::COUNT)) {
        points.scatter(v, into);
    }
}

/// Adds batches of points by the chord's formula; keeps its memory from batch to batch.
///
/// The formula is not for equal and opposite points, nor for the point at infinity. Where it fails, the
/// place in the batch goes to `special`, and the sum means nothing.
///
/// Each step is made for the whole batch before the next: the multiplications of a step do not wait for each
/// other, those of one addition do.
#[derive(Debug)]
pub(super) struct Adder<V: Lanes> {
    v: V,
    /// The differences of abscissas; 1 in special places.
    differences: Vec<Elements<V>>,
    /// The product of the differences before each; then the inverse of its difference; then its slope.
    slopes: Vec<Elements<V>>,
    thirds: Vec<Elements<V>>,
    /// Places in which the formula failed: as many as were since this was cleared.
    pub(super) special: Vec<usize>,
}

impl<V: Lanes> Adder<V> {
    pub(super) fn new(v: V) -> Self {
        let (differences, slopes, thirds) = (Vec::new(), Vec::new(), Vec::new());
        Self { v, differences, slopes, thirds, special: Vec::new() }
    }

    /// Adds to each point its other one, or subtracts it where there are ones beside it.
    #[inline(always)]
    pub(super) fn add(&mut self, points: &mut [Points<V>], others: &[(Points<V>, V::Numbers)]) {
        let v = self.v;
        self.differences.clear();
        for (point, (other, _)) in points.iter().zip(others) {
            self.differences.push(other.x.minus(v, point.x));
        }
        self.invert();
        for ((slope, point), (other, negative)) in self.slopes.iter_mut().zip(&*points).zip(others) {
            *slope = slope.times(v, other.y.signed_minus(v, *negative, point.y));
        }
        self.thirds.clear();
        for ((slope, point), (other, _)) in self.slopes.iter().zip(&*points).zip(others) {
            self.thirds.push(slope.square_minus(v, point.x, other.x));
        }
        for ((slope, point), third) in self.slopes.iter().zip(points).zip(&self.thirds) {
            let y = slope.times_minus(v, point.x.minus(v, *third), point.y);
            *point = Points { x: *third, y };
        }
    }

    /// Finds, for points to which one other is added or from which it is subtracted, what both have in common.
    #[inline(always)]
    pub(super) fn prepare(&mut self, points: &[Points<V>], other: Points<V>) {
        self.differences.clear();
        for point in points {
            self.differences.push(other.x.minus(self.v, point.x));
        }
        self.invert();
    }

    /// The sums of the points and the other one that were prepared, or their differences: by a sign.
    #[inline(always)]
    pub(super) fn sums(
        &self,
        points: &[Points<V>],
        other: Points<V>,
        negative: V::Numbers,
        sums: &mut Vec<Points<V>>,
    ) {
        let v = self.v;
        sums.clear();
        for (inverse, point) in self.slopes.iter().zip(points) {
            let slope = inverse.times(v, other.y.signed_minus(v, negative, point.y));
            let x = slope.square_minus(v, point.x, other.x);
            sums.push(Points { x, y: slope.times_minus(v, point.x.minus(v, x), point.y) });
        }
    }

    /// Makes `slopes` the inverses of the differences (Montgomery's trick, in each lane).
    #[inline(always)]
    fn invert(&mut self) {
        let v = self.v;
        let mut product = self.products();
        if !inverted(v, &mut product) {
            self.leave_out_zeros();
            product = self.products();
            inverted(v, &mut product);
        }
        for (slope, difference) in self.slopes.iter_mut().zip(&self.differences).rev() {
            *slope = slope.times(v, product);
            product = product.times(v, *difference);
        }
    }

    /// Makes `slopes` the products of the differences before each; gives those of all.
    #[inline(always)]
    fn products(&mut self) -> Elements<V> {
        let mut product = Elements::one(self.v);
        self.slopes.clear();
        for difference in &self.differences {
            self.slopes.push(product);
            product = product.times(self.v, *difference);
        }
        product
    }

    /// Puts 1 in the place of each difference that is zero.
    fn leave_out_zeros(&mut self) {
        let v = self.v;
        for (at, difference) in self.differences.iter_mut().enumerate() {
            let mut words = difference.times(v, Elements::one(v)).words(v).map(|words| v.store(words));
            for lane in 0..V::COUNT {
                if words.iter().all(|words| words.as_ref()[lane] == 0) {
                    words[0].as_mut()[lane] = 1;
                    self.special.push(V::COUNT * at + lane);
                }
            }
            *difference = Elements::from_words(v, words.map(|words| v.load(words)));
        }
    }
}

/// Inverts a reduced number in each lane; or says that one of them is zero.
#[inline(always)]
fn inverted<V: Lanes>(v: V, numbers: &mut Elements<V>) -> bool {
    let [a, b, c, d] = numbers.words(v);
    let mut words = [v.store(a), v.store(b), v.store(c), v.store(d)];
    let mut plain: Vec<Fq> = (0..V::COUNT)
        .map(|lane| Fq::new(BigInt(std::array::from_fn(|word| words[word].as_ref()[lane]))))
        .collect();
    batch_inversion(&mut plain);
    for (lane, number) in plain.iter().enumerate() {
        for (array, word) in words.iter_mut().zip(number.into_bigint().0) {
            array.as_mut()[lane] = word;
        }
    }
    let [a, b, c, d] = words;
    *numbers = Elements::from_words(v, [v.load(a), v.load(b), v.load(c), v.load(d)]);
    !plain.iter().any(Fq::is_zero)
}
