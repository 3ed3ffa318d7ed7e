//! The nonce point R, the key Q and u2·R with chosen coordinates: the point is chosen first, then u1 and u2, then
//! what follows. And with chosen intermediate values, x³ and y² of the curve's equation, and Montgomery forms.

use std::sync::{LazyLock, OnceLock};

use arbitrary::{Result, Unstructured};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};
use ruint::aliases::U256;

use super::class::Family;
use super::construct::{
    Built, Scalar, cube_root, for_nonce_point, lift_x, lift_y, plus, scalar, times, times_g,
};
use super::pattern::{of_length, patterned};
use super::{Made, Strategy};
use crate::judge::fact::Fact;
use crate::reference::{Point, SECP256K1};

pub(super) const NONCE: Strategy = Strategy {
    name: "nonce-coordinates",
    about: "nonce points with chosen coordinates: tiny, next to a bound, with special limbs",
    reaches: &[Fact::XReduced],
    classes: &[Family::Nonce, Family::R],
    make: |u| make(u, Place::Nonce),
};

pub(super) const KEY: Strategy = Strategy {
    name: "key-coordinates",
    about: "keys with chosen coordinates: tiny, next to a bound, with special limbs",
    reaches: &[Fact::LeadingZeroX, Fact::LeadingZeroY, Fact::KeyNotBelowN],
    classes: &[Family::Key],
    make: |u| make(u, Place::Key),
};

pub(super) const PRODUCT: Strategy = Strategy {
    name: "product-coordinates",
    about: "u2·R with chosen coordinates: tiny, next to a bound, with special limbs",
    reaches: &[],
    classes: &[Family::Product],
    make: |u| make(u, Place::Product),
};

/// Where the chosen point stands.
#[derive(Clone, Copy)]
enum Place {
    Nonce,
    Key,
    Product,
}

fn make(u: &mut Unstructured<'_>, place: Place) -> Result<Made> {
    let Chosen { point, multiplier, multiple } = Chosen::number(u.choose_index(POINTS)?);
    // R = u2·R as often as not: one point in two places; with u1 = 0 it is in three.
    let (multiplier, multiple) =
        if u.ratio(1, 3)? { (Scalar::from(1), point) } else { (*multiplier, multiple) };
    let u1 = match u.int_in_range(0..=7)? {
        0 => Scalar::from(0),
        1 => Scalar::from(u.int_in_range(1..=16u64)?),
        2 | 3 => super::construct::reduce(patterned(u, SECP256K1.n)?),
        _ => scalar(u)?,
    };
    let inverse = Scalar::from(1) / multiplier;
    let built = match place {
        Place::Nonce => {
            Built { input: for_nonce_point(*point, u1, multiplier), key: plus(times_g(u1), *multiple) }
        }
        Place::Product => {
            Built { input: for_nonce_point(*multiple, u1, inverse), key: plus(times_g(u1), *point) }
        }
        Place::Key => {
            // Q = u1·G + u2·R for R = (Q - u1·G)/u2.
            let nonce = plus(times_g(-(u1 * multiplier)), *multiple);
            Built { input: for_nonce_point(nonce, u1, inverse), key: *point }
        }
    };
    Ok(Made::known(built.input, built.answer()))
}

/// How many points there are to choose from.
const POINTS: usize = 1 << 10;

/// A point with a special coordinate, and a multiple of it.
struct Chosen {
    point: Point,
    multiplier: Scalar,
    multiple: Point,
}

impl Chosen {
    /// The point of this number. It is found when it is first asked for: a search costs some ten roots.
    fn number(number: usize) -> &'static Self {
        static FOUND: LazyLock<Vec<OnceLock<Chosen>>> =
            LazyLock::new(|| (0..POINTS).map(|_| OnceLock::new()).collect());
        FOUND[number].get_or_init(|| Self::search(number))
    }

    fn search(number: usize) -> Self {
        let mut stream = ChaCha8Rng::seed_from_u64(number as u64);
        let mut bytes = [0; 256];
        loop {
            stream.fill_bytes(&mut bytes);
            let mut u = Unstructured::new(&bytes);
            match (Self::try_point(number, &mut u), scalar(&mut u)) {
                (Ok(Some(point)), Ok(multiplier)) => {
                    return Self { point, multiplier, multiple: times(point, multiplier) };
                }
                _ => continue,
            }
        }
    }

    /// A point, if the curve has one with the value that is drawn. Its number says what kind of value that is, as
    /// some kinds take more draws than others.
    fn try_point(number: usize, u: &mut Unstructured<'_>) -> Result<Option<Point>> {
        Ok(match number % 8 {
            0..=2 => {
                // What is next to n and n/2 in x is so in r.
                let modulus = if number.is_multiple_of(16) { SECP256K1.n } else { SECP256K1.p };
                lift_x(patterned(u, modulus)?, u.arbitrary()?)
            }
            3..=5 => lift_y(patterned(u, SECP256K1.p)?),
            _ => {
                let form = Form::DERIVED[number / 8 % Form::DERIVED.len()];
                let small = of_length(u, 36)?;
                let value = if number.is_multiple_of(2) { small } else { SECP256K1.p - small };
                form.point_with(value, u.arbitrary()?)
            }
        })
    }
}

/// What is computed of a point's coordinates: one of them, or a side of the curve's equation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// x.
    X,
    /// y.
    Y,
    /// x³.
    Cube,
    /// y².
    Square,
}

/// A value that a point's coordinates give, modulo p.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    /// Of what.
    pub(crate) of: Of,
    /// The Montgomery form of so many bits; 0 for none.
    pub(crate) bits: usize,
}

impl Form {
    /// Those that are not coordinates. Four limbs of 64 bits have Montgomery forms of 256 bits, five of 52 and ten
    /// of 26 bits of 260.
    pub(crate) const DERIVED: [Self; 10] = [
        Self { of: Of::Cube, bits: 0 },
        Self { of: Of::Square, bits: 0 },
        Self { of: Of::X, bits: 256 },
        Self { of: Of::Y, bits: 256 },
        Self { of: Of::Cube, bits: 256 },
        Self { of: Of::Square, bits: 256 },
        Self { of: Of::X, bits: 260 },
        Self { of: Of::Y, bits: 260 },
        Self { of: Of::Cube, bits: 260 },
        Self { of: Of::Square, bits: 260 },
    ];

    /// Its name.
    pub(crate) fn name(self) -> String {
        let of = match self.of {
            Of::X => "x",
            Of::Y => "y",
            Of::Cube => "x-cubed",
            Of::Square => "y-squared",
        };
        if self.bits == 0 { of.into() } else { format!("{of}-montgomery-{}", self.bits) }
    }

    /// 2 to the power of the form's bits.
    fn factor(self) -> U256 {
        U256::from(2).pow_mod(U256::from(self.bits), SECP256K1.p)
    }

    /// The value of a point.
    pub(crate) fn value(self, (x, y): (U256, U256)) -> U256 {
        static FACTORS: LazyLock<[U256; 2]> =
            LazyLock::new(|| [256, 260].map(|bits| Form { of: Of::X, bits }.factor()));
        let p = SECP256K1.p;
        let plain = match self.of {
            Of::X => x,
            Of::Y => y,
            Of::Cube => x.mul_mod(x, p).mul_mod(x, p),
            Of::Square => y.mul_mod(y, p),
        };
        match self.bits {
            0 => plain,
            256 => plain.mul_mod(FACTORS[0], p),
            _ => plain.mul_mod(FACTORS[1], p),
        }
    }

    /// A point with this value, if there is one.
    fn point_with(self, value: U256, y_is_odd: bool) -> Option<Point> {
        let p = SECP256K1.p;
        let plain = value.mul_mod(self.factor().inv_mod(p)?, p);
        let by_cube = |cube| lift_x(cube_root(cube)?, y_is_odd);
        match self.of {
            Of::X => lift_x(plain, y_is_odd),
            Of::Y => lift_y(plain),
            Of::Cube => by_cube(plain),
            Of::Square => by_cube(plain.add_mod(p - SECP256K1.b, p)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::construct::coordinates;

    #[test]
    fn points_have_the_values_that_they_were_asked_for() {
        for form in
            Form::DERIVED.into_iter().chain([Form { of: Of::X, bits: 0 }, Form { of: Of::Y, bits: 0 }])
        {
            let found: Vec<_> = (1..80u64)
                .filter_map(|value| Some((value, form.point_with(U256::from(value), false)?)))
                .collect();
            assert!((4..60).contains(&found.len()), "{form:?}: {}", found.len());
            for (value, point) in found {
                assert_eq!(form.value(coordinates(&point)), U256::from(value), "{form:?}");
            }
        }
        // 2 to the power of 256 is 2^32 + 977 more than p.
        let one = Form { of: Of::X, bits: 256 }.value((U256::ONE, U256::ZERO));
        assert_eq!(one, U256::from((1u64 << 32) + 977));
    }
}
