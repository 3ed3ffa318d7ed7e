//! Chosen keys: small coordinates, and leading zeros in x, y and address.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::construct::{Scalar, for_key, next_point, public_key, scalar, sign, times_g};
use super::{Made, Strategy};
use crate::input::bytes::Word;
use crate::judge::fact::Fact;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "chosen-key",
    about: "keys with small coordinates, or with leading zeros in x, y or address",
    reaches: &[Fact::LeadingZeroX, Fact::LeadingZeroY, Fact::LeadingZeroAddress],
    classes: &[],
    make,
};

/// Private keys below a bound whose x, y or address begins with a zero byte.
static ZEROS: LazyLock<[Vec<u64>; 3]> = LazyLock::new(|| {
    const BOUND: u64 = 6_000;
    let mut found = [vec![], vec![], vec![]];
    for private in 1..BOUND {
        let key = public_key(&times_g(Scalar::from(private)));
        let zeros = [key.x[0] == 0, key.y[0] == 0, key.address().0[0] == 0];
        found.iter_mut().zip(zeros).filter(|(_, zero)| *zero).for_each(|(keys, _)| keys.push(private));
    }
    found
});

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let (a, b) = (scalar(u)?, scalar(u)?);
    let built = match u.int_in_range(0..=4)? {
        kind @ 0..=2 => {
            let private = Scalar::from(*u.choose(&ZEROS[kind])?);
            sign(Word(u.arbitrary()?), private, a).low_s()
        }
        3 => sign(Word(u.arbitrary()?), Scalar::from(u.int_in_range(1..=16u64)?), a).low_s(),
        _ => {
            let (_, key) = next_point(U256::from(u.arbitrary::<u32>()?), u.arbitrary()?);
            for_key(key, a, b)
        }
    };
    Ok(Made::known(built.input, built.answer()))
}
