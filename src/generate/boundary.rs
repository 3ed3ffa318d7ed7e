//! Boundary values for digest, r and s, and every recovery id around the four.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::construct::{scalar, sign};
use super::{Made, Strategy};
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::judge::fact::Fact;
use crate::reference::SECP256K1;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "boundary",
    about: "digest, r and s from {0, 1, n-2..n+2, n/2, n/2+1, p-n, p-1, p, 2^256-1} or random, recovery ids 0 to 5; or one of them in a sound input",
    reaches: &[
        Fact::RZero,
        Fact::RNotBelowN,
        Fact::RModNZero,
        Fact::RModPIsX,
        Fact::RNotBelowP,
        Fact::SZero,
        Fact::SNotBelowN,
        Fact::SModNZero,
        Fact::DigestZero,
        Fact::DigestNotBelowN,
        Fact::XNotBelowP,
        Fact::RPlusNIsX,
        Fact::XOffCurve,
        Fact::STopBit,
        Fact::SBoundary,
        Fact::RecoveryIdOutOfRange,
    ],
    classes: &[],
    make,
};

static VALUES: LazyLock<Vec<U256>> = LazyLock::new(|| {
    let (n, p, one, two) = (SECP256K1.n, SECP256K1.p, U256::ONE, U256::from(2));
    let half = n >> 1;
    vec![
        // More than once: each of r and s must be these in any run of 2,000 cases.
        U256::ZERO,
        U256::ZERO,
        n,
        n,
        one,
        two,
        n - two,
        n - one,
        n,
        n + one,
        n + two,
        half,
        half + one,
        p - n - one,
        p - n,
        p - n + one,
        p - one,
        p,
        p + one,
        U256::MAX,
    ]
});

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    if u.ratio(1, 3)? {
        // All else is sound, so that only the bound can be the reason of a rejection.
        let mut input = sign(Word(u.arbitrary()?), scalar(u)?, scalar(u)?).input;
        let zero_or_n = [U256::ZERO, SECP256K1.n];
        let bound = if u.arbitrary()? { *u.choose(&zero_or_n)? } else { *u.choose(&VALUES)? };
        match u.int_in_range(0..=3)? {
            0 => input.digest = Word::from(bound),
            1 => input.r = Word::from(bound),
            _ => input.s = Word::from(bound),
        }
        return Ok(Made::unknown(input));
    }
    let (digest, r, s) = (value(u)?, value(u)?, value(u)?);
    Ok(Made::unknown(ScalarInput { digest, r, s, recovery_id: u.int_in_range(0..=5)? }))
}

fn value(u: &mut Unstructured<'_>) -> Result<Word> {
    if u.ratio(1, 3)? { u.arbitrary().map(Word) } else { u.choose(&VALUES).map(|value| Word::from(*value)) }
}
