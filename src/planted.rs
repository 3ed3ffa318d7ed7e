//! Planted bugs: subjects that are wrong on purpose, each in exactly one way that some implementation once
//! was, to prove that the harness notices.
//!
//! Each is a right answer bent: what it does to the input, or to the output, of a sound implementation. None
//! of them is ever among the subjects that are compared.

mod call;
mod prehash;
mod scalar;
mod wire;

use std::sync::LazyLock;

use semver::Version;

use crate::bytes::Word;
use crate::case::{Call, Prehash, Scalar};
use crate::signature::{Signature, WireError};
use crate::subject::libsecp256k1::Libsecp256k1;
use crate::subject::{Identity, Lineage, Outcome, Subject};

/// A subject that is wrong in one way.
pub struct Planted {
    identity: Identity,
    /// What it gets wrong, in a line.
    pub about: &'static str,
    /// Where it was seen.
    pub thread: &'static str,
    wrong: Wrong,
}

/// Where a planted bug sits: what it does in the place of a sound implementation.
enum Wrong {
    Scalar(fn(&Scalar) -> Outcome),
    Prehash(fn(&Prehash) -> Outcome),
    Call(fn(&Call) -> Outcome),
    Sign(fn(&Word, &Word) -> Option<Signature>),
}

/// A decoder of wire layouts that is wrong in one way.
pub struct PlantedDecoder {
    /// Its name.
    pub name: &'static str,
    /// What it gets wrong, in a line.
    pub about: &'static str,
    /// Where it was seen.
    pub thread: &'static str,
    /// The decoder.
    pub decode: fn(crate::signature::Wire, &[u8], Option<u8>) -> Result<Signature, WireError>,
}

/// A planted bug before it is a subject: name, what it gets wrong, where it was seen, and how.
type Plant<T> = (&'static str, &'static str, &'static str, T);

/// Every planted bug that is a subject.
pub fn subjects() -> Vec<Planted> {
    let scalars = scalar::BUGS
        .iter()
        .map(|(name, about, thread, wrong)| (*name, *about, *thread, Wrong::Scalar(*wrong)));
    let prehashes = prehash::BUGS
        .iter()
        .map(|(name, about, thread, wrong)| (*name, *about, *thread, Wrong::Prehash(*wrong)));
    let calls =
        call::BUGS.iter().map(|(name, about, thread, wrong)| (*name, *about, *thread, Wrong::Call(*wrong)));
    let signs = scalar::SIGNING_BUGS
        .iter()
        .map(|(name, about, thread, wrong)| (*name, *about, *thread, Wrong::Sign(*wrong)));
    scalars
        .chain(prehashes)
        .chain(calls)
        .chain(signs)
        .map(|(name, about, thread, wrong)| {
            let version = Version::new(0, 0, 0);
            let lineage = Lineage { code: "planted", version: version.clone() };
            Planted { identity: Identity { name, version, lineage, entry: about }, about, thread, wrong }
        })
        .collect()
}

/// Every planted bug that is a decoder.
pub fn decoders() -> &'static [PlantedDecoder] {
    wire::BUGS
}

impl Subject for Planted {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn recover(&self, input: &Scalar) -> Outcome {
        match self.wrong {
            Wrong::Scalar(wrong) => wrong(input),
            _ => sound(input),
        }
    }

    fn recover_prehash(&self, input: &Prehash) -> Outcome {
        match self.wrong {
            Wrong::Prehash(wrong) => wrong(input),
            _ => Outcome::unsupported("a prehash that is not 32 bytes"),
        }
    }

    fn call(&self, input: &Call) -> Outcome {
        match self.wrong {
            Wrong::Call(wrong) => wrong(input),
            _ => Outcome::unsupported("an EVM call"),
        }
    }

    fn sign(&self, key: &Word, digest: &Word) -> Option<Signature> {
        match self.wrong {
            Wrong::Sign(wrong) => wrong(key, digest),
            _ => None,
        }
    }
}

/// A sound implementation to bend: libsecp256k1.
fn sound(input: &Scalar) -> Outcome {
    libsecp256k1().recover(input)
}

fn libsecp256k1() -> &'static Libsecp256k1 {
    static SOUND: LazyLock<Libsecp256k1> = LazyLock::new(Libsecp256k1::default);
    &SOUND
}
