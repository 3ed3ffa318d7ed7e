//! The main job: every case of a corpus through the reference and every subject, and everything else that
//! the corpus says held to what comes out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::corpus::case::{Case, ExpectedAnswer, ExpectedKey, Place};
use crate::corpus::investigation::Investigation;
use crate::corpus::{Corpus, Formats, Unsaid, Vectors};
use crate::input::bytes::{Word, to_hex};
use crate::input::key::PublicKey;
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};
use crate::judge::fact::Fact;
use crate::judge::finding::{Culprit, Finding};
use crate::judge::law::Laws;
use crate::judge::matrix::Matrix;
use crate::judge::{Divergence, Examined, Harness, Judged, Question, Verdict, examine_all};
use crate::reference::answer::Expectation;
use crate::subject::Subject;

/// What came of a check.
#[derive(Debug)]
pub struct CheckReport<'a> {
    /// What was checked: the corpus's place, or the paths of the cases.
    pub of: String,
    /// Every case with what each subject did.
    pub cases: Vec<Checked<'a>>,
    /// The vectors that could not be said as cases.
    pub unsaid: &'a [Unsaid],
    /// Verdicts by fact and subject.
    pub matrix: Matrix,
    /// What is not as it should be. None: the check passes.
    pub failures: Vec<Failure>,
    /// For each divergence and each subject that it names, how many cases showed it.
    pub documented: BTreeMap<(&'a str, &'a str), usize>,
    /// Whether a whole and complete corpus was checked, and so what it covers too.
    pub whole: bool,
}

impl CheckReport<'_> {
    /// How many cases are bytes that are no signature: they asked nobody.
    pub fn no_signature(&self) -> usize {
        self.cases.iter().filter(|checked| checked.case.inputs.is_err()).count()
    }
}

/// A case that was run.
#[derive(Debug)]
pub struct Checked<'a> {
    /// The case.
    pub case: &'a Case,
    /// What came out of each of its inputs; nothing where its signature cannot be taken apart.
    pub judged: Vec<Judged>,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What sort of failure.
    pub kind: FailureKind,
    /// The case, divergence or claim.
    pub id: String,
    /// Where it stands.
    #[serde(serialize_with = "place_as_text")]
    pub place: Option<Place>,
    /// What is wrong, in words.
    pub what: String,
    /// A command that shows it.
    pub reproduce: Option<String>,
    /// The finding, where it is one.
    #[serde(skip)]
    pub finding: Option<Finding>,
}

fn place_as_text<S: serde::Serializer>(place: &Option<Place>, serializer: S) -> Result<S::Ok, S::Error> {
    place.as_ref().map(ToString::to_string).serialize(serializer)
}

/// Whom a failure points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// A subject differs from the reference and no divergence says so, or one no longer differs: look at
    /// the library.
    Finding,
    /// The corpus expects something else than the reference gives: look at the corpus.
    Expectation,
    /// A divergence is not exercised.
    Divergence,
    /// A class of input, or a format, that no case covers.
    Coverage,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Finding => "FINDING",
            Self::Expectation => "EXPECTATION",
            Self::Divergence => "DIVERGENCE",
            Self::Coverage => "COVERAGE",
        })
    }
}

/// Checks a whole corpus: its cases, the investigation, and of a complete corpus that it covers every fact,
/// format and divergence.
///
/// Divergences of the harness that are not the corpus's are shown where cases show them, and need not be.
pub fn corpus<'a>(corpus: &'a Corpus, harness: Harness<'a>) -> CheckReport<'a> {
    let mut report = cases(&corpus.cases, harness);
    report.of = corpus.place();
    report.failures.extend(corpus.investigation.as_ref().map(investigation).into_iter().flatten());
    report.whole = corpus.complete;
    if !corpus.complete {
        return report;
    }
    report.failures.extend(unexercised(&corpus.divergences, harness.subjects, &report));
    report.failures.extend(unexercised_exceptions(&corpus.divergences, &report));
    report.failures.extend(uncovered(&report.matrix));
    report.failures.extend(formats_without_a_case(&corpus.formats, &corpus.cases));
    report
}

/// Checks vectors: those that are cases.
pub fn vectors<'a>(vectors: &'a Vectors, harness: Harness<'a>) -> CheckReport<'a> {
    CheckReport { unsaid: &vectors.unsaid, ..cases(&vectors.cases, harness) }
}

/// Checks cases alone.
pub fn cases<'a>(cases: &'a [Case], harness: Harness<'a>) -> CheckReport<'a> {
    // Cases are few, and what was typed is held to the reference itself.
    let harness = harness.by_reference();
    let divergences = harness.divergences;
    let mut files: Vec<_> = cases.iter().map(|case| case.place.file.display().to_string()).collect();
    files.dedup();
    let mut report = CheckReport {
        of: files.join(", "),
        cases: Vec::new(),
        unsaid: &[],
        matrix: Matrix::default(),
        failures: Vec::new(),
        documented: BTreeMap::new(),
        whole: false,
    };
    let inputs = cases.iter().flat_map(Case::asked);
    let questions = inputs.map(|input| Question { input, constructed: None, laws: Laws::Skip });
    let mut examined = examine_all(&questions.collect::<Vec<_>>(), harness).into_iter();
    for case in cases {
        let examined: Vec<_> = examined.by_ref().take(case.asked().count()).collect();
        for Examined { judged, .. } in &examined {
            report.matrix.count(judged);
            for (subject, _, verdict) in &judged.subjects {
                if let Verdict::Documented { divergence } = verdict
                    && let Some(entry) = divergences.iter().find(|entry| entry.id == *divergence)
                {
                    *report.documented.entry((&entry.id, subject)).or_default() += 1;
                }
            }
        }
        report.failures.extend(failures(case, &examined, harness.subjects));
        let judged = examined.into_iter().map(|examined| examined.judged).collect();
        report.cases.push(Checked { case, judged });
    }
    report
}

/// What is wrong with a case.
fn failures(case: &Case, examined: &[Examined], subjects: &[Box<dyn Subject + '_>]) -> Vec<Failure> {
    let mut failures = Vec::new();
    let mut fail = |kind, what: String, reproduce| {
        let (id, place) = (case.id.clone(), Some(case.place.clone()));
        failures.push(Failure { kind, id, place, what, reproduce, finding: None });
    };
    if let Some(message) = &case.message {
        let format = message.format.as_deref().unwrap_or("the expression");
        let preimage = message.digest.preimage.as_deref();
        if case.expect.digest.is_some() && case.expect.preimage.as_deref() != preimage {
            let show = |bytes: Option<&[u8]>| bytes.map_or("no preimage".to_owned(), to_hex);
            let (got, expected) = (show(preimage), show(case.expect.preimage.as_deref()));
            fail(FailureKind::Expectation, format!("{format} hashes {got}, expected {expected}"), None);
        }
        if case.expect.digest.is_some_and(|digest| digest.0 != message.digest.digest) {
            let (got, expected) =
                (to_hex(message.digest.digest), case.expect.digest.iter().map(ToString::to_string));
            let expected: String = expected.collect();
            fail(
                FailureKind::Expectation,
                format!("{format} gives the digest {got}, expected {expected}"),
                None,
            );
        }
    }
    if let Err(error) = &case.inputs {
        if case.expect.answer != ExpectedAnswer::NoSignature {
            fail(FailureKind::Expectation, format!("the signature cannot be taken apart: {error}"), None);
        }
        return failures;
    }
    if case.kind.is_fixture() {
        let mark = case.wire.as_ref().and_then(|(wire, bytes)| wire.mark(bytes));
        if mark != case.expect.mark {
            let show = |mark: Option<u64>| mark.map_or("nothing".to_owned(), |mark| mark.to_string());
            let (got, expected) = (show(mark), show(case.expect.mark));
            fail(
                FailureKind::Expectation,
                format!("v says {got} besides the recovery id, expected {expected}"),
                None,
            );
        }
    }
    let answers: Vec<_> = examined.iter().map(|examined| &examined.judged.reference).collect();
    // Of a case without a recovery id, the input that shows why an expectation fails is any of four.
    let command = |input| {
        let file = || format!("ecrecheck check --cases {}", case.place.file.display());
        reproduce(input).unwrap_or_else(file)
    };
    let first = case.asked().next().map(command);
    let layout = case.wire.as_ref().map(|(wire, _)| wire.form());
    if let Some(what) = unexpected(&case.expect.answer, &answers, layout) {
        fail(FailureKind::Expectation, what, first.clone());
    }
    let has: BTreeSet<_> = examined.iter().flat_map(|examined| &examined.judged.facts).copied().collect();
    for fact in case.facts.difference(&has) {
        let has: Vec<_> = has.iter().map(|fact| fact.name()).collect();
        let what = format!("expected the fact `{fact}`, the input has {}", has.join(", "));
        fail(FailureKind::Expectation, what, first.clone());
    }
    for (input, Examined { findings, .. }) in case.asked().zip(examined) {
        failures.extend(findings.iter().map(|finding| Failure {
            kind: FailureKind::Finding,
            id: case.id.clone(),
            place: Some(case.place.clone()),
            what: finding.to_string(),
            reproduce: Some(command(input) + &with_subject(&finding.culprit, subjects)),
            finding: Some(finding.clone()),
        }));
    }
    failures
}

/// How the reference's answers differ from what was typed: one, or one for each recovery id where none is given.
fn unexpected(expected: &ExpectedAnswer, answers: &[&Expectation], layout: Option<&str>) -> Option<String> {
    let gives = || {
        let answers: Vec<_> = match answers {
            [answer] => vec![answer.to_string()],
            answers => (0..).zip(answers).map(|(id, answer)| format!("{answer} under {id}")).collect(),
        };
        answers.join(", ")
    };
    let keys = answers.iter().filter_map(|answer| match answer {
        Expectation::Recovered { address, public_key } => Some((address, public_key)),
        Expectation::Rejected(_) => None,
    });
    let differs = match expected {
        ExpectedAnswer::NoSignature => {
            let layout = layout.unwrap_or("another layout");
            return Some(format!("expected bytes that are no signature, they are one of the form {layout}"));
        }
        ExpectedAnswer::Rejected(reason) => {
            let as_expected = |answer: &&Expectation| match answer.refusal() {
                Some(refusal) => reason.is_none_or(|reason| reason == refusal),
                None => false,
            };
            let why = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
            (!answers.iter().all(as_expected))
                .then(|| format!("expected a rejection{why}, the reference gives {}", gives()))
        }
        ExpectedAnswer::Recovered(key) => {
            let found: Vec<_> =
                keys.clone().filter(|(address, public_key)| key.is(address, public_key)).collect();
            match (&found[..], answers) {
                ([_], _) => None,
                (_, [Expectation::Recovered { address, public_key }]) if key.is_address(address) => {
                    let typed = key.public_key.map(to_hex).unwrap_or_default();
                    Some(format!("expected the key {typed}, the reference gives {public_key}"))
                }
                (_, [_]) => Some(format!("expected {key}, the reference gives {}", gives())),
                _ => Some(format!("expected {key} under one recovery id, the reference gives {}", gives())),
            }
        }
        ExpectedAnswer::Not(key) => keys
            .clone()
            .any(|(address, public_key)| key.names(address, public_key))
            .then(|| format!("expected anything but {key}, the reference gives {}", gives())),
    };
    differs.or_else(|| mistyped(expected))
}

/// What is wrong with a key that was typed, whatever comes out. One that is not to come out must be one that could.
fn mistyped(expected: &ExpectedAnswer) -> Option<String> {
    let (ExpectedAnswer::Recovered(key) | ExpectedAnswer::Not(key)) = expected else { return None };
    let ExpectedKey { address, public_key } = key;
    if let Some(address) = address.as_ref().filter(|address| !address.checksum_holds()) {
        return Some(format!("the expected address should be typed {} (EIP-55)", address.address));
    }
    let typed = public_key.filter(|key| PublicKey::from_sec1(key).is_err());
    typed.map(|key| format!("the expected key {} is not on the curve", to_hex(key)))
}

/// The bytes of the longest argument that Linux gives to a program, with the 0 after it.
const MAX_ARGUMENT: usize = 128 << 10;

/// The command that shows an input to every subject, unless the input is too long for a command.
pub fn reproduce(input: &Input) -> Option<String> {
    let long = match input {
        Input::Scalar(_) => 0,
        Input::Prehash(PrehashInput { prehash, .. }) => prehash.0.len(),
        Input::Call(CallInput { calldata, .. }) => calldata.0.len(),
    };
    if 2 * long + "0x\0".len() > MAX_ARGUMENT {
        return None;
    }
    let rs = |r: &Word, s: &Word| to_hex([r.0, s.0].concat());
    let arguments = match input {
        Input::Scalar(ScalarInput { digest, r, s, recovery_id }) => {
            format!("--digest {digest} --signature {} --recovery-id {recovery_id}", rs(r, s))
        }
        Input::Prehash(PrehashInput { prehash, r, s, recovery_id }) => {
            format!("--prehash {prehash} --signature {} --recovery-id {recovery_id}", rs(r, s))
        }
        Input::Call(CallInput { calldata, gas }) => format!("--calldata {calldata} --gas {gas}"),
    };
    Some(format!("ecrecheck recover {arguments}"))
}

/// What a command needs beside its arguments, so that this culprit is asked: nothing, if it is of this build.
pub fn with_subject(culprit: &Culprit, subjects: &[Box<dyn Subject + '_>]) -> String {
    let Culprit::Subject(name) = culprit else { return String::new() };
    let subject = subjects.iter().find(|subject| subject.identity().name == name);
    let spec = subject.and_then(|subject| subject.spec());
    spec.map_or_else(String::new, |spec| format!(" --subject {spec}"))
}

/// Facts without a case: without one that recovers, and one that is rejected, where there can be such.
fn uncovered(matrix: &Matrix) -> Vec<Failure> {
    let failure = |fact: Fact, what: &str| Failure {
        kind: FailureKind::Coverage,
        id: fact.to_string(),
        place: None,
        what: what.to_owned(),
        reproduce: None,
        finding: None,
    };
    let mut failures = Vec::new();
    for fact in Fact::ALL {
        let (recovered, rejected) = matrix.answers(*fact);
        let (can_recover, can_be_rejected) = fact.answers();
        if recovered + rejected == 0 {
            failures.push(failure(*fact, "no case has this fact"));
        } else if can_recover && recovered == 0 {
            failures.push(failure(*fact, "no case with this fact recovers"));
        } else if can_be_rejected && rejected == 0 {
            failures.push(failure(*fact, "no case with this fact is rejected"));
        }
    }
    failures
}

fn unexercised<'a>(
    divergences: &'a [Divergence],
    subjects: &[Box<dyn Subject + 'a>],
    report: &CheckReport<'a>,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    for divergence in divergences {
        for name in &divergence.subjects {
            let identity =
                subjects.iter().map(|subject| subject.identity()).find(|identity| identity.name == name);
            let what = match identity {
                None => format!("there is no subject `{name}` in this build"),
                Some(identity) if !divergence.names(identity) => {
                    format!("names {name} {}, this build has {}", divergence.versions, identity.version)
                }
                Some(_) if !report.documented.contains_key(&(divergence.id.as_str(), name.as_str())) => {
                    format!("no case in the corpus shows it of {name}")
                }
                Some(_) => continue,
            };
            let id = divergence.id.clone();
            failures.push(Failure {
                kind: FailureKind::Divergence,
                id,
                place: None,
                what,
                reproduce: None,
                finding: None,
            });
        }
    }
    failures
}

/// Facts that a divergence leaves out, though no case would tell whether it must.
fn unexercised_exceptions(divergences: &[Divergence], report: &CheckReport<'_>) -> Vec<Failure> {
    let judged: Vec<_> = report.cases.iter().flat_map(|checked| &checked.judged).collect();
    let shown = |divergence: &Divergence, fact| {
        judged.iter().any(|judged| divergence.facts.is_subset(&judged.facts) && judged.facts.contains(fact))
    };
    let mut failures = Vec::new();
    for divergence in divergences {
        for fact in divergence.absent.iter().filter(|fact| !shown(divergence, fact)) {
            failures.push(Failure {
                kind: FailureKind::Divergence,
                id: divergence.id.clone(),
                place: None,
                what: format!("excludes `{fact}`, but no case has `{fact}` together with its facts"),
                reproduce: None,
                finding: None,
            });
        }
    }
    failures
}

fn formats_without_a_case(formats: &Formats, cases: &[Case]) -> Vec<Failure> {
    let used = |name: &str| {
        cases
            .iter()
            .filter_map(|case| case.message.as_ref())
            .any(|message| message.format.as_deref() == Some(name))
    };
    let unused = formats.iter().filter(|format| !used(&format.name));
    let failure = |format: &crate::format::KnownFormat| Failure {
        kind: FailureKind::Coverage,
        id: format.name.clone(),
        place: None,
        what: "no fixture or case uses this format".into(),
        reproduce: None,
        finding: None,
    };
    unused.map(failure).collect()
}

fn investigation(investigation: &Investigation) -> Vec<Failure> {
    let failures = |examined: crate::corpus::investigation::ExaminedClaim<'_>| {
        let claim = examined.claim;
        let failure = |what| Failure {
            kind: FailureKind::Expectation,
            id: claim.name.clone(),
            place: Some(claim.place.clone()),
            what,
            reproduce: None,
            finding: None,
        };
        examined.failures().into_iter().map(failure).collect::<Vec<_>>()
    };
    investigation.examine().into_iter().flat_map(failures).collect()
}
