//! Points in affine coordinates.

use crrl::field::GFsecp256k1 as Fq;

use crate::input::hash::keccak256;
use crate::input::key::{Address, PublicKey};

/// A point of the curve.
#[derive(Debug, Clone, Copy)]
pub struct CurvePoint {
    pub(super) x: Fq,
    /// Zero for the point at infinity, and for no other: the curve's order is odd.
    pub(super) y: Fq,
}

impl CurvePoint {
    pub(super) const INFINITY: Self = Self { x: Fq::ZERO, y: Fq::ZERO };

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

    pub(super) fn opposite(self) -> Self {
        Self { x: self.x, y: -self.y }
    }

    /// The sum of two points that the chord's formula is not for.
    pub(super) fn add_special(self, other: Self) -> Self {
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
    pub(super) fn third(self, slope: Fq, abscissas: Fq) -> Self {
        let x = slope.square() - abscissas;
        Self { x, y: slope * (self.x - x) - self.y }
    }
}

/// Whether the chord's formula is not for these two points.
pub(super) fn is_special(point: &CurvePoint, other: &CurvePoint) -> bool {
    point.is_infinity() || other.is_infinity() || point.x.equals(other.x) != 0
}
