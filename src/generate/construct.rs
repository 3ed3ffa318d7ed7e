//! What strategies build with: the twin's fast curve arithmetic, and the equations of recovery solved for
//! whatever is to be found.
//!
//! Recovery gives Q = u1·G + u2·R with u1 = -z/r and u2 = s/r, where r is R's x modulo n. So for any nonce
//! point R and any u1 and u2 there is an input: r = x(R), s = u2·r, z = -u1·r.

use arbitrary::{Arbitrary as _, Result, Unstructured};
use ark_ff::{BigInteger as _, Field as _, PrimeField as _, Zero as _};
use ark_secp256k1::Fr;
use ruint::aliases::U256;

use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::input::key::PublicKey;
use crate::reference::answer::{Expectation, Refusal};
use crate::reference::{Point, Reason, SECP256K1, twin};

pub use twin::{add as plus, cube_root, lift_x, lift_y};

/// An integer modulo n.
pub type Scalar = Fr;

/// Any number of 256 bits.
pub fn number(u: &mut Unstructured<'_>) -> Result<U256> {
    <[u8; 32]>::arbitrary(u).map(U256::from_be_bytes)
}

/// A scalar that is not zero, any.
pub fn scalar(u: &mut Unstructured<'_>) -> Result<Scalar> {
    let scalar = reduce(number(u)?);
    Ok(if scalar.is_zero() { Scalar::from(1) } else { scalar })
}

/// A number as a scalar.
pub fn reduce(number: U256) -> Scalar {
    let mut number = ark_ff::BigInt(number.into_limbs());
    if number >= Scalar::MODULUS {
        number.sub_with_borrow(&Scalar::MODULUS);
    }
    Scalar::new(number)
}

/// A scalar as a word.
pub fn word(scalar: Scalar) -> Word {
    Word::from(value(scalar))
}

/// A scalar as a number below n.
fn value(scalar: Scalar) -> U256 {
    U256::from_limbs(scalar.into_bigint().0)
}

/// A point's x and y; zeros for the point at infinity.
pub(crate) fn coordinates(point: &Point) -> (U256, U256) {
    match *point {
        Point::Infinity => (U256::ZERO, U256::ZERO),
        Point::Affine { x, y } => (x, y),
    }
}

/// G times a scalar.
pub fn times_g(scalar: Scalar) -> Point {
    let [point] = twin::multiples_of_g([value(scalar)]);
    point
}

/// A point times a scalar.
pub fn times(point: Point, scalar: Scalar) -> Point {
    twin::multiply(value(scalar), point)
}

/// The first point whose x is `x` or above, and its x.
pub fn next_point(x: U256, y_is_odd: bool) -> (U256, Point) {
    let mut x = x;
    loop {
        match lift_x(x, y_is_odd) {
            Some(point) => return (x, point),
            None if x >= SECP256K1.p => x = U256::ZERO,
            None => x += U256::ONE,
        }
    }
}

/// The first point whose y is `y` or above, and its y.
pub fn next_point_by_y(y: u32) -> (U256, Point) {
    let lifted = (u64::from(y)..).map(U256::from).find_map(|y| Some((y, lift_y(y)?)));
    lifted.unwrap_or_else(|| unreachable!("a third of all y have points"))
}

/// An input with its key.
#[derive(Debug, Clone, Copy)]
pub struct Built {
    /// The input.
    pub input: ScalarInput,
    /// The key that it recovers; the point at infinity where there is none.
    pub key: Point,
}

impl Built {
    /// The right answer.
    pub fn answer(&self) -> Expectation {
        if self.key == Point::Infinity {
            return Expectation::Rejected(Refusal::Recovery(Reason::QInfinity));
        }
        let public_key = public_key(&self.key);
        Expectation::Recovered { address: public_key.address(), public_key }
    }

    /// The one with n - s and the other parity, which has the same key.
    pub fn negated(mut self) -> Self {
        self.input.s = Word::from(SECP256K1.n - self.input.s.number());
        self.input.recovery_id ^= 1;
        self
    }

    /// Itself, or negated where its s is high.
    pub fn low_s(self) -> Self {
        if self.input.s.number() > SECP256K1.n >> 1 { self.negated() } else { self }
    }
}

/// A point as a public key; zeros for the point at infinity, which is none.
pub fn public_key(point: &Point) -> PublicKey {
    let (x, y) = coordinates(point);
    PublicKey { x: x.to_be_bytes(), y: y.to_be_bytes() }
}

/// The input whose nonce point is `nonce` and whose key is u1·G + u2·R. R must not be at infinity, and u2 not zero.
pub fn for_nonce_point(nonce: Point, u1: Scalar, u2: Scalar) -> ScalarInput {
    let (x, y) = coordinates(&nonce);
    let r = reduce(x);
    let recovery_id = u8::from(y.bit(0)) | (u8::from(x >= SECP256K1.n) << 1);
    ScalarInput { digest: word(-u1 * r), r: word(r), s: word(u2 * r), recovery_id }
}

/// The input whose nonce point is k·G and whose key is (u1 + u2·k)·G.
pub fn from_nonce(k: Scalar, u1: Scalar, u2: Scalar) -> Built {
    let [nonce, key] = twin::multiples_of_g([k, u1 + u2 * k].map(value));
    Built { input: for_nonce_point(nonce, u1, u2), key }
}

/// The signature of a digest with a key and a nonce. Its s may be high.
pub fn sign(digest: Word, key: Scalar, k: Scalar) -> Built {
    let [nonce, public] = twin::multiples_of_g([k, key].map(value));
    let r = reduce(coordinates(&nonce).0);
    let inverse = k.inverse().unwrap_or_default();
    let s = inverse * (reduce(digest.number()) + r * key);
    // s = 0 asks for one digest in n: the next nonce then.
    if s.is_zero() {
        return sign(digest, key, k + Scalar::from(1));
    }
    let input =
        ScalarInput { digest, s: word(s), ..for_nonce_point(nonce, Scalar::from(0), Scalar::from(1)) };
    Built { input, key: public }
}

/// The input whose key is a given point: R = a·G + b·Q, and so Q = -(a/b)·G + (1/b)·R.
pub fn for_key(key: Point, a: Scalar, b: Scalar) -> Built {
    let nonce = plus(times_g(a), times(key, b));
    let inverse = b.inverse().unwrap_or_default();
    if nonce == Point::Infinity {
        return for_key(key, a + Scalar::from(1), b);
    }
    Built { input: for_nonce_point(nonce, -a * inverse, inverse), key }
}

/// The r of a nonce point: its x modulo n.
pub(crate) fn r_of(nonce: &Point) -> Scalar {
    reduce(coordinates(nonce).0)
}
