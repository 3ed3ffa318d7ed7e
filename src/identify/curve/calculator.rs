//! What the engine asks of lanes, whichever they are.

use std::fmt::Debug;

use super::adder::{Adder, Points, write};
use super::point::CurvePoint;
use super::table::{Digit, Scalar, Table};
use crate::identify::keccak::keccak256;
use crate::identify::lanes::{Lanes, Work, widest};
use crate::input::key::Address;

/// Computes with batches of points; keeps its memory from batch to batch.
pub(super) trait Calculator: Debug + Send {
    /// G times each scalar.
    fn multiply(&mut self, table: &Table, scalars: &[Scalar], products: &mut Vec<CurvePoint>);

    /// The sum of each point and one other.
    fn add(&mut self, points: &[CurvePoint], other: CurvePoint, sums: &mut Vec<CurvePoint>);

    /// The sum and the difference of each point and one other. They share the abscissas, and so the inversion.
    fn add_and_subtract(
        &mut self,
        points: &[CurvePoint],
        other: CurvePoint,
        sums: &mut Vec<CurvePoint>,
        less: &mut Vec<CurvePoint>,
    );

    /// The address of each key; of the point at infinity, one that means nothing.
    fn addresses(&mut self, keys: &[CurvePoint], addresses: &mut Vec<Address>);
}

/// The one with the most lanes.
pub(super) fn calculator() -> Box<dyn Calculator> {
    widest(Make)
}

#[derive(Clone, Copy)]
struct Make;

impl Work for Make {
    type Output = Box<dyn Calculator>;

    fn with<V: Lanes>(self, v: V) -> Self::Output {
        let (digits, points, others, sums) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Box::new(InLanes { v, adder: Adder::new(v), digits, points, others, sums })
    }
}

#[derive(Debug)]
struct InLanes<V: Lanes> {
    v: V,
    adder: Adder<V>,
    digits: Vec<Digit>,
    points: Vec<Points<V>>,
    others: Vec<(Points<V>, V::Numbers)>,
    sums: Vec<Points<V>>,
}

impl<V: Lanes> InLanes<V> {
    /// Takes the points into lanes, the last once more where lanes are left.
    #[inline(always)]
    fn read(&mut self, points: &[CurvePoint]) {
        self.points.clear();
        for points in points.chunks(V::COUNT) {
            self.points.push(Points::gather(self.v, |lane| points[lane.min(points.len() - 1)]));
        }
    }

    /// The sums that the chord's formula is not for.
    fn add_special(&self, points: &[CurvePoint], other: CurvePoint, negative: bool, sums: &mut [CurvePoint]) {
        let sum = |point: CurvePoint| if negative { point.minus(other) } else { point.plus(other) };
        for at in &self.adder.special {
            if let Some(point) = points.get(*at) {
                sums[*at] = sum(*point);
            }
        }
        let infinite =
            points.iter().enumerate().filter(|(_, point)| point.is_infinity() || other.is_infinity());
        for (at, point) in infinite {
            sums[at] = sum(*point);
        }
    }
}

impl<V: Lanes> Calculator for InLanes<V> {
    fn multiply(&mut self, table: &Table, scalars: &[Scalar], products: &mut Vec<CurvePoint>) {
        let v = self.v;
        self.adder.special.clear();
        v.run(
            #[inline(always)]
            || {
                for window in 0..table.windows() {
                    self.digits.clear();
                    for scalar in scalars {
                        self.digits.push(table.digit(scalar, window));
                    }
                    let multiples = table.multiples(window);
                    // Used nowhere: it is there so that the table's lines are on their way, many at a time.
                    let read = |read, digit: &Digit| read ^ multiples[digit.place].words[0];
                    std::hint::black_box(self.digits.iter().fold(0, read));
                    self.others.clear();
                    for digits in self.digits.chunks(V::COUNT) {
                        let mut negative = V::Array::default();
                        for (negative, digit) in negative.as_mut().iter_mut().zip(digits) {
                            *negative = if digit.negative { u64::MAX } else { 0 };
                        }
                        // The last once more where lanes are left.
                        let points =
                            Points::gather(v, |lane| multiples[digits[lane.min(digits.len() - 1)].place]);
                        self.others.push((points, v.load(negative)));
                    }
                    if window == 0 {
                        self.points.clear();
                        for (other, negative) in &self.others {
                            self.points.push(Points { x: other.x, y: other.y.signed(v, *negative) });
                        }
                    } else {
                        self.adder.add(&mut self.points, &self.others);
                    }
                }
                write(v, &self.points, scalars.len(), products);
            },
        );
        for at in &self.adder.special {
            if let Some(scalar) = scalars.get(*at) {
                products[*at] = scalar.times_g();
            }
        }
    }

    fn add(&mut self, points: &[CurvePoint], other: CurvePoint, sums: &mut Vec<CurvePoint>) {
        let v = self.v;
        self.adder.special.clear();
        v.run(
            #[inline(always)]
            || {
                self.read(points);
                let same = Points::gather(v, |_| other);
                self.adder.prepare(&self.points, same);
                self.adder.sums(&self.points, same, v.splat(0), &mut self.sums);
                write(v, &self.sums, points.len(), sums);
            },
        );
        self.add_special(points, other, false, sums);
    }

    fn add_and_subtract(
        &mut self,
        points: &[CurvePoint],
        other: CurvePoint,
        sums: &mut Vec<CurvePoint>,
        less: &mut Vec<CurvePoint>,
    ) {
        let v = self.v;
        self.adder.special.clear();
        v.run(
            #[inline(always)]
            || {
                self.read(points);
                let same = Points::gather(v, |_| other);
                self.adder.prepare(&self.points, same);
                self.adder.sums(&self.points, same, v.splat(0), &mut self.sums);
                write(v, &self.sums, points.len(), sums);
                self.adder.sums(&self.points, same, v.splat(u64::MAX), &mut self.sums);
                write(v, &self.sums, points.len(), less);
            },
        );
        self.add_special(points, other, false, sums);
        self.add_special(points, other, true, less);
    }

    fn addresses(&mut self, keys: &[CurvePoint], addresses: &mut Vec<Address>) {
        let v = self.v;
        addresses.clear();
        addresses.resize(keys.len(), Address([0; 20]));
        v.run(
            #[inline(always)]
            || {
                for (keys, addresses) in keys.chunks(V::COUNT).zip(addresses.chunks_mut(V::COUNT)) {
                    let mut words = [V::Array::default(); 8];
                    for (lane, key) in keys.iter().enumerate() {
                        for (array, word) in words.iter_mut().zip(key.big_endian()) {
                            array.as_mut()[lane] = word.swap_bytes();
                        }
                    }
                    let [a, b, c, d, e, f, g, h] = words;
                    let message = [
                        v.load(a),
                        v.load(b),
                        v.load(c),
                        v.load(d),
                        v.load(e),
                        v.load(f),
                        v.load(g),
                        v.load(h),
                    ];
                    let [_, b, c, d] = keccak256(v, message);
                    let [b, c, d] = [v.store(b), v.store(c), v.store(d)];
                    for (lane, address) in addresses.iter_mut().enumerate() {
                        address.0[..4].copy_from_slice(&b.as_ref()[lane].to_le_bytes()[4..]);
                        address.0[4..12].copy_from_slice(&c.as_ref()[lane].to_le_bytes());
                        address.0[12..].copy_from_slice(&d.as_ref()[lane].to_le_bytes());
                    }
                }
            },
        );
    }
}

#[cfg(test)]
pub(super) mod tests {
    use ark_secp256k1::Fr;

    use super::*;
    use crate::generate::construct;
    use crate::identify::lanes::tests::each;

    /// One with each kind of lanes that this processor has.
    pub(in crate::identify::curve) fn every() -> Vec<Box<dyn Calculator>> {
        each(Make)
    }

    fn of(number: i64) -> CurvePoint {
        let magnitude = Fr::from(number.unsigned_abs());
        CurvePoint::from_point(construct::times_g(if number < 0 { -magnitude } else { magnitude }))
    }

    #[test]
    fn a_batch_may_hold_equal_and_opposite_points_and_infinity() {
        // Multiples of the generator: the batch, and its sums and differences with 5.
        let batch = [5, -5, 0, 1, 7, 0, 5, 5, -5, 9, 2, 3, -4, 11, 0, -5, 6, 5, 8];
        let sums = [10, 0, 5, 6, 12, 5, 10, 10, 0, 14, 7, 8, 1, 16, 5, 0, 11, 10, 13];
        let less = [0, -10, -5, -4, 2, -5, 0, 0, -10, 4, -3, -2, -9, 6, -5, -10, 1, 0, 3];
        for mut calculator in every() {
            for length in 0..=batch.len() {
                let points: Vec<_> = batch[..length].iter().map(|number| of(*number)).collect();
                let (mut found, mut found_less) = (Vec::new(), Vec::new());
                calculator.add_and_subtract(&points, of(5), &mut found, &mut found_less);
                assert_eq!(found, sums[..length].iter().map(|sum| of(*sum)).collect::<Vec<_>>());
                assert_eq!(found_less, less[..length].iter().map(|less| of(*less)).collect::<Vec<_>>());
                calculator.add(&points, of(5), &mut found);
                assert_eq!(found, sums[..length].iter().map(|sum| of(*sum)).collect::<Vec<_>>());
                calculator.add(&points, CurvePoint::INFINITY, &mut found);
                assert_eq!(found, points);
            }
        }
    }

    #[test]
    fn addresses_are_those_of_the_keys() {
        let keys: Vec<_> = (1..20).map(of).collect();
        for mut calculator in every() {
            let mut addresses = Vec::new();
            calculator.addresses(&keys, &mut addresses);
            let expected: Vec<_> = keys.iter().filter_map(CurvePoint::address).collect();
            assert_eq!(addresses, expected);
        }
    }
}
