//! A point in affine coordinates, as tables and results hold it.

use ruint::aliases::U256;

use crate::input::hash::keccak256;
use crate::input::key::{Address, PublicKey};
use crate::reference::{Point, SECP256K1, twin};

/// A point of the curve, in one line of the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(64))]
pub struct CurvePoint {
    /// x, then y, below p, each the lowest word first. Zeros are the point at infinity; no other has y = 0,
    /// as the curve's order is odd.
    pub(super) words: [u64; 8],
}

impl CurvePoint {
    pub(super) const INFINITY: Self = Self { words: [0; 8] };

    /// The point of a key, if it is on the curve.
    pub fn new(key: &PublicKey) -> Option<Self> {
        PublicKey::from_sec1(&key.uncompressed()).ok()?;
        let bytes = key.xy();
        let word = |at: usize| u64::from_be_bytes(std::array::from_fn(|byte| bytes[8 * at + byte]));
        Some(Self { words: [3, 2, 1, 0, 7, 6, 5, 4].map(word) })
    }

    /// x, then y, big-endian; zeros for the point at infinity.
    pub fn xy(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        for (to, word) in bytes.chunks_exact_mut(8).zip(self.big_endian()) {
            to.copy_from_slice(&word.to_be_bytes());
        }
        bytes
    }

    /// x, then y, each the highest word first.
    pub(super) fn big_endian(&self) -> [u64; 8] {
        let [a, b, c, d, e, f, g, h] = self.words;
        [d, c, b, a, h, g, f, e]
    }

    /// x, big-endian.
    pub fn x_bytes(&self) -> [u8; 32] {
        let xy = self.xy();
        std::array::from_fn(|at| xy[at])
    }

    /// The sum of two points, by itself: for the few that no batch is made for.
    pub fn plus(self, other: Self) -> Self {
        Self::from_point(twin::add(self.point(), other.point()))
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

    pub(super) fn is_infinity(&self) -> bool {
        self.words[4..] == [0; 4]
    }

    pub(super) fn from_point(point: Point) -> Self {
        let Point::Affine { x, y } = point else { return Self::INFINITY };
        let ([a, b, c, d], [e, f, g, h]) = (x.into_limbs(), y.into_limbs());
        Self { words: [a, b, c, d, e, f, g, h] }
    }

    fn point(&self) -> Point {
        if self.is_infinity() {
            return Point::Infinity;
        }
        let [a, b, c, d, e, f, g, h] = self.words;
        Point::Affine { x: U256::from_limbs([a, b, c, d]), y: U256::from_limbs([e, f, g, h]) }
    }

    fn opposite(self) -> Self {
        match self.point() {
            Point::Infinity => self,
            Point::Affine { x, y } => Self::from_point(Point::Affine { x, y: SECP256K1.p - y }),
        }
    }
}
