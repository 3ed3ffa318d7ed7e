//! Values that are the same modulo n: s + n and r + n for a small s or r, and digest + n. The first two must
//! be refused, the third must not matter.

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::construct::{next_point, number};
use super::{Made, Strategy};
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::judge::fact::Fact;
use crate::reference::answer::{Expectation, Refusal};
use crate::reference::{Reason, SECP256K1};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "alias",
    about: "s + n, r + n and digest + n where they fit in 256 bits, and the originals",
    reaches: &[Fact::SNotBelowN, Fact::RNotBelowN, Fact::RModNIsX, Fact::DigestNotBelowN],
    classes: &[],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let room = U256::MAX - SECP256K1.n; // what is below fits with n added
    let small = |u: &mut Unstructured<'_>| -> Result<U256> {
        let bits: usize = u.int_in_range(1..=127)?;
        Ok((number(u)? >> (256 - bits)).clamp(U256::ONE, room))
    };
    let odd = u.arbitrary()?;
    let (r, _) = next_point(small(u)?, odd);
    let (s, digest) = (Word::from(small(u)?), Word::from(small(u)?));
    let mut input = ScalarInput { digest, r: Word::from(r), s, recovery_id: odd.into() };
    let plus_n = |word: Word| Word::from(word.number() + SECP256K1.n);
    let refused = |input, reason| Made::known(input, Expectation::Rejected(Refusal::Recovery(reason)));
    Ok(match u.int_in_range(0..=4)? {
        0 => Made::unknown(input),
        1 => {
            input.s = plus_n(input.s);
            refused(input, Reason::SNotBelowN)
        }
        2 => {
            input.r = plus_n(input.r);
            refused(input, Reason::RNotBelowN)
        }
        3 => {
            (input.r, input.s) = (plus_n(input.r), plus_n(input.s));
            refused(input, Reason::RNotBelowN)
        }
        _ => {
            input.digest = plus_n(input.digest);
            Made::unknown(input)
        }
    })
}
