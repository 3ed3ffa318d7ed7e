//! Planted bugs of functions that take a prehash of any length.

use super::{OnPrehash, Plant, plant, sound};
use crate::input::bytes::{Bytes, Word};
use crate::input::{PrehashInput, ScalarInput};
use crate::subject::Outcome;

pub(super) static BUGS: &[Plant<OnPrehash>] = &[
    plant(
        "prehash-padded-right",
        "pads a short prehash with zeros on the right",
        "SEC 1 4.1.3, step 5",
        |input| {
            with_digest(input, |bytes, digest| {
                let read = bytes.len().min(32);
                digest[..read].copy_from_slice(&bytes[..read]);
            })
        },
    ),
    plant(
        "prehash-rightmost",
        "takes the rightmost 32 bytes of a long prehash",
        "SEC 1 4.1.3, step 5",
        |input| {
            with_digest(input, |bytes, digest| {
                let read = bytes.len().min(32);
                digest[32 - read..].copy_from_slice(&bytes[bytes.len() - read..]);
            })
        },
    ),
    plant(
        "prehash-short-rejected",
        "rejects a prehash of fewer than 32 bytes",
        "RustCrypto/signatures, bits2field",
        |input| {
            if input.prehash.0.len() < 32 { Outcome::rejected("prehash") } else { sound(&input.leftmost()) }
        },
    ),
    plant(
        "prehash-length-8-bits",
        "keeps the length of a prehash in 8 bits",
        "class: a length in too few bits",
        |input| {
            let length = input.prehash.0.len() & 0xff;
            let prehash = Bytes(input.prehash.0[..length].to_vec());
            sound(&PrehashInput { prehash, ..input.clone() }.leftmost())
        },
    ),
];

fn with_digest(input: &PrehashInput, fill: impl Fn(&[u8], &mut [u8; 32])) -> Outcome {
    let mut digest = [0; 32];
    fill(&input.prehash.0, &mut digest);
    sound(&ScalarInput { digest: Word(digest), ..input.leftmost() })
}
