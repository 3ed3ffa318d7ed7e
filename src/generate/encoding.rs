//! Signatures on the wire: written in a layout, sometimes broken there, and taken apart again.

use arbitrary::{Result, Unstructured};

use super::construct::{scalar, sign};
use super::{Made, Strategy};
use crate::input::ScalarInput;
use crate::input::bytes::Word;
use crate::input::signature::{Signature, Wire};

pub(super) const STRATEGY: Strategy = Strategy {
    name: "encoding",
    about: "signatures encoded in each wire layout, intact or damaged, and decoded",
    reaches: &[],
    classes: &[],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let built = sign(Word(u.arbitrary()?), scalar(u)?, scalar(u)?).low_s();
    let ScalarInput { digest, r, s, recovery_id } = built.input;
    let signature = Signature { r, s, recovery_id };
    let wire = *u.choose(&Wire::ALL)?;
    // A nonce point whose x was reduced, one in 2^128, has no place in most layouts.
    let Some(mut bytes) = wire.encode(&signature, Some(u.arbitrary::<u32>()?.into())) else {
        return Ok(Made::known(built.input, built.answer()));
    };
    let apart = wire.apart(recovery_id);
    let broken = u.ratio(1, 3)?;
    if broken {
        match u.int_in_range(0..=3)? {
            0 => bytes.truncate(u.int_in_range(0..=bytes.len())?),
            1 => bytes.push(u.arbitrary()?),
            2 => bytes.rotate_left(1),
            _ => {
                let at = u.choose_index(bytes.len())?;
                bytes[at] = u.arbitrary()?;
            }
        }
    }
    Ok(match wire.decode(&bytes, apart) {
        Ok(Signature { r, s, recovery_id }) => {
            let input = ScalarInput { digest, r, s, recovery_id };
            if broken { Made::unknown(input) } else { Made::known(input, built.answer()) }
        }
        Err(_) => Made::known(built.input, built.answer()),
    })
}
