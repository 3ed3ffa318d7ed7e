//! Valid signatures with a low s: any key, any nonce, any digest.

use arbitrary::{Result, Unstructured};

use super::construct::{scalar, sign};
use super::{Made, Strategy};
use crate::input::bytes::Word;
use crate::judge::fact::Fact;

pub(super) const STRATEGY: Strategy = Strategy {
    name: "valid",
    about: "valid signatures with a low s",
    reaches: &[Fact::Ordinary],
    classes: &[],
    make,
};

fn make(u: &mut Unstructured<'_>) -> Result<Made> {
    let (key, k, digest) = (scalar(u)?, scalar(u)?, Word(u.arbitrary()?));
    let built = sign(digest, key, k).low_s();
    Ok(Made::known(built.input, built.answer()))
}
