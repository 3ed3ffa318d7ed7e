//! Planted bugs: subjects that are wrong on purpose, each in exactly one way that some implementation once
//! was, to prove that the harness notices.
//!
//! Each is a right answer bent: what it does to the input, or to the output, of a sound implementation. None
//! of them is ever among the subjects that are compared.

mod arithmetic;
mod call;
mod prehash;
mod scalar;
mod state;
mod twin;
mod wire;

use std::cell::RefCell;
use std::sync::LazyLock;

use semver::Version;

use crate::input::bytes::Word;
use crate::input::signature::{Decoder, Signature};
use crate::input::{CallInput, PrehashInput, ScalarInput};
use crate::reference::answer::Recovery;
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

/// Where a planted bug sits: what it does in the place of a sound implementation. One that recovers wrongly
/// does so in a sound precompile too.
enum Wrong {
    Scalar(Box<dyn Fn(&ScalarInput) -> Outcome + Send + Sync>),
    Prehash(OnPrehash),
    Call(Box<dyn Fn(&CallInput) -> Outcome + Send + Sync>),
    Sign(OnSign),
}

type OnScalar = fn(&ScalarInput) -> Outcome;
type OnPrehash = fn(&PrehashInput) -> Outcome;
type OnCall = fn(&CallInput) -> Outcome;
type OnSign = fn(&Word, &Word) -> Result<Signature, Outcome>;

/// A decoder of wire layouts that is wrong in one way.
pub struct PlantedDecoder {
    /// Its name.
    pub name: &'static str,
    /// What it gets wrong, in a line.
    pub about: &'static str,
    /// Where it was seen.
    pub thread: &'static str,
    /// The decoder.
    pub decode: Decoder,
}

/// A twin of the reference that is wrong in one way.
pub struct PlantedTwin {
    /// Its name.
    pub name: &'static str,
    /// What it gets wrong, in a line.
    pub about: &'static str,
    /// Where it was seen.
    pub thread: &'static str,
    /// The twin.
    pub recover: Recovery,
}

/// A planted bug before it is a subject.
struct Plant<T> {
    name: &'static str,
    about: &'static str,
    thread: &'static str,
    wrong: T,
}

/// Name, what it gets wrong, where it was seen, and how.
const fn plant<T>(name: &'static str, about: &'static str, thread: &'static str, wrong: T) -> Plant<T> {
    Plant { name, about, thread, wrong }
}

impl<T: Copy> Plant<T> {
    fn subject(&self, wrong: impl Fn(T) -> Wrong) -> Planted {
        let Self { name, about, thread, .. } = *self;
        let version = Version::new(0, 0, 0);
        let lineage = Lineage { code: "planted", version: version.clone() };
        let identity = Identity { name, version, lineage, entry: about };
        Planted { identity, about, thread, wrong: wrong(self.wrong) }
    }
}

impl Planted {
    /// Whether it signs wrongly, and recovers soundly.
    pub(crate) fn signs_wrongly(&self) -> bool {
        matches!(self.wrong, Wrong::Sign(_))
    }
}

/// Every planted bug that is a subject.
pub fn subjects() -> Vec<Planted> {
    let scalars = scalar::BUGS
        .iter()
        .chain(arithmetic::BUGS)
        .map(|bug| bug.subject(|wrong| Wrong::Scalar(Box::new(wrong))));
    let prehashes = prehash::BUGS.iter().map(|bug| bug.subject(Wrong::Prehash));
    let calls = call::BUGS.iter().map(|bug| bug.subject(|wrong| Wrong::Call(Box::new(wrong))));
    let signing = scalar::SIGNING_BUGS.iter().map(|bug| bug.subject(Wrong::Sign));
    scalars.chain(prehashes).chain(calls).chain(signing).chain(with_state()).collect()
}

/// The planted bugs that depend on what was asked before, or at the same time: each call gives new ones, which
/// were asked nothing.
pub fn with_state() -> impl Iterator<Item = Planted> {
    state::BUGS.iter().map(|bug| bug.subject(|new| new()))
}

/// Sound implementations in a planted bug's clothes, without a memory and with one: whoever finds fault with one
/// compares wrongly.
pub fn controls() -> [Planted; 2] {
    let stateless = plant::<OnScalar>("control", "nothing", "", sound);
    [stateless.subject(|sound| Wrong::Scalar(Box::new(sound))), state::HONEST_CACHE.subject(|new| new())]
}

/// Every planted bug that is a decoder.
pub fn decoders() -> &'static [PlantedDecoder] {
    wire::BUGS
}

/// Every planted bug of the reference's twin.
pub fn twins() -> &'static [PlantedTwin] {
    twin::BUGS
}

impl Subject for Planted {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn recover(&self, input: &ScalarInput) -> Outcome {
        match &self.wrong {
            Wrong::Scalar(wrong) => wrong(input),
            _ => sound(input),
        }
    }

    fn recover_prehash(&self, input: &PrehashInput) -> Outcome {
        match self.wrong {
            Wrong::Prehash(wrong) => wrong(input),
            _ => Outcome::unsupported("a prehash"),
        }
    }

    fn call(&self, input: &CallInput) -> Outcome {
        match &self.wrong {
            Wrong::Call(wrong) => wrong(input),
            Wrong::Scalar(wrong) => call::sound_around(input, wrong),
            _ => Outcome::unsupported("an EVM call"),
        }
    }

    fn sign(&self, key: &Word, digest: &Word) -> Result<Signature, Outcome> {
        match self.wrong {
            Wrong::Sign(wrong) => wrong(key, digest),
            _ => Err(Outcome::unsupported("signing")),
        }
    }
}

/// A sound implementation to bend: libsecp256k1. The last answer is kept, as a hunt asks every bug the same.
fn sound(input: &ScalarInput) -> Outcome {
    thread_local! {
        static LAST: RefCell<Option<(ScalarInput, Outcome)>> = const { RefCell::new(None) };
    }
    LAST.with_borrow_mut(|last| match last {
        Some((asked, outcome)) if asked == input => outcome.clone(),
        _ => last.insert((*input, libsecp256k1().recover(input))).1.clone(),
    })
}

fn libsecp256k1() -> &'static Libsecp256k1 {
    static SOUND: LazyLock<Libsecp256k1> = LazyLock::new(Libsecp256k1::default);
    &SOUND
}
