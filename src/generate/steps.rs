//! What a recovery computes on the way: its scalars and points, and what one point is of another.

use ruint::aliases::U256;

use super::construct::{Scalar, lift_x, plus, reduce, times, times_g};
use super::halves::BETA;
use super::middle::{Meets, met};
use crate::input::ScalarInput;
use crate::reference::{Point, SECP256K1};

/// The values of a recovery, as far as it gets.
pub(crate) struct Steps {
    pub(crate) input: ScalarInput,
    /// u1 and u2, where r, s and the recovery id are in range.
    pub(crate) scalars: Option<[Scalar; 2]>,
    /// The nonce point, where r and the recovery id give one.
    pub(crate) points: Option<Points>,
}

/// The points of a recovery.
#[derive(Clone, Copy)]
pub(crate) struct Points {
    nonce: Point,
    u1_g: Point,
    u2_r: Point,
    key: Point,
}

/// One of the points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Generator,
    Nonce,
    Key,
    U1G,
    U2R,
}

impl Steps {
    /// Recovers, and keeps what comes on the way.
    pub(crate) fn of(input: &ScalarInput) -> Self {
        let [digest, r, s] = [input.digest, input.r, input.s].map(|word| word.number());
        let below_n = |number: U256| !number.is_zero() && number < SECP256K1.n;
        let in_range = below_n(r) && below_n(s) && input.recovery_id < 4;
        let scalars = in_range.then(|| [-reduce(digest) / reduce(r), reduce(s) / reduce(r)]);
        let x = if input.recovery_id < 2 { Some(r) } else { r.checked_add(SECP256K1.n) };
        let nonce = x.and_then(|x| lift_x(x, input.recovery_id & 1 == 1));
        let points = scalars.zip(nonce).map(|([u1, u2], nonce)| {
            let (u1_g, u2_r) = (times_g(u1), times(nonce, u2));
            Points { nonce, u1_g, u2_r, key: plus(u1_g, u2_r) }
        });
        Self { input: *input, scalars, points }
    }

    /// A point's coordinates; none at infinity, or where there is none.
    pub(crate) fn point(&self, place: Place) -> Option<(U256, U256)> {
        let points = self.points.as_ref()?;
        let point = match place {
            Place::Generator => &SECP256K1.g,
            Place::Nonce => &points.nonce,
            Place::Key => &points.key,
            Place::U1G => &points.u1_g,
            Place::U2R => &points.u2_r,
        };
        match *point {
            Point::Infinity => None,
            Point::Affine { x, y } => Some((x, y)),
        }
    }

    /// What the partial sums of u1·G + u2·R meet: by Shamir's trick, and by Strauss's method with halves.
    pub(crate) fn met(&self) -> [Vec<Meets>; 2] {
        let all = self.scalars.zip(self.points.as_ref());
        all.map(|([u1, u2], points)| met(&points.nonce, u1, u2)).unwrap_or_default()
    }
}

impl Place {
    pub(super) const ALL: [Self; 5] = [Self::Generator, Self::Nonce, Self::Key, Self::U1G, Self::U2R];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Generator => "generator",
            Self::Nonce => "nonce",
            Self::Key => "key",
            Self::U1G => "u1-g",
            Self::U2R => "u2-r",
        }
    }
}

/// What one point is of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kin {
    /// Itself, or its negation.
    Same,
    /// Its image under the endomorphism or the image's, or a negation of these.
    Image,
    /// Its double or half, or a negation of these.
    Double,
}

impl Kin {
    /// Whether one point is this of the other, or of its negation.
    pub(crate) fn holds(self, one: (U256, U256), other: (U256, U256), opposite: bool) -> bool {
        let p = SECP256K1.p;
        let y = |(_, y): (U256, U256)| if opposite { p - y } else { y };
        match self {
            Self::Same => one.0 == other.0 && one.1 == y(other),
            Self::Image => {
                let image = BETA.mul_mod(other.0, p);
                one.1 == y(other) && (one.0 == image || one.0 == BETA.mul_mod(image, p))
            }
            Self::Double => {
                let is_double = |one: (U256, U256), other: (U256, U256)| {
                    let (x, y) = double(other);
                    // Without a division: both sides times (2y)³.
                    let two_y = other.1.add_mod(other.1, p);
                    let square = two_y.mul_mod(two_y, p);
                    let one_y = if opposite { p - one.1 } else { one.1 };
                    one.0.mul_mod(square, p) == x && one_y.mul_mod(square.mul_mod(two_y, p), p) == y
                };
                is_double(one, other) || is_double(other, one)
            }
        }
    }
}

/// A point's double: its x times (2y)², its y times (2y)³.
fn double((x, y): (U256, U256)) -> (U256, U256) {
    let p = SECP256K1.p;
    let times = |small: u64, number: U256| U256::from(small).mul_mod(number, p);
    let minus = |number: U256| if number.is_zero() { number } else { p - number };
    // The slope times 2y is 3x².
    let slope = times(3, x.mul_mod(x, p));
    let square = times(4, y.mul_mod(y, p));
    let double_x = slope.mul_mod(slope, p).add_mod(minus(times(2, x.mul_mod(square, p))), p);
    // y' = slope·(x - x') - y
    let difference = x.mul_mod(square, p).add_mod(minus(double_x), p);
    let double_y = slope.mul_mod(difference, p).add_mod(minus(times(8, y.pow_mod(U256::from(4), p))), p);
    (double_x, double_y)
}
