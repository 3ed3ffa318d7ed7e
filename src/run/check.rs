//! The main job: every case of a corpus through the reference and every subject, and everything else that
//! the corpus says held to what comes out.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::corpus::case::{Case, ExpectedAnswer, Place};
use crate::corpus::investigation::Investigation;
use crate::corpus::{Corpus, Formats};
use crate::input::bytes::{Word, to_hex};
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
    /// Verdicts by fact and subject.
    pub matrix: Matrix,
    /// What is not as it should be. None: the check passes.
    pub failures: Vec<Failure>,
    /// For each divergence and each subject that it names, how many cases showed it.
    pub documented: BTreeMap<(&'a str, &'a str), usize>,
    /// Whether a whole and complete corpus was checked, and so what it covers too.
    pub whole: bool,
}

/// A case that was run.
#[derive(Debug)]
pub struct Checked<'a> {
    /// The case.
    pub case: &'a Case,
    /// What came out; none where its signature cannot be taken apart.
    pub judged: Option<Judged>,
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
        matrix: Matrix::default(),
        failures: Vec::new(),
        documented: BTreeMap::new(),
        whole: false,
    };
    let inputs = cases.iter().filter_map(|case| case.input.as_ref().ok());
    let questions = inputs.map(|input| Question { input, constructed: None, laws: Laws::Skip });
    let mut examined = examine_all(&questions.collect::<Vec<_>>(), harness).into_iter();
    for case in cases {
        let examined = case.input.is_ok().then(|| examined.next()).flatten();
        if let Some(Examined { judged, .. }) = &examined {
            report.matrix.count(judged);
            for (subject, _, verdict) in &judged.subjects {
                if let Verdict::Documented { divergence } = verdict
                    && let Some(entry) = divergences.iter().find(|entry| entry.id == *divergence)
                {
                    *report.documented.entry((&entry.id, subject)).or_default() += 1;
                }
            }
        }
        report.failures.extend(failures(case, examined.as_ref(), harness.subjects));
        report.cases.push(Checked { case, judged: examined.map(|examined| examined.judged) });
    }
    report
}

/// What is wrong with a case.
fn failures(case: &Case, examined: Option<&Examined>, subjects: &[Box<dyn Subject + '_>]) -> Vec<Failure> {
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
    let input = match &case.input {
        Ok(input) => input,
        Err(error) => {
            fail(FailureKind::Expectation, format!("the signature cannot be taken apart: {error}"), None);
            return failures;
        }
    };
    if case.kind.is_fixture() {
        let mark = case.wire.as_ref().and_then(|(wire, bytes)| wire.mark(bytes));
        if mark != case.expect.mark {
            let show = |mark: Option<u128>| mark.map_or("nothing".to_owned(), |mark| mark.to_string());
            let (got, expected) = (show(mark), show(case.expect.mark));
            fail(
                FailureKind::Expectation,
                format!("v says {got} besides the recovery id, expected {expected}"),
                None,
            );
        }
    }
    let Some(Examined { judged, findings }) = examined else { return failures };
    let command = reproduce(input);
    if let Some(what) = unexpected(&case.expect.answer, &judged.reference) {
        fail(FailureKind::Expectation, what, Some(command.clone()));
    }
    for fact in case.facts.difference(&judged.facts) {
        let has: Vec<_> = judged.facts.iter().map(|fact| fact.name()).collect();
        let what = format!("expected the fact `{fact}`, the input has {}", has.join(", "));
        fail(FailureKind::Expectation, what, Some(command.clone()));
    }
    failures.extend(findings.iter().map(|finding| Failure {
        kind: FailureKind::Finding,
        id: case.id.clone(),
        place: Some(case.place.clone()),
        what: finding.to_string(),
        reproduce: Some(command.clone() + &with_subject(&finding.culprit, subjects)),
        finding: Some(finding.clone()),
    }));
    failures
}

/// How the reference's answer differs from what was typed.
fn unexpected(expected: &ExpectedAnswer, reference: &Expectation) -> Option<String> {
    match (expected, reference) {
        (ExpectedAnswer::Rejected(expected), Expectation::Rejected(reason)) if expected == reason => None,
        (
            ExpectedAnswer::Recovered { address, public_key },
            Expectation::Recovered { address: a, public_key: k },
        ) => {
            if address.address != *a {
                Some(format!("expected {address}, the reference gives {reference}"))
            } else if *public_key != k.compressed() {
                Some(format!("expected the key {}, the reference gives {k}", to_hex(public_key)))
            } else if !address.checksum_holds() {
                Some(format!("the expected address should be typed {a} (EIP-55)"))
            } else {
                None
            }
        }
        (ExpectedAnswer::Recovered { address, .. }, _) => {
            Some(format!("expected {address}, the reference gives {reference}"))
        }
        (ExpectedAnswer::Rejected(reason), _) => {
            Some(format!("expected a rejection ({reason}), the reference gives {reference}"))
        }
    }
}

/// The command that shows an input to every subject.
pub fn reproduce(input: &Input) -> String {
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
    format!("ecrecheck recover {arguments}")
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
    let judged: Vec<_> = report.cases.iter().filter_map(|checked| checked.judged.as_ref()).collect();
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
