//! The twin of the reference: the same answers at a tenth of its cost, by arithmetic (crrl's) that no subject
//! recovers with.
//!
//! A run asks it first. The reference decides where a subject and the twin disagree, and on a steady sample of
//! all inputs ([`crate::judge`]), so that a mistake here is a finding and never a verdict. Points and numbers are
//! the reference's; secp256k1 is the only curve. Nothing here is constant-time.

use std::sync::LazyLock;

use crrl::field::GFsecp256k1 as Field;
use crrl::secp256k1::{Point as Projective, Scalar};
use ruint::aliases::U256;

use super::{Point, Reason, Recovered, SECP256K1};

/// As [`super::recover`] on secp256k1.
///
/// # Errors
/// The first [`Reason`] that applies.
pub fn recover(z: U256, r: U256, s: U256, recovery_id: u8) -> Result<Recovered, Reason> {
    let n = SECP256K1.n;
    match recovery_id {
        4.. => return Err(Reason::RecoveryIdOutOfRange),
        _ if r.is_zero() => return Err(Reason::RZero),
        _ if r >= n => return Err(Reason::RNotBelowN),
        _ if s.is_zero() => return Err(Reason::SZero),
        _ if s >= n => return Err(Reason::SNotBelowN),
        _ => {}
    }
    let x = match recovery_id {
        2.. if r >= SECP256K1.p - n => return Err(Reason::XNotBelowP),
        2.. => r + n,
        _ => r,
    };
    let nonce_point = lift(x, recovery_id & 1 == 1).ok_or(Reason::XOffCurve)?;

    let r_inverse = Scalar::ONE / scalar(r);
    let u1_g = sum_of_multiples(-(scalar(z) * r_inverse));
    let u2_r = nonce_point * (scalar(s) * r_inverse);
    match affine([u1_g + u2_r, u1_g, u2_r]) {
        [Point::Infinity, ..] => Err(Reason::QInfinity),
        [q, u1_g, u2_r] => Ok(Recovered { q, u1_g, u2_r }),
    }
}

/// The point with this x and a y of this parity, if there is one.
pub fn lift_x(x: U256, y_is_odd: bool) -> Option<Point> {
    lift(x, y_is_odd).map(|point| affine([point])[0])
}

/// A point with this y, if there is one.
pub fn lift_y(y: U256) -> Option<Point> {
    let of_curve = Some(y).filter(|y| *y < SECP256K1.p).map(field)?;
    let x = cube_root(number(of_curve.square() - Field::from_u32(7)))?;
    Some(Point::Affine { x, y })
}

/// A cube root modulo p, if there is one.
pub fn cube_root(cube: U256) -> Option<U256> {
    // p is 7 modulo 9, so that this power of a cube is a cube root of it.
    static EXPONENT: LazyLock<U256> = LazyLock::new(|| (SECP256K1.p + U256::from(2)) / U256::from(9));
    let cube = field(cube);
    let root = (0..EXPONENT.bit_len()).rev().fold(Field::ONE, |power, bit| {
        if EXPONENT.bit(bit) { power.square() * cube } else { power.square() }
    });
    (number(root.square() * root) == number(cube)).then(|| number(root))
}

/// Whether a point has this x.
pub fn is_x(x: U256) -> bool {
    lift(x, false).is_some()
}

/// G times each of these numbers, for the price of one inversion. Numbers are taken modulo n.
pub fn multiples_of_g<const N: usize>(numbers: [U256; N]) -> [Point; N] {
    affine(numbers.map(|number| sum_of_multiples(scalar(number))))
}

/// The point times a number, which is taken modulo n.
pub fn multiply(number: U256, point: Point) -> Point {
    affine([projective(point) * scalar(number)])[0]
}

/// The sum of two points.
pub fn add(left: Point, right: Point) -> Point {
    affine([projective(left) + projective(right)])[0]
}

/// An integer modulo n.
fn scalar(number: U256) -> Scalar {
    Scalar::decode_reduce(&number.to_le_bytes::<32>())
}

fn lift(x: U256, y_is_odd: bool) -> Option<Projective> {
    let mut compressed = [2 | u8::from(y_is_odd); 33];
    compressed[1..].copy_from_slice(&x.to_be_bytes::<32>());
    Projective::decode(&compressed)
}

/// G times a number, by a table of its multiples.
fn sum_of_multiples(number: Scalar) -> Projective {
    /// For each byte of a number, the multiples that it can say.
    static TABLE: LazyLock<Vec<Vec<Projective>>> = LazyLock::new(|| {
        let mut base = Projective::BASE;
        let mut window = || {
            let mut multiples: Vec<_> =
                std::iter::successors(Some(base), |multiple| Some(*multiple + base)).take(256).collect();
            base = multiples.pop().unwrap_or(base);
            multiples
        };
        (0..32).map(|_| window()).collect()
    });
    let said = TABLE.iter().zip(number.encode()).filter(|(_, byte)| *byte != 0);
    said.fold(Projective::NEUTRAL, |sum, (multiples, byte)| sum + multiples[usize::from(byte) - 1])
}

/// The points' coordinates, with one inversion for all.
fn affine<const N: usize>(points: [Projective; N]) -> [Point; N] {
    let mut inverses = points.map(|point| point.to_projective().2);
    Field::batch_invert(&mut inverses);
    std::array::from_fn(|index| {
        let (x, y, _) = points[index].to_projective();
        match points[index].isneutral() {
            0 => Point::Affine { x: number(x * inverses[index]), y: number(y * inverses[index]) },
            _ => Point::Infinity,
        }
    })
}

fn field(number: U256) -> Field {
    Field::decode_reduce(&number.to_le_bytes::<32>())
}

fn number(field: Field) -> U256 {
    U256::from_le_bytes(field.encode())
}

fn projective(point: Point) -> Projective {
    let Point::Affine { x, y } = point else { return Projective::NEUTRAL };
    Projective::from_affine(field(x), field(y)).unwrap_or_else(|| panic!("({x}, {y}) is not on secp256k1"))
}
