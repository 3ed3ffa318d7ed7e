//! What strategies build with: fast curve arithmetic (arkworks), and the equations of recovery solved for
//! whatever is to be found.
//!
//! Recovery gives Q = u1·G + u2·R with u1 = -z/r and u2 = s/r, where r is R's x modulo n. So for any nonce
//! point R and any u1 and u2 there is an input: r = x(R), s = u2·r, z = -u1·r.

use std::sync::LazyLock;

use arbitrary::{Arbitrary as _, Result, Unstructured};
use ark_ec::{AffineRepr as _, CurveGroup as _};
use ark_ff::{BigInteger as _, Field as _, PrimeField as _, Zero as _};
use ark_secp256k1::{Affine, Fq, Fr, Projective};
use ruint::aliases::U256;

use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::input::key::PublicKey;
use crate::reference::answer::{Expectation, Refusal};
use crate::reference::{Reason, SECP256K1};

/// A point of secp256k1.
pub type AffinePoint = Affine;
/// An integer modulo n.
pub type Scalar = Fr;

/// Any number of 256 bits.
pub fn number(u: &mut Unstructured<'_>) -> Result<U256> {
    <[u8; 32]>::arbitrary(u).map(U256::from_be_bytes)
}

/// An scalar that is not zero, any.
pub fn scalar(u: &mut Unstructured<'_>) -> Result<Scalar> {
    let scalar = reduce(number(u)?);
    Ok(if scalar.is_zero() { Scalar::from(1) } else { scalar })
}

/// A number as an scalar.
pub fn reduce(number: U256) -> Scalar {
    Scalar::from_be_bytes_mod_order(&number.to_be_bytes::<32>())
}

/// An scalar as a word.
pub fn word(scalar: Scalar) -> Word {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&scalar.into_bigint().to_bytes_be());
    Word(bytes)
}

/// A point's x and y as numbers; zeros for the point at infinity.
fn coordinates(point: &AffinePoint) -> (U256, U256) {
    let number = |field: Fq| U256::from_be_slice(&field.into_bigint().to_bytes_be());
    point.xy().map_or((U256::ZERO, U256::ZERO), |(x, y)| (number(x), number(y)))
}

/// G times an scalar.
pub fn times_g(scalar: Scalar) -> AffinePoint {
    sum_of_multiples(scalar).into_affine()
}

/// G times each of two scalars, for the price of one inversion.
fn both_times_g(scalars: [Scalar; 2]) -> [AffinePoint; 2] {
    let points = Projective::normalize_batch(&scalars.map(sum_of_multiples));
    [points[0], points[1]]
}

/// G times an scalar, by a table of its multiples.
fn sum_of_multiples(scalar: Scalar) -> Projective {
    /// For each byte of an scalar, the multiples that it can say.
    static TABLE: LazyLock<Vec<Vec<Affine>>> = LazyLock::new(|| {
        let mut base = Affine::generator().into_group();
        let mut window = || {
            let multiples: Vec<Projective> =
                std::iter::successors(Some(base), |multiple| Some(*multiple + base)).take(256).collect();
            base = multiples[255];
            Projective::normalize_batch(&multiples[..255])
        };
        (0..32).map(|_| window()).collect()
    });
    let bytes = scalar.into_bigint().to_bytes_le();
    let said = TABLE.iter().zip(bytes).filter(|(_, byte)| *byte != 0);
    said.fold(Projective::zero(), |sum, (multiples, byte)| sum + multiples[usize::from(byte) - 1])
}

/// A point times an scalar.
pub fn times(point: AffinePoint, scalar: Scalar) -> AffinePoint {
    (point * scalar).into_affine()
}

/// The sum of two points.
pub fn plus(left: AffinePoint, right: AffinePoint) -> AffinePoint {
    (left.into_group() + right).into_affine()
}

/// The point with this x, if the curve has one, and a y of this parity.
pub fn lift_x(x: U256, y_is_odd: bool) -> Option<AffinePoint> {
    if x >= SECP256K1.p {
        return None;
    }
    let x = Fq::from_be_bytes_mod_order(&x.to_be_bytes::<32>());
    let (even, odd) = Affine::get_ys_from_x_unchecked(x)
        .map(|(a, b)| if a.into_bigint().is_odd() { (b, a) } else { (a, b) })?;
    Some(Affine::new_unchecked(x, if y_is_odd { odd } else { even }))
}

/// The first point whose x is `x` or above, and its x.
pub fn next_point(x: U256, y_is_odd: bool) -> (U256, AffinePoint) {
    let mut x = x;
    loop {
        match lift_x(x, y_is_odd) {
            Some(point) => return (x, point),
            None if x >= SECP256K1.p => x = U256::ZERO,
            None => x += U256::ONE,
        }
    }
}

/// A point with this y, if there is one.
pub fn lift_y(y: U256) -> Option<AffinePoint> {
    if y >= SECP256K1.p {
        return None;
    }
    let y = Fq::from_be_bytes_mod_order(&y.to_be_bytes::<32>());
    let cube = y.square() - Fq::from(7);
    // p is 7 modulo 9, so that this power of a cube is a cube root of it.
    let x = cube.pow(((SECP256K1.p + U256::from(2)) / U256::from(9)).as_limbs());
    (x.square() * x == cube).then(|| Affine::new_unchecked(x, y))
}

/// The first point whose y is `y` or above, and its y.
pub fn next_point_by_y(y: u32) -> (U256, AffinePoint) {
    let lifted = (u64::from(y)..).map(U256::from).find_map(|y| Some((y, lift_y(y)?)));
    lifted.unwrap_or_else(|| unreachable!("a third of all y have points"))
}

/// An input with its key.
#[derive(Debug, Clone, Copy)]
pub struct Built {
    /// The input.
    pub input: ScalarInput,
    /// The key that it recovers; the point at infinity where there is none.
    pub key: AffinePoint,
}

impl Built {
    /// The right answer.
    pub fn answer(&self) -> Expectation {
        if self.key.is_zero() {
            return Expectation::Rejected(Refusal::Recovery(Reason::QInfinity));
        }
        let public_key = public_key(&self.key);
        Expectation::Recovered { address: public_key.address(), public_key }
    }

    /// The twin with n - s and the other parity, which has the same key.
    pub fn twin(mut self) -> Self {
        self.input.s = Word::from(SECP256K1.n - self.input.s.number());
        self.input.recovery_id ^= 1;
        self
    }

    /// Itself, or its twin where its s is high.
    pub fn low_s(self) -> Self {
        if self.input.s.number() > SECP256K1.n >> 1 { self.twin() } else { self }
    }
}

/// Whether it is the point at infinity.
pub fn is_infinity(point: &AffinePoint) -> bool {
    point.is_zero()
}

/// A point as a public key.
pub fn public_key(point: &AffinePoint) -> PublicKey {
    let (x, y) = coordinates(point);
    PublicKey { x: x.to_be_bytes(), y: y.to_be_bytes() }
}

/// The input whose nonce point is `nonce` and whose key is u1·G + u2·R, which the caller knows. R must not be
/// at infinity, and u2 not zero.
pub fn from_nonce_point(nonce: AffinePoint, u1: Scalar, u2: Scalar, key: AffinePoint) -> Built {
    let (x, y) = coordinates(&nonce);
    let r = reduce(x);
    let recovery_id = u8::from(y.bit(0)) | (u8::from(x >= SECP256K1.n) << 1);
    let input = ScalarInput { digest: word(-u1 * r), r: word(r), s: word(u2 * r), recovery_id };
    Built { input, key }
}

/// The input whose nonce point is k·G and whose key is (u1 + u2·k)·G.
pub fn from_nonce(k: Scalar, u1: Scalar, u2: Scalar) -> Built {
    let [nonce, key] = both_times_g([k, u1 + u2 * k]);
    from_nonce_point(nonce, u1, u2, key)
}

/// The signature of a digest with a key and a nonce. Its s may be high.
pub fn sign(digest: Word, key: Scalar, k: Scalar) -> Built {
    let [nonce, public] = both_times_g([k, key]);
    let r = reduce(coordinates(&nonce).0);
    let inverse = k.inverse().unwrap_or_default();
    let s = inverse * (reduce(digest.number()) + r * key);
    // s = 0 asks for one digest in n: the next nonce then.
    if s.is_zero() {
        return sign(digest, key, k + Scalar::from(1));
    }
    let mut built = from_nonce_point(nonce, Scalar::from(0), Scalar::from(1), public);
    (built.input.digest, built.input.s) = (digest, word(s));
    built
}

/// The input whose key is a given point: R = a·G + b·Q, and so Q = -(a/b)·G + (1/b)·R.
pub fn for_key(key: AffinePoint, a: Scalar, b: Scalar) -> Built {
    let nonce = plus(times_g(a), times(key, b));
    let inverse = b.inverse().unwrap_or_default();
    if nonce.is_zero() {
        return for_key(key, a + Scalar::from(1), b);
    }
    from_nonce_point(nonce, -a * inverse, inverse, key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether y² - 7 is a cube modulo p, by Euler's criterion over big integers.
    fn has_point(y: u64) -> bool {
        let p = SECP256K1.p;
        let cube = U256::from(y * y).add_mod(p - U256::from(7), p);
        cube.pow_mod((p - U256::ONE) / U256::from(3), p) == U256::ONE
    }

    #[test]
    fn points_by_their_y_are_on_the_curve_and_none_is_missed() {
        let mut found = 0;
        for y in 0..60 {
            let point = lift_y(U256::from(y));
            assert_eq!(point.is_some(), has_point(y), "{y}");
            if let Some(point) = point {
                let key = public_key(&point);
                assert_eq!(U256::from_be_bytes(key.y), U256::from(y));
                assert!(PublicKey::from_sec1(&key.uncompressed()).is_ok(), "{key}");
                found += 1;
            }
        }
        assert!((10..35).contains(&found), "{found} of 60");
        assert!(lift_y(SECP256K1.p + U256::ONE).is_none());
    }
}
