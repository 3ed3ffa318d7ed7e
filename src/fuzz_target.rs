//! Fuzz targets: what a coverage-guided fuzzer runs.
//!
//! A target is a type that is made from bytes ([`Arbitrary`]), shows itself as a readable case ([`Debug`]), and
//! can be examined. `fuzz/fuzz_targets/` holds one file of a few lines for each; the replay of seeds on stable,
//! `ecrecheck replay` and `ecrecheck seeds` go through [`TARGETS`] to the same functions.

mod case_files;
mod ecrecover_call;
mod format_parser;
mod message_formats;
mod recover;
pub mod seed;
mod signature_bytes;
pub(crate) mod text;

use std::collections::BTreeSet;
use std::fmt::{self, Debug, Write as _};

use arbitrary::{Arbitrary, Unstructured};

pub use case_files::CaseFiles;
pub use ecrecover_call::EcrecoverCall;
pub use format_parser::FormatParser;
pub use message_formats::MessageFormats;
pub use recover::Recover;
pub use signature_bytes::SignatureBytes;

use crate::corpus::Corpus;
use crate::generate::Generated;
use crate::input::Input;
use crate::judge::law::{self, Broken};
use crate::judge::{Divergence, Judged, judge};
use crate::reference::answer::Expectation;
use crate::report;
use crate::report::reproducer::one_line;
use crate::run::fuzz::examine;
use crate::subject::canary::CanaryError;
use crate::subject::panic::catch;
use crate::subject::{self, Subject};
use seed::Seed;

/// What cases are examined with.
#[derive(Clone, Copy)]
pub struct Harness<'a> {
    /// The implementations.
    pub subjects: &'a [Box<dyn Subject>],
    /// The documented differences.
    pub divergences: &'a [Divergence],
}

impl Harness<'static> {
    /// Every subject, and the divergences of the corpus that this was built with: a fuzzer may run where no
    /// corpus is.
    ///
    /// # Errors
    /// The canary is dead: a subject's cryptography is not real, as in some fuzzing builds.
    pub fn built_in() -> Result<Self, CanaryError> {
        Ok(Self { subjects: subject::all()?, divergences: Divergence::built_in() })
    }
}

/// Something that is wrong with a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Who is wrong: a subject, `reference`, a law, or the part of this program that was fed.
    pub who: String,
    /// What is wrong, in words.
    pub what: String,
    /// The input that shows it, where there is one: the case's own, or one that a law relates to it.
    pub input: Option<Input>,
}

impl Wrong {
    pub(crate) fn of(who: &str, what: impl Into<String>) -> Self {
        Self { who: who.to_owned(), what: what.into(), input: None }
    }
}

impl From<Broken> for Wrong {
    fn from(Broken { who, what, input }: Broken) -> Self {
        Self { who, what, input: Some(input) }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&one_line(&format!("{}: {}", self.who, self.what)))
    }
}

/// A case of a fuzz target.
pub trait Case: Debug {
    /// What is wrong with it: nothing, as a rule.
    fn examine(&self, harness: Harness<'_>) -> Vec<Wrong>;

    /// The classes that it is in, in words: what a set of seeds must have one of.
    fn classes(&self) -> BTreeSet<String>;

    /// The input of the scalar, prehash or call surface that it comes to, where it does.
    fn input(&self) -> Option<&Input> {
        None
    }
}

/// A fuzz target, by what it is made of.
pub struct Target {
    /// Its name: of the file in `fuzz/fuzz_targets/`, and of the folder of its seeds.
    pub name: &'static str,
    /// What it is fed, in a line.
    pub about: &'static str,
    /// Makes a case from bytes: any bytes are one.
    pub read: fn(&[u8]) -> Box<dyn Case>,
    /// The most bytes that are of use.
    pub(crate) max_len: usize,
    /// What may become a seed; [`seed::seeds`] keeps what shows something new.
    pub(crate) seeds: fn(&Corpus) -> Vec<Seed>,
    /// What a fuzzer's dictionary holds: names and bytes.
    pub(crate) words: fn() -> Vec<(String, Vec<u8>)>,
}

/// What came of a target's bytes.
#[derive(Debug)]
pub struct Examined {
    /// The case, unless making it panicked.
    pub case: Option<Box<dyn Case>>,
    /// What is wrong.
    pub wrong: Vec<Wrong>,
}

impl Target {
    /// Makes a case of bytes and examines it. A panic is wrong, too.
    pub fn examine(&self, bytes: &[u8], harness: Harness<'_>) -> Examined {
        match catch(|| (self.read)(bytes)) {
            Ok(case) => {
                let wrong = wrong_with(self.name, case.as_ref(), harness);
                Examined { case: Some(case), wrong }
            }
            Err(panic) => Examined { case: None, wrong: vec![Wrong::of(self.name, panic.to_string())] },
        }
    }
}

/// What is wrong with a case of the target of this name. A panic is wrong, too.
pub fn wrong_with(target: &str, case: &dyn Case, harness: Harness<'_>) -> Vec<Wrong> {
    let examined = catch(|| case.examine(harness));
    examined.unwrap_or_else(|panic| vec![Wrong::of(target, panic.to_string())])
}

impl Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The fuzz targets of the core; [`crate::fuzz_targets`] has those of the features too.
pub static TARGETS: &[Target] = &[
    recover::TARGET,
    ecrecover_call::TARGET,
    signature_bytes::TARGET,
    message_formats::TARGET,
    format_parser::TARGET,
    case_files::TARGET,
];

/// Makes a case from bytes, as libFuzzer's glue does.
pub(crate) fn read<T: for<'a> Arbitrary<'a> + Case + 'static>(bytes: &[u8]) -> Box<dyn Case> {
    match T::arbitrary(&mut Unstructured::new(bytes)) {
        Ok(case) => Box::new(case),
        Err(error) => unreachable!("{error}: targets read zeros where bytes end"),
    }
}

/// A case with what is wrong with it, for people.
pub fn report(target: &str, case: Option<&dyn Case>, wrong: &[Wrong]) -> String {
    let mut text = String::new();
    for wrong in wrong {
        let _ = writeln!(text, "FINDING  {wrong}");
    }
    if let Some(case) = case {
        let _ = writeln!(text, "{case:?}");
    }
    let _ = writeln!(text, "see it again:        ecrecheck replay --target {target} FILE");
    let _ = write!(text, "keep it in the corpus: ecrecheck replay --target {target} --keep FILE");
    text
}

/// What is wrong with a generated case, or with the cases that laws relate to it.
fn examine_generated(generated: &Generated, laws: bool, harness: Harness<'_>) -> Vec<Wrong> {
    let Harness { subjects, divergences } = harness;
    let (judged, wrong) = examine(generated, subjects, divergences);
    let input = &generated.input;
    let own = wrong.into_iter().map(|(who, what)| Wrong { who, what, input: Some(input.clone()) });
    let mut wrong: Vec<_> = own.collect();
    if laws {
        let broken = law::check(input, &judged.reference, subjects, divergences);
        wrong.extend(broken.into_iter().map(Wrong::from));
    }
    wrong
}

/// The facts of an input, each with whether it recovers; who made it; whether the laws are tried.
fn classes_of(generated: &Generated, laws: bool) -> BTreeSet<String> {
    let Judged { facts, reference, .. } = judged(&generated.input);
    let answer = match reference {
        Expectation::Recovered { .. } => "recovers",
        Expectation::Rejected(_) => "rejected",
    };
    let facts = facts.iter().map(|fact| format!("{fact} {answer}"));
    let laws = laws.then(|| "with the laws".to_owned());
    facts.chain([format!("strategy {}", generated.strategy)]).chain(laws).collect()
}

/// An input without subjects: its facts and the right answer.
fn judged(input: &Input) -> Judged {
    judge(input, &[], &[])
}

/// A generated case as a person reads it.
fn show(generated: &Generated, laws: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Generated { strategy, input, message, .. } = generated;
    writeln!(f, "strategy    {strategy}{}", if laws { ", and the laws" } else { "" })?;
    if let Some(message) = message {
        f.write_str(&report::text::message(message))?;
    }
    f.write_str(&report::text::input(input))?;
    f.write_str(&report::text::facts(&judged(input)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A case that cannot be examined.
    #[derive(Debug)]
    struct Broken;

    impl Case for Broken {
        fn examine(&self, _: Harness<'_>) -> Vec<Wrong> {
            panic!("no\nway");
        }

        fn classes(&self) -> BTreeSet<String> {
            BTreeSet::new()
        }
    }

    #[test]
    fn a_panic_is_a_finding_with_its_place_whether_the_case_was_made_or_not() {
        let harness = Harness { subjects: &[], divergences: &[] };
        let target = |read| Target { read, ..format_parser::TARGET };
        let made = target(|_| Box::new(Broken)).examine(b"", harness);
        assert!(made.case.is_some());
        let not_made = target(|_| panic!("nothing")).examine(b"", harness);
        assert!(not_made.case.is_none());
        for (wrong, message) in [(made.wrong, "no\\nway"), (not_made.wrong, "nothing")] {
            let said: Vec<_> = wrong.iter().map(ToString::to_string).collect();
            let [said] = &said[..] else { panic!("{said:?}") };
            assert!(said.starts_with("format_parser: panicked at src/fuzz_target.rs:"), "{said}");
            assert!(said.ends_with(&format!(": {message}")), "{said}");
        }
    }
}
