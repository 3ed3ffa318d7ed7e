//! Special cases of point addition in the middle of a double multiplication, where nobody expects them: the sum so
//! far is what is added next, or its negation. By Shamir's trick with G, R and G + R; by Strauss's method with
//! G, R and their images under the endomorphism.
//!
//! The most significant bits decide where the sum stands, so a few small digits and a nonce point that suits them
//! suffice; what follows is random.

use std::collections::HashMap;
use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::class::Family;
use super::construct::{Scalar, coordinates, from_nonce, number, reduce, times_g, word};
use super::halves::{lambda, split};
use super::{Made, Strategy};
use crate::judge::fact::Fact;
use crate::reference::Point;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "middle",
    about: "u1·G + u2·R whose partial sums, bit by bit, meet what is added next or its negation",
    reaches: &[Fact::SmallNonce],
    classes: &[Family::Middle],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let Plan { k, digits, signs, by_halves } = *u.choose(&PLANS)?;
    let bits: usize = u.int_in_range(1..=if by_halves { 120 } else { 250 })?;
    let signed = |digit: u64, negative: bool, u: &mut Unstructured<'_>| -> Result<Scalar> {
        let rest = number(u)? >> (256 - bits);
        let whole = reduce((U256::from(digit) << bits) | rest);
        Ok(if negative { -whole } else { whole })
    };
    let mut scalars = [Scalar::from(0); 4];
    for ((scalar, digit), negative) in scalars.iter_mut().zip(digits).zip(signs) {
        // Without halves, their places are empty.
        if by_halves || digit > 0 {
            *scalar = signed(digit, negative, u)?;
        }
    }
    let [a, b, c, d] = scalars;
    let built = from_nonce(k, a + b * lambda(), c + d * lambda());
    Ok(Made::known(built.input, built.answer()))
}

/// The first digits of the scalars of G, λ·G, R and λ·R, and a nonce for which they meet something special.
#[derive(Debug, Clone, Copy)]
struct Plan {
    k: Scalar,
    digits: [u64; 4],
    signs: [bool; 4],
    by_halves: bool,
}

/// The plans: by Shamir's trick, then by halves. As many of each are chosen from.
static PLANS: LazyLock<Vec<Plan>> = LazyLock::new(|| {
    let shamir: Vec<_> = shamir().collect();
    let halves: Vec<_> = halves().collect();
    let often = halves.len() / shamir.len();
    shamir.iter().cycle().take(often * shamir.len()).chain(&halves).copied().collect()
});

/// 2·(a·G + b·R) = ±G, ±R or ±(G + R), with one bit more of each.
fn shamir() -> impl Iterator<Item = Plan> {
    let ends = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1)];
    let small = (1..=3i64).flat_map(|a| (1..=3i64).map(move |b| (a, b)));
    small.flat_map(move |(a, b)| {
        // Where G + R is the point at infinity, it is not added.
        let sound = move |(of_g, of_r): &(i64, i64)| of_g - 2 * a != of_r - 2 * b;
        ends.into_iter().filter(sound).map(move |(of_g, of_r)| {
            let k = signed(of_g - 2 * a) / signed(2 * b - of_r);
            let digit = |doubled: i64, end: i64| doubled.unsigned_abs() + end.unsigned_abs();
            let digits = [digit(2 * a, of_g), 0, digit(2 * b, of_r), 0];
            Plan { k, digits, signs: [false; 4], by_halves: false }
        })
    })
}

/// 2·(a·G + b·λ·G + c·R + d·λ·R) = ± one of the four, with the next bit of that one set and of the others not.
fn halves() -> impl Iterator<Item = Plan> {
    (0..512u16).filter_map(|choice| {
        let bit = |place: u16| choice >> place & 1;
        let signs = [false, bit(0) == 1, false, bit(1) == 1];
        let of_sign = |negative: bool| if negative { -1 } else { 1 };
        let units = signs.map(of_sign);
        let doubled = [2 + 2 * bit(2), 2 * bit(3), 2 + 2 * bit(4), 2 * bit(5)].map(i64::from);
        let next = usize::from(bit(6) + 2 * bit(7));
        let end = of_sign(bit(8) == 1);
        let term = |place: usize| {
            let rest = if place == next { end } else { 0 };
            signed((doubled[place] - rest) * units[place])
        };
        let of_g = term(0) + term(1) * lambda();
        let of_r = term(2) + term(3) * lambda();
        let digits = std::array::from_fn(|place| doubled[place] as u64 + u64::from(place == next));
        let zero = Scalar::from(0);
        let solvable = of_g != zero && of_r != zero;
        solvable.then(|| Plan { k: -of_g / of_r, digits, signs, by_halves: true })
    })
}

fn signed(number: i64) -> Scalar {
    let size = Scalar::from(number.unsigned_abs());
    if number < 0 { -size } else { size }
}

/// The nonces of the plans, by the x of their points, with the parity of y.
static NONCES: LazyLock<HashMap<U256, (Scalar, bool)>> = LazyLock::new(|| {
    let entry = |plan: &Plan| {
        let (x, y) = coordinates(&times_g(plan.k));
        (x, (plan.k, y.bit(0)))
    };
    shamir().chain(halves()).map(|plan| entry(&plan)).collect()
});

/// What a partial sum is to what is added to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meets {
    /// The same: the addition doubles.
    Equal,
    /// Its negation: the sum is the point at infinity.
    Opposite,
}

/// What the partial sums meet by Shamir's trick, and by Strauss's method with halves. Nothing where the nonce is
/// not known.
pub(crate) fn met(nonce: &Point, u1: Scalar, u2: Scalar) -> [Vec<Meets>; 2] {
    let (x, y) = coordinates(nonce);
    let Some((k, y_is_odd)) = NONCES.get(&x) else { return Default::default() };
    let k = if y.bit(0) == *y_is_odd { *k } else { -*k };
    let [one, two] = [u1, u2].map(|scalar| word(scalar).number());
    let by_shamir = meets(255, |bit| {
        let of = |number: U256, point| if number.bit(bit) { point } else { Scalar::from(0) };
        vec![of(one, Scalar::from(1)) + of(two, k)]
    });
    let bases = [Scalar::from(1), lambda(), k, k * lambda()];
    let halves: Vec<_> = [u1, u2].into_iter().flat_map(split).zip(bases).collect();
    let by_halves = meets(130, |bit| {
        let set = halves.iter().filter(|(half, _)| half.size.bit(bit));
        set.map(|(half, base)| if half.negative { -*base } else { *base }).collect()
    });
    [by_shamir, by_halves]
}

/// Doubles and adds from a bit down, without the last: what each sum met.
fn meets(first: usize, added: impl Fn(usize) -> Vec<Scalar>) -> Vec<Meets> {
    let zero = Scalar::from(0);
    let (mut sum, mut met) = (zero, Vec::new());
    for bit in (1..=first).rev() {
        sum += sum;
        for point in added(bit) {
            if sum != zero && point != zero && sum == point {
                met.push(Meets::Equal);
            }
            if sum != zero && sum == -point {
                met.push(Meets::Opposite);
            }
            sum += point;
        }
    }
    met
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_meets_what_is_added_to_it() {
        let (two, four, six) = (Scalar::from(2), Scalar::from(4), Scalar::from(6));
        // R = -G/2: G + R = G/2, doubled it is the G that is added next. R = -3·G/2: it is -G.
        for (k, meets) in [(-(Scalar::from(1) / two), Meets::Equal), (-six / four, Meets::Opposite)] {
            assert_eq!(met(&times_g(k), six, four)[0], [meets]);
        }
        for plan in PLANS.iter() {
            let [a, b, c, d] = std::array::from_fn(|place| {
                let whole = Scalar::from(plan.digits[place] << 9);
                if plan.signs[place] { -whole } else { whole }
            });
            let (u1, u2) = (a + b * lambda(), c + d * lambda());
            let met = met(&times_g(plan.k), u1, u2);
            assert!(!met[usize::from(plan.by_halves)].is_empty(), "{plan:?}");
        }
        assert!(met(&times_g(Scalar::from(1u64 << 40)), six, four).iter().all(Vec::is_empty));
    }
}
