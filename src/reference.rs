//! The reference: public-key recovery as SEC 1 version 2.0, section 4.1.6, states it.
//!
//! Written for reading, in affine coordinates over big integers, and generic in the curve, so that small
//! curves can prove it by brute force (`tests/it/reference.rs`). It shares no code with any subject, and it
//! alone decides *why* an input is rejected. It is slow and not constant-time: a run asks its [`twin`] first.
//! [`answer`] extends both to prehashes and EVM calls.

pub mod answer;
pub mod public_key;
pub mod twin;

use std::fmt;

use ruint::aliases::U256;
use ruint::uint;

/// A curve y² = x³ + b over the integers modulo `p`, whose points form a group of prime order `n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Curve {
    /// The field's prime.
    pub p: U256,
    /// The constant term.
    pub b: U256,
    /// The number of points, a prime.
    pub n: U256,
    /// A generator.
    pub g: Point,
}

/// secp256k1, from SEC 2 version 2.0, section 2.4.1.
pub const SECP256K1: Curve = uint! {
    Curve {
        p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f_U256,
        b: 7_U256,
        n: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256,
        g: Point::Affine {
            x: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798_U256,
            y: 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8_U256,
        },
    }
};

/// A point of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Point {
    /// The identity, which has no coordinates.
    Infinity,
    /// A point with coordinates below `p`.
    Affine {
        /// Abscissa.
        x: U256,
        /// Ordinate.
        y: U256,
    },
}

/// Why there is no public key, in the order in which the reference looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// The recovery id is above 3.
    RecoveryIdOutOfRange,
    /// r = 0.
    RZero,
    /// r >= n.
    RNotBelowN,
    /// s = 0.
    SZero,
    /// s >= n.
    SNotBelowN,
    /// The recovery id says x = r + n, and that is p or more.
    XNotBelowP,
    /// No point of the curve has this x.
    XOffCurve,
    /// The key would be the point at infinity.
    QInfinity,
}

impl Reason {
    /// Every reason, in the order in which the reference looks.
    pub const ALL: [Self; 8] = [
        Self::RecoveryIdOutOfRange,
        Self::RZero,
        Self::RNotBelowN,
        Self::SZero,
        Self::SNotBelowN,
        Self::XNotBelowP,
        Self::XOffCurve,
        Self::QInfinity,
    ];

    /// The name by which case files call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RecoveryIdOutOfRange => "recovery-id-out-of-range",
            Self::RZero => "r-zero",
            Self::RNotBelowN => "r-ge-n",
            Self::SZero => "s-zero",
            Self::SNotBelowN => "s-ge-n",
            Self::XNotBelowP => "x-ge-p",
            Self::XOffCurve => "x-off-curve",
            Self::QInfinity => "q-infinity",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A recovered key with the two points that it is the sum of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// The key: u1·G + u2·R.
    pub q: Point,
    /// u1·G, with u1 = -z/r.
    pub u1_g: Point,
    /// u2·R, with u2 = s/r.
    pub u2_r: Point,
}

/// Recovers the public key Q from a signature (r, s) of the integer `z`, which is taken modulo n.
///
/// The recovery id's low bit says whether R has an odd y; the next says whether x = r + n instead of r.
/// Any other bit is out of range. With it the loop of SEC 1's algorithm has but one turn.
///
/// # Errors
/// The first [`Reason`] that applies.
pub fn recover(curve: &Curve, z: U256, r: U256, s: U256, recovery_id: u8) -> Result<Recovered, Reason> {
    if recovery_id > 3 {
        return Err(Reason::RecoveryIdOutOfRange);
    }
    if r.is_zero() {
        return Err(Reason::RZero);
    }
    if r >= curve.n {
        return Err(Reason::RNotBelowN);
    }
    if s.is_zero() {
        return Err(Reason::SZero);
    }
    if s >= curve.n {
        return Err(Reason::SNotBelowN);
    }
    let (y_is_odd, x_is_reduced) = (recovery_id & 1 == 1, recovery_id & 2 == 2);

    // Steps 1.1 to 1.3: R from its x and the parity of its y. Step 1.4 (nR = O) holds for a prime order.
    let x = if x_is_reduced { r.checked_add(curve.n) } else { Some(r) };
    let x = x.filter(|x| *x < curve.p).ok_or(Reason::XNotBelowP)?;
    let nonce_point = curve.lift_x(x, y_is_odd).ok_or(Reason::XOffCurve)?;

    // Step 1.6.1: Q = r^-1 (sR - zG).
    let r_inverse = r.inv_mod(curve.n).unwrap_or_else(|| unreachable!("0 < r < n, and n is prime"));
    let u1 = curve.negate_scalar(z.reduce_mod(curve.n).mul_mod(r_inverse, curve.n));
    let u2 = s.mul_mod(r_inverse, curve.n);
    let u1_g = curve.multiply(u1, curve.g);
    let u2_r = curve.multiply(u2, nonce_point);
    match curve.add(u1_g, u2_r) {
        Point::Infinity => Err(Reason::QInfinity),
        q => Ok(Recovered { q, u1_g, u2_r }),
    }
}

impl Curve {
    /// The point with this x and a y of this parity, if there is one.
    ///
    /// `None` too where y would be zero and is asked to be odd. (No curve of odd order has such a point.)
    pub fn lift_x(&self, x: U256, y_is_odd: bool) -> Option<Point> {
        let y_squared = x.mul_mod(x, self.p).mul_mod(x, self.p).add_mod(self.b, self.p);
        let y = self.square_root(y_squared)?;
        let y = if y.bit(0) == y_is_odd { y } else { self.negate(y) };
        (y.bit(0) == y_is_odd).then_some(Point::Affine { x, y })
    }

    /// Whether the coordinates satisfy the equation and lie below `p`.
    pub fn contains(&self, x: U256, y: U256) -> bool {
        x < self.p
            && y < self.p
            && y.mul_mod(y, self.p) == x.mul_mod(x, self.p).mul_mod(x, self.p).add_mod(self.b, self.p)
    }

    /// The sum of two points.
    pub fn add(&self, left: Point, right: Point) -> Point {
        let (Point::Affine { x: x1, y: y1 }, Point::Affine { x: x2, y: y2 }) = (left, right) else {
            return if left == Point::Infinity { right } else { left };
        };
        let p = self.p;
        let slope = if x1 != x2 {
            self.divide(self.subtract(y2, y1), self.subtract(x2, x1))
        } else if y1 == y2 && !y1.is_zero() {
            let x1_squared = x1.mul_mod(x1, p);
            self.divide(x1_squared.add_mod(x1_squared, p).add_mod(x1_squared, p), y1.add_mod(y1, p))
        } else {
            return Point::Infinity;
        };
        let x = self.subtract(self.subtract(slope.mul_mod(slope, p), x1), x2);
        let y = self.subtract(slope.mul_mod(self.subtract(x1, x), p), y1);
        Point::Affine { x, y }
    }

    /// The point added to itself `scalar` times.
    pub fn multiply(&self, scalar: U256, point: Point) -> Point {
        let mut product = Point::Infinity;
        for bit in (0..scalar.bit_len()).rev() {
            product = self.add(product, product);
            if scalar.bit(bit) {
                product = self.add(product, point);
            }
        }
        product
    }

    /// A square root modulo `p`, if there is one. Only for p = 3 (mod 4), where x^((p+1)/4) is one.
    fn square_root(&self, square: U256) -> Option<U256> {
        assert_eq!(self.p.as_limbs()[0] & 3, 3, "square roots are only here for p = 3 (mod 4)");
        let exponent = (self.p >> 2) + U256::ONE; // (p + 1) / 4, without overflow
        let root = square.pow_mod(exponent, self.p);
        (root.mul_mod(root, self.p) == square).then_some(root)
    }

    fn subtract(&self, left: U256, right: U256) -> U256 {
        left.add_mod(self.negate(right), self.p)
    }

    fn divide(&self, left: U256, right: U256) -> U256 {
        left.mul_mod(right.inv_mod(self.p).unwrap_or_else(|| unreachable!("no division by zero")), self.p)
    }

    fn negate(&self, value: U256) -> U256 {
        if value.is_zero() { value } else { self.p - value }
    }

    fn negate_scalar(&self, value: U256) -> U256 {
        if value.is_zero() { value } else { self.n - value }
    }
}
