//! Nonce points whose x is n or more, so that r was reduced: recovery ids 2 and 3 that succeed, and the edge
//! around r = p - n where no such x is left.

use arbitrary::{Result, Unstructured};
use ruint::aliases::U256;

use super::construct::{from_nonce_point, lift_x, number, plus, scalar, times, times_g};
use super::{Made, Strategy};
use crate::input::bytes::Word;
use crate::judge::fact::Fact;
use crate::reference::SECP256K1;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "reduced",
    about: "recovery ids 2 and 3 that succeed, the same with 0 and 1, and r around p - n",
    reaches: &[Fact::XReduced, Fact::RPlusNBelowP, Fact::RIsX, Fact::XNotBelowP],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let room = SECP256K1.p - SECP256K1.n;
    let small: u8 = u.arbitrary()?;
    let any = number(u)? % room;
    let (u1, u2) = (scalar(u)?, scalar(u)?);
    let start = match u.int_in_range(0..=3)? {
        0 => U256::from(small),
        1 => room - U256::from(small) - U256::ONE,
        _ => any,
    };
    // Half of all x have a point: one comes within a few steps. t = 0 would be r = 0.
    let odd = u.arbitrary()?;
    let mut t = start.max(U256::ONE);
    let nonce = loop {
        match lift_x(t + SECP256K1.n, odd) {
            Some(nonce) => break nonce,
            None if t + U256::ONE < room => t += U256::ONE,
            None => t = U256::ONE,
        }
    };
    let built = from_nonce_point(nonce, u1, u2, plus(times_g(u1), times(nonce, u2)));
    let mut input = built.input;
    Ok(match u.int_in_range(0..=5)? {
        0 => {
            input.recovery_id &= 1;
            Made::unknown(input)
        }
        1 => {
            input.r = Word::from(room.saturating_sub(U256::from(2)) + U256::from(small % 5));
            Made::unknown(input)
        }
        2 => {
            input.r = Word::from(input.r.number() + room);
            Made::unknown(input)
        }
        _ => Made::known(input, built.answer()),
    })
}
