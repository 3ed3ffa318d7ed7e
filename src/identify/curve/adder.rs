//! Additions of whole batches, for one inversion each.

use crrl::field::GFsecp256k1 as Fq;

use super::point::{CurvePoint, is_special};

/// Adds batches of points; keeps its memory from batch to batch.
///
/// Each step is made for the whole batch before the next: the multiplications of a step do not wait for each
/// other, those of one addition do.
#[derive(Debug, Default)]
pub(super) struct Adder {
    others: Vec<CurvePoint>,
    /// For each pair the difference of its abscissas; 1 for a pair that the chord's formula is not for.
    differences: Vec<Fq>,
    /// The product of the differences before each; then the inverse of its difference; then its slope.
    slopes: Vec<Fq>,
    /// Which pairs the chord's formula is not for.
    special: Vec<usize>,
}

impl Adder {
    /// Adds to each point its other one, which `other` gives by place, each place once and in order.
    ///
    /// Equal points, opposite points and the point at infinity are as they should be.
    pub(super) fn add(&mut self, points: &mut [CurvePoint], other: impl FnMut(usize) -> CurvePoint) {
        // All are fetched first: the waits for memory overlap, and do not stand between multiplications.
        let mut others = std::mem::take(&mut self.others);
        others.clear();
        others.extend((0..points.len()).map(other));
        self.invert(points.iter().zip(&others).map(|(point, other)| (*point, *other)));
        let special: Vec<_> =
            self.special.iter().map(|at| (*at, points[*at].add_special(others[*at]))).collect();
        for ((slope, point), other) in self.slopes.iter_mut().zip(&*points).zip(&others) {
            *slope *= other.y - point.y;
        }
        for ((slope, point), other) in self.slopes.iter().zip(&*points).zip(&mut others) {
            other.x = slope.square() - (point.x + other.x);
        }
        for ((slope, point), third) in self.slopes.iter().zip(&mut *points).zip(&others) {
            *point = CurvePoint { x: third.x, y: *slope * (point.x - third.x) - point.y };
        }
        for (at, sum) in special {
            points[at] = sum;
        }
        self.others = others;
    }

    /// The sum and the difference of each point and one other. They share the abscissas, and so the inversion.
    pub(super) fn add_and_subtract(
        &mut self,
        points: &[CurvePoint],
        other: CurvePoint,
        sums: &mut Vec<CurvePoint>,
        less: &mut Vec<CurvePoint>,
    ) {
        self.invert(points.iter().map(|point| (*point, other)));
        for (thirds, other) in [(&mut *sums, other), (&mut *less, other.opposite())] {
            thirds.clear();
            thirds.extend(
                self.slopes
                    .iter()
                    .zip(points)
                    .map(|(inverse, point)| point.third((other.y - point.y) * *inverse, point.x + other.x)),
            );
            for at in &self.special {
                thirds[*at] = points[*at].add_special(other);
            }
        }
    }

    /// Finds the pairs that are special, and the inverse of each difference.
    fn invert(&mut self, pairs: impl Iterator<Item = (CurvePoint, CurvePoint)>) {
        self.differences.clear();
        self.slopes.clear();
        self.special.clear();
        let mut product = Fq::ONE;
        for (at, (point, other)) in pairs.enumerate() {
            let special = is_special(&point, &other);
            if special {
                self.special.push(at);
            }
            let difference = if special { Fq::ONE } else { other.x - point.x };
            self.slopes.push(product);
            self.differences.push(difference);
            product *= difference;
        }
        let mut inverse = Fq::ONE / product;
        for (product, difference) in self.slopes.iter_mut().zip(&self.differences).rev() {
            *product *= inverse;
            inverse *= difference;
        }
    }
}

#[cfg(test)]
mod tests {
    use ark_secp256k1::Fr;
    use ruint::aliases::U256;

    use super::*;
    use crate::generate::construct;
    use crate::input::key::PublicKey;
    use crate::reference::{self, SECP256K1};

    fn shown(point: &CurvePoint) -> Option<[u8; 64]> {
        point.public_key().map(|key| key.xy())
    }

    #[test]
    fn a_batch_may_hold_equal_and_opposite_points_and_infinity() {
        let of = |number: u64| {
            CurvePoint::new(&construct::public_key(&construct::times_g(Fr::from(number)))).unwrap()
        };
        let nothing = CurvePoint::INFINITY;
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
}
