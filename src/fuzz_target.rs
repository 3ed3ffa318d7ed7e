//! Fuzz targets: what a coverage-guided fuzzer runs.
//!
//! A target is a type that is made from bytes ([`Arbitrary`]), printed as a readable case ([`Debug`]), and
//! examined. `fuzz/fuzz_targets/` holds one file of a few lines for each; the replay of seeds on stable,
//! `ecrecheck replay` and `ecrecheck seeds` go through [`crate::fuzz_targets`] to the same functions.

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
use crate::input::hash::keccak256;
use crate::judge::finding::Finding;
use crate::judge::law::Laws;
use crate::judge::{Harness, Judged, examine, judge};
use crate::reference::answer::Expectation;
use crate::report;
use crate::run;
use crate::subject::panic::catch;
use seed::Seed;

/// A case of a fuzz target.
pub trait FuzzCase: Debug {
    /// What is wrong with it: nothing, as a rule.
    fn examine(&self, harness: Harness<'_>) -> Vec<Finding>;

    /// The classes that it is in, in words: what a set of seeds must have one of.
    fn classes(&self) -> BTreeSet<String>;

    /// The input of the scalar, prehash or call surface that it holds, where it holds one.
    fn input(&self) -> Option<&Input> {
        None
    }
}

/// A fuzz target, by what it is made of.
pub struct FuzzTarget {
    /// Its name: of the file in `fuzz/fuzz_targets/`, and of the folder of its seeds.
    pub name: &'static str,
    /// What it is fed, in a line.
    pub about: &'static str,
    /// Makes a case from bytes: any bytes are one.
    pub read: fn(&[u8]) -> Box<dyn FuzzCase>,
    /// The most bytes that are of use.
    pub(crate) max_len: usize,
    /// What may become a seed; [`seed::seeds`] keeps what shows something new.
    pub(crate) seeds: fn(&Corpus) -> Vec<Seed>,
    /// What a fuzzer's dictionary holds: names and bytes.
    pub(crate) words: fn() -> Vec<(String, Vec<u8>)>,
}

/// What came of a target's bytes.
#[derive(Debug)]
pub struct ExaminedBytes {
    /// The case, unless making it panicked.
    pub case: Option<Box<dyn FuzzCase>>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl FuzzTarget {
    /// Makes a case of bytes and examines it. A panic is wrong, too.
    pub fn examine(&self, bytes: &[u8], harness: Harness<'_>) -> ExaminedBytes {
        match catch(|| (self.read)(bytes)) {
            Ok(case) => {
                let findings = findings_of(self.name, case.as_ref(), harness);
                ExaminedBytes { case: Some(case), findings }
            }
            Err(panic) => ExaminedBytes {
                case: None,
                findings: vec![Finding::of_component(self.name, panic.to_string())],
            },
        }
    }
}

/// What is wrong with a case of the target of this name. A panic is wrong, too.
pub fn findings_of(target: &str, case: &dyn FuzzCase, harness: Harness<'_>) -> Vec<Finding> {
    let examined = catch(|| case.examine(harness));
    examined.unwrap_or_else(|panic| vec![Finding::of_component(target, panic.to_string())])
}

impl Debug for FuzzTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The fuzz targets of the core; [`crate::fuzz_targets`] has those of the features too.
pub(crate) static TARGETS: &[FuzzTarget] = &[
    recover::TARGET,
    ecrecover_call::TARGET,
    signature_bytes::TARGET,
    message_formats::TARGET,
    format_parser::TARGET,
    case_files::TARGET,
];

/// Makes a case from bytes, as libFuzzer's glue does.
pub(crate) fn read<T: for<'a> Arbitrary<'a> + FuzzCase + 'static>(bytes: &[u8]) -> Box<dyn FuzzCase> {
    match T::arbitrary(&mut Unstructured::new(bytes)) {
        Ok(case) => Box::new(case),
        Err(error) => unreachable!("{error}: targets read zeros where bytes end"),
    }
}

/// A case with what is wrong with it, for people.
pub fn report(target: &str, case: Option<&dyn FuzzCase>, wrong: &[Finding]) -> String {
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

/// The laws that a case is held to which is made of all these bytes: by their hash, so that laws cost a fuzzer as
/// little as they cost a run, whatever it likes to mutate.
fn laws(u: &Unstructured<'_>) -> Laws {
    let bytes = u.peek_bytes(u.len()).unwrap_or_default();
    let [a, b, c, d, ..] = keccak256(bytes);
    run::fuzz::laws(u32::from_be_bytes([a, b, c, d]).into(), Laws::Skip)
}

/// What is wrong with a generated case, or with the cases that laws relate to it.
fn examine_generated(generated: &Generated, laws: Laws, harness: Harness<'_>) -> Vec<Finding> {
    examine(&generated.input, generated.known.as_ref(), laws, harness).findings
}

/// The facts of an input, each with whether it recovers; who made it; whether the laws are tried.
fn classes_of(generated: &Generated, laws: Laws) -> BTreeSet<String> {
    let Judged { facts, reference, .. } = judged(&generated.input);
    let answer = match reference {
        Expectation::Recovered { .. } => "recovers",
        Expectation::Rejected(_) => "rejected",
    };
    let facts = facts.iter().map(|fact| format!("{fact} {answer}"));
    let laws = with(laws).map(str::to_owned);
    facts.chain([format!("strategy {}", generated.strategy)]).chain(laws).collect()
}

/// Which laws are tried, in words.
fn with(laws: Laws) -> Option<&'static str> {
    match laws {
        Laws::Skip => None,
        Laws::OfInput => Some("with the laws of the input"),
        Laws::Related => Some("with the laws"),
        Laws::All => Some("with the laws and that of memory"),
    }
}

/// An input without subjects: its facts and the right answer.
fn judged(input: &Input) -> Judged {
    judge(input, Harness::new(&[], &[]))
}

/// A generated case as a person reads it.
fn show(generated: &Generated, laws: Laws, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Generated { strategy, input, message, .. } = generated;
    writeln!(f, "strategy    {strategy}{}", with(laws).map(|laws| format!(", {laws}")).unwrap_or_default())?;
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

    impl FuzzCase for Broken {
        fn examine(&self, _: Harness<'_>) -> Vec<Finding> {
            panic!("no\nway");
        }

        fn classes(&self) -> BTreeSet<String> {
            BTreeSet::new()
        }
    }

    #[test]
    fn a_panic_is_a_finding_with_its_place_whether_the_case_was_made_or_not() {
        let harness = Harness::new(&[], &[]);
        let target = |read| FuzzTarget { read, ..format_parser::TARGET };
        let made = target(|_| Box::new(Broken)).examine(b"", harness);
        assert!(made.case.is_some());
        let not_made = target(|_| panic!("nothing")).examine(b"", harness);
        assert!(not_made.case.is_none());
        for (wrong, message) in [(made.findings, "no\\nway"), (not_made.findings, "nothing")] {
            let said: Vec<_> = wrong.iter().map(ToString::to_string).collect();
            let [said] = &said[..] else { panic!("{said:?}") };
            assert!(said.starts_with("format_parser: panicked at src/fuzz_target.rs:"), "{said}");
            assert!(said.ends_with(&format!(": {message}")), "{said}");
        }
    }
}
