//! The fast engine: many keys from one nonce.
//!
//! A signature fixes R, so every candidate digest z gives a key Q = (s/r)·R - (z/r)·G in which only the last
//! term changes. That term is a sum of precomputed multiples of G; affine additions are made for a whole
//! batch at a time and share one inversion (Montgomery's trick), so that each costs six multiplications.
//! Nothing here is constant-time.
//!
//! The multiplications are made in the processor's lanes, several at a time: no library has this field so.
//! What is asked once, and what the chord's formula is not for, is the twin's.

mod adder;
mod calculator;
mod field;
mod point;
mod table;

use ark_ff::{BigInt, BigInteger as _, Field as _, PrimeField as _};
use ark_secp256k1::Fr;

use crate::generate::construct;
use crate::input::key::Address;
use crate::reference::Point;
use calculator::{Calculator, calculator};
pub use point::CurvePoint;
use table::Scalar;
pub use table::Table;

/// What the readings of a signature with one r share.
#[derive(Debug, Clone)]
pub struct Nonce {
    /// 1/r.
    inverse: Fr,
}

impl Nonce {
    /// For this r, which is not zero modulo n.
    pub fn new(r: &[u8; 32]) -> Option<Self> {
        Some(Self { inverse: Fr::from_be_bytes_mod_order(r).inverse()? })
    }

    /// (s/r)·R: what a reading adds to -(z/r)·G. None at infinity.
    pub fn shift(&self, s: &[u8; 32], nonce_point: Point) -> Option<CurvePoint> {
        let shift = construct::times(nonce_point, Fr::from_be_bytes_mod_order(s) * self.inverse);
        if shift == Point::Infinity { None } else { CurvePoint::new(&construct::public_key(&shift)) }
    }

    /// -z/r.
    fn scalar(&self, digest: &[u8; 32]) -> Scalar {
        let mut number = BigInt::<4>(std::array::from_fn(|limb| {
            let at = 32 - 8 * (limb + 1);
            u64::from_be_bytes(std::array::from_fn(|byte| digest[at + byte]))
        }));
        if number >= Fr::MODULUS {
            number.sub_with_borrow(&Fr::MODULUS);
        }
        // Montgomery's product of a plain number and one in his form is a plain number.
        let product = Fr::new_unchecked(number) * self.inverse;
        Scalar::new((-product).0)
    }
}

/// Computes keys, batch after batch, for one thread.
#[derive(Debug)]
pub struct Engine<'a> {
    table: &'a Table,
    calculator: Box<dyn Calculator>,
    scalars: Vec<Scalar>,
    /// -(z/r)·G for each digest of the batch.
    terms: Vec<CurvePoint>,
    sums: Vec<CurvePoint>,
    less: Vec<CurvePoint>,
    addresses: [Vec<Address>; 2],
}

impl<'a> Engine<'a> {
    /// How many digests a batch should have: enough that the inversion does not count, few enough for the cache.
    pub const BATCH: usize = 1024;

    /// An engine that uses this table.
    pub fn new(table: &'a Table) -> Self {
        let (scalars, terms, sums, less) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { table, calculator: calculator(), scalars, terms, sums, less, addresses: Default::default() }
    }

    /// -(z/r)·G for each digest z.
    pub fn terms(&mut self, nonce: &Nonce, digests: &[[u8; 32]]) -> &[CurvePoint] {
        self.scalars.clear();
        self.scalars.extend(digests.iter().map(|digest| nonce.scalar(digest)));
        self.calculator.multiply(self.table, &self.scalars, &mut self.terms);
        &self.terms
    }

    /// The keys of the last batch for a reading whose R has this shift, and for the one whose R is opposite.
    ///
    /// With R, Q = shift + term; with -R, Q = term - shift.
    pub fn keys(&mut self, shift: CurvePoint) -> (&[CurvePoint], &[CurvePoint]) {
        self.calculator.add_and_subtract(&self.terms, shift, &mut self.sums, &mut self.less);
        (&self.sums, &self.less)
    }

    /// The same keys, each with its address; a point at infinity, which is no key, with one that means nothing.
    pub fn addresses(&mut self, shift: CurvePoint) -> [impl Iterator<Item = (&CurvePoint, &Address)>; 2] {
        self.keys(shift);
        let [same, opposite] = &mut self.addresses;
        self.calculator.addresses(&self.sums, same);
        self.calculator.addresses(&self.less, opposite);
        [self.sums.iter().zip(&*same), self.less.iter().zip(&*opposite)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate;
    use crate::input::ScalarInput;
    use crate::input::bytes::Word;
    use crate::input::key::PublicKey;
    use crate::reference::SECP256K1;

    fn shown(point: &CurvePoint) -> Option<[u8; 64]> {
        point.public_key().map(|key| key.xy())
    }

    /// Inputs that every strategy of the generators makes, those of the equal and opposite points among them.
    fn inputs() -> Vec<ScalarInput> {
        let strategies: Vec<_> = generate::STRATEGIES.iter().collect();
        let made =
            (0..600).map(|number| generate::generate(&crate::run::fuzz::bytes(5, number), &strategies).input);
        made.filter_map(|input| match input {
            crate::input::Input::Scalar(input) if input.recovery_id < 4 => Some(input),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn a_nonce_gives_the_keys_that_the_reference_recovers() {
        let table = Table::new(8);
        let mut engine = Engine::new(&table);
        let (mut recovered, mut rejected) = (0, 0);
        for input in inputs() {
            let x = if input.recovery_id < 2 {
                Some(input.r.number())
            } else {
                input.r.number().checked_add(SECP256K1.n)
            };
            let nonce_point = x.and_then(|x| construct::lift_x(x, input.recovery_id & 1 == 1));
            let (Some(nonce), Some(nonce_point)) = (Nonce::new(&input.r.0), nonce_point) else { continue };
            if input.r.number() >= SECP256K1.n
                || input.s.number().is_zero()
                || input.s.number() >= SECP256K1.n
            {
                continue; // not a signature: readings leave it out
            }
            let digests = [input.digest.0, [7; 32], input.digest.0, [0; 32]];
            engine.terms(&nonce, &digests);
            let Some(shift) = nonce.shift(&input.s.0, nonce_point) else { continue };
            let (same, opposite) = engine.keys(shift);
            for (at, digest) in digests.into_iter().enumerate() {
                for (key, recovery_id) in
                    [(same[at], input.recovery_id), (opposite[at], input.recovery_id ^ 1)]
                {
                    let asked = ScalarInput { digest: Word(digest), recovery_id, ..input };
                    let expected = asked
                        .recover_by_reference()
                        .ok()
                        .and_then(|recovered| PublicKey::from_point(recovered.q));
                    assert_eq!(shown(&key), expected.map(|key| key.xy()), "{asked:?}");
                    assert_eq!(key.address(), expected.map(|key| key.address()));
                    *(if expected.is_some() { &mut recovered } else { &mut rejected }) += 1;
                }
            }
        }
        assert!(recovered > 1000 && rejected > 5, "{recovered} recovered, {rejected} rejected");
    }
}
