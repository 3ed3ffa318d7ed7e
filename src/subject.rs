//! Subjects: the implementations under test, one file each.
//!
//! A [`Subject`] receives raw input, never normalised, and reports what its implementation did as an
//! [`Outcome`]; [`mod@crate::judge`] judges it. [`all`] gives the subjects of this build, after a known-answer
//! test ([`canary`]).

pub mod canary;
pub mod evm;
mod k256;
pub(crate) mod libsecp256k1;
mod outcome;
pub(crate) mod panic;
mod revm;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use semver::{Comparator, Op, Version, VersionReq};
use serde::Serialize;

pub use self::outcome::{Outcome, OutcomeKind};

use self::canary::CanaryError;
use self::evm::OtherProvider;
use crate::format::Message;
use crate::input::bytes::Word;
use crate::input::signature::Signature;
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};

/// An implementation of public-key recovery, in one version.
pub trait Subject: Send + Sync {
    /// What is under test.
    fn identity(&self) -> &Identity;

    /// Hands the input over as it is and reports what came back. May panic: [`ask`] makes that an outcome.
    ///
    /// A subject that has the precompile alone need not say how: it is asked by a call.
    fn recover(&self, input: &ScalarInput) -> Outcome {
        match CallInput::of(input) {
            Some(call) => match self.call(&call) {
                Outcome::Unsupported { .. } => Outcome::unsupported("digest, r, s and recovery id"),
                outcome => outcome,
            },
            None => Outcome::unsupported("a recovery id above 1, in a call"),
        }
    }

    /// As [`Subject::recover`], for a subject that takes a prehash of any length.
    fn recover_prehash(&self, _input: &PrehashInput) -> Outcome {
        Outcome::unsupported("a prehash")
    }

    /// Makes the call, for a subject that has the precompile.
    fn call(&self, _input: &CallInput) -> Outcome {
        Outcome::unsupported("an EVM call")
    }

    /// Signs a digest with a private key, for a subject that signs; the signature's recovery id included.
    ///
    /// # Errors
    /// What it did instead. It is asked with sound keys only, so all but [`Outcome::Unsupported`] is wrong. May
    /// panic, as [`Subject::recover`] may.
    fn sign(&self, _key: &Word, _digest: &Word) -> Result<Signature, Outcome> {
        Err(Outcome::unsupported("signing"))
    }

    /// The argument of `--subject` that opens it, quoted for a shell, for one outside this process: a report's
    /// commands hold it. None where it holds a secret.
    fn spec(&self) -> Option<String> {
        None
    }

    /// Answers inputs in their order. A subject behind a pipe or a network has them in flight together.
    fn answer_all(&self, inputs: &[&Input]) -> Vec<Outcome> {
        inputs.iter().map(|input| ask(self, input)).collect()
    }

    /// The digests that it makes of messages of known formats, in their order; or what it did instead. Few
    /// subjects know formats.
    fn digest_all(&self, messages: &[&Message]) -> Vec<Result<Word, Outcome>> {
        messages.iter().map(|_| Err(Outcome::unsupported("a message"))).collect()
    }
}

/// What points at a subject is one.
macro_rules! pointers {
    ($($pointer:ty),+) => {$(
        impl<S: Subject + ?Sized> Subject for $pointer {
            fn identity(&self) -> &Identity {
                (**self).identity()
            }

            fn recover(&self, input: &ScalarInput) -> Outcome {
                (**self).recover(input)
            }

            fn recover_prehash(&self, input: &PrehashInput) -> Outcome {
                (**self).recover_prehash(input)
            }

            fn call(&self, input: &CallInput) -> Outcome {
                (**self).call(input)
            }

            fn sign(&self, key: &Word, digest: &Word) -> Result<Signature, Outcome> {
                (**self).sign(key, digest)
            }

            fn spec(&self) -> Option<String> {
                (**self).spec()
            }

            fn answer_all(&self, inputs: &[&Input]) -> Vec<Outcome> {
                (**self).answer_all(inputs)
            }

            fn digest_all(&self, messages: &[&Message]) -> Vec<Result<Word, Outcome>> {
                (**self).digest_all(messages)
            }
        }
    )+};
}
pointers!(&S, Box<S>, Arc<S>);

/// Who a subject is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Short and unique: what divergences and reports call it.
    pub name: &'static str,
    /// The version that is compiled in, from the lockfile.
    pub version: Version,
    /// Whose code computes.
    pub lineage: Lineage,
    /// The function or the way that is called.
    pub entry: &'static str,
}

impl Identity {
    /// The identity of an implementation that is not among ours: name, version, and whose code computes.
    ///
    /// A version that is not a semantic one reads as 0.0.0.
    pub fn new(name: &str, version: &str, code: &str) -> Self {
        let version = Version::parse(version).unwrap_or(Version::new(0, 0, 0));
        let lineage = Lineage { code: interned(code), version: version.clone() };
        Self { name: interned(name), version, lineage, entry: "a subject of yours" }
    }

    /// The requirement that this version alone meets: a prerelease too, which `>=0.0.0` never does.
    pub fn exactly(&self) -> VersionReq {
        let version = &self.version;
        let comparator = Comparator {
            op: Op::Exact,
            major: version.major,
            minor: Some(version.minor),
            patch: Some(version.patch),
            pre: version.pre.clone(),
        };
        VersionReq { comparators: vec![comparator] }
    }

    /// The same, with another function or way that is called.
    #[must_use]
    pub fn through(self, entry: &str) -> Self {
        Self { entry: interned(entry), ..self }
    }

    /// The same, whose code is another's, in this version of it.
    #[must_use]
    pub fn computed_by(self, code: &str, version: Version) -> Self {
        Self { lineage: Lineage { code: interned(code), version }, ..self }
    }
}

/// A name that lives as long as the process: outcomes and counts carry names, and there are few.
fn interned(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    names.get(name).copied().unwrap_or_else(|| {
        let name: &'static str = Box::leak(name.into());
        names.insert(name);
        name
    })
}

/// Whose code computes: two subjects of one lineage that agree prove little.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lineage {
    /// The crate whose arithmetic runs.
    pub code: &'static str,
    /// Its version, from the lockfile.
    pub version: Version,
}

/// Runs a subject; a panic becomes an outcome and prints nothing.
pub fn ask<S: Subject + ?Sized>(subject: &S, input: &Input) -> Outcome {
    let answer = || match input {
        Input::Scalar(input) => subject.recover(input),
        Input::Prehash(input) => subject.recover_prehash(input),
        Input::Call(input) => subject.call(input),
    };
    panic::catch(answer).unwrap_or_else(|panic| Outcome::Panicked { message: panic.message })
}

/// As [`ask`], for a signature.
///
/// # Errors
/// What it did instead.
pub fn ask_to_sign<S: Subject + ?Sized>(
    subject: &S,
    key: &Word,
    digest: &Word,
) -> Result<Signature, Outcome> {
    let answer = panic::catch(|| subject.sign(key, digest));
    answer.map_err(|panic| Outcome::Panicked { message: panic.message }).flatten()
}

/// Why no subject is handed out: nothing that this process says would count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSubjects {
    /// A subject or the reference does not know the known answers.
    #[error(transparent)]
    Canary(#[from] CanaryError),
    /// The EVM's subjects cannot recover with what they are named after.
    #[error(transparent)]
    OtherProvider(#[from] OtherProvider),
}

/// Every subject that is compiled in, after the canary has shown that their crypto is real.
///
/// # Errors
/// See [`NoSubjects`].
pub fn all() -> Result<&'static [Box<dyn Subject>], NoSubjects> {
    static ALL: LazyLock<Result<Vec<Box<dyn Subject>>, NoSubjects>> = LazyLock::new(|| {
        evm::backend::install()?;
        let subjects: Vec<Box<dyn Subject>> = vec![
            Box::new(k256::K256_0_14::default()),
            Box::new(k256::K256_0_13::default()),
            Box::new(libsecp256k1::Libsecp256k1::default()),
            Box::new(revm::RevmLibsecp256k1::default()),
            Box::new(revm::RevmK256::default()),
            Box::new(evm::Evm::libsecp256k1()),
            Box::new(evm::Evm::k256()),
        ];
        Ok(checked(subjects)?)
    });
    match &*ALL {
        Ok(subjects) => Ok(subjects),
        Err(error) => Err(error.clone()),
    }
}

/// The subjects, if the canary lives.
fn checked(subjects: Vec<Box<dyn Subject>>) -> Result<Vec<Box<dyn Subject>>, CanaryError> {
    canary::check(subjects.iter().map(Box::as_ref)).map(|()| subjects)
}

/// The version that build.rs read from the lockfile.
macro_rules! locked {
    ($variable:literal) => {
        semver::Version::parse(env!($variable))
            .unwrap_or_else(|_| unreachable!("build.rs read it as a version"))
    };
}
use locked;

#[cfg(test)]
mod tests {
    use super::*;

    struct Idle(Identity);

    impl Subject for Idle {
        fn identity(&self) -> &Identity {
            &self.0
        }

        fn recover(&self, _: &ScalarInput) -> Outcome {
            Outcome::rejected("idle")
        }
    }

    #[test]
    fn no_subject_is_handed_out_beside_one_that_does_not_know_the_answers() {
        let sound: Vec<Box<dyn Subject>> = vec![Box::new(libsecp256k1::Libsecp256k1::default())];
        assert!(checked(sound).is_ok());
        let idle = Idle(Identity::new("idle", "1.0.0", "idle"));
        let with_idle: Vec<Box<dyn Subject>> =
            vec![Box::new(libsecp256k1::Libsecp256k1::default()), Box::new(idle)];
        assert!(checked(with_idle).is_err());
    }
}
