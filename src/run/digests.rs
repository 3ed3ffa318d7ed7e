//! Digests: do libraries hash what the known formats do? The messages of the fixtures, and generated ones.

mod misread;

use std::collections::{BTreeMap, BTreeSet};

use arbitrary::Unstructured;
use serde::Serialize;

use super::fuzz::bytes;
use crate::corpus::Corpus;
use crate::format::{FieldKind, Fields, KnownFormat, Message, MessageFact};
use crate::generate::fields::{fields, with_fact};
use crate::input::bytes::{Word, to_hex};
use crate::judge::DigestDivergence;
use crate::judge::digest::{DigestVerdict, MessageCase, Said};
use crate::judge::matrix::Tally;
use crate::subject::{Outcome, OutcomeKind, Subject};

/// How many messages a subject is given at a time.
const AT_ONCE: usize = 256;
/// How often a smaller message is tried for a finding.
const TRIES: usize = 400;

/// Which messages are made for each format, beside those of the fixtures.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// How many ordinary ones, and how many with each fact that a field can have.
    pub each: usize,
    /// What they are made from.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct DigestReport {
    /// How many messages there were.
    pub messages: usize,
    /// By format and subject.
    pub cells: BTreeMap<(String, &'static str), Cell>,
    /// What is wrong, the smallest message of each kind.
    pub findings: Vec<DigestFinding>,
    /// Divergences that no message showed, each with its subject.
    pub unseen: Vec<(String, &'static str)>,
}

/// A format's messages and a subject.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// How many agreed, and so on; unsupported is not offered.
    pub tally: Tally,
    /// How often each divergence was seen.
    pub documented: BTreeMap<String, usize>,
}

/// A subject hashes something else than a format: the messages of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct DigestFinding {
    /// The subject.
    pub subject: &'static str,
    /// The known format.
    pub format: String,
    /// What it did; none where it agreed and a divergence says otherwise.
    pub outcome: Option<OutcomeKind>,
    /// The divergence that says otherwise.
    pub documented: Option<String>,
    /// How many messages.
    pub messages: usize,
    /// Of how many that it was asked.
    pub asked: usize,
    /// The facts that all of them have.
    pub facts: BTreeSet<MessageFact>,
    /// The smallest one that was found: its fields, in hex.
    pub fields: BTreeMap<String, String>,
    /// What is hashed, in hex, where the digest is a hash.
    pub preimage: Option<String>,
    /// What is right.
    pub digest: Word,
    /// What the subject said, in words.
    pub said: String,
    /// What it hashed instead, in words, where that is known.
    pub because: Option<String>,
}

/// The messages of the corpus's fixtures, then generated ones of each known format.
pub fn messages(corpus: &Corpus, plan: Plan) -> Vec<MessageCase<'_>> {
    let mut cases = Vec::new();
    for message in corpus.cases.iter().filter_map(|case| case.message.as_ref()) {
        if let Some(format) = message.format.as_ref().and_then(|name| corpus.formats.named(name)) {
            cases.push(MessageCase::new(format, message.clone()));
        }
    }
    for (number, format) in (0..).zip(corpus.formats.iter()) {
        cases.extend(generated(format, plan, number).map(|message| MessageCase::new(format, message)));
    }
    cases
}

/// Messages of a format: ordinary ones, and some with each fact.
fn generated(format: &KnownFormat, plan: Plan, number: u64) -> impl Iterator<Item = Message> {
    let facts = std::iter::once(None).chain(MessageFact::ALL.iter().copied().map(Some));
    let kinds = facts.flat_map(move |fact| (0..plan.each).map(move |_| fact));
    (0..).zip(kinds).filter_map(move |(at, fact)| {
        let bytes = bytes(plan.seed, number << 32 | at);
        let mut u = Unstructured::new(&bytes);
        let ordinary = fields(&mut u, format).ok()?;
        let fields = match fact {
            None => ordinary,
            Some(fact) => with_fact(&mut u, format, &ordinary, fact).ok()??,
        };
        // A number may be too large for the format.
        format.message(fields).ok()
    })
}

/// Asks every subject what it hashes.
pub fn digests(
    cases: &[MessageCase<'_>],
    subjects: &[Box<dyn Subject + '_>],
    divergences: &[DigestDivergence],
) -> DigestReport {
    let mut cells: BTreeMap<_, Cell> = BTreeMap::new();
    let mut findings = Vec::new();
    let mut unseen = Vec::new();
    for subject in subjects {
        let identity = subject.identity();
        let mut wrong: BTreeMap<_, Vec<&MessageCase<'_>>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for (case, said) in cases.iter().zip(asked(subject.as_ref(), cases)) {
            let cell = cells.entry((case.format.name.clone(), identity.name)).or_default();
            match case.verdict(identity, &said, divergences) {
                DigestVerdict::Agreed => cell.tally.agreed += 1,
                DigestVerdict::NotOffered => cell.tally.unsupported += 1,
                DigestVerdict::Documented { divergence } => {
                    cell.tally.documented += 1;
                    *cell.documented.entry(divergence.clone()).or_default() += 1;
                    seen.insert(divergence);
                }
                DigestVerdict::Finding { outcome, documented } => {
                    cell.tally.findings += 1;
                    wrong.entry((case.format.name.as_str(), outcome, documented)).or_default().push(case);
                }
            }
        }
        let stale = divergences.iter().filter(|entry| entry.names(identity) && !seen.contains(&entry.id));
        unseen.extend(stale.map(|entry| (entry.id.clone(), identity.name)));
        for ((format, outcome, documented), messages) in wrong {
            let asked = cells[&(format.to_owned(), identity.name)].tally.asked();
            findings.push(DigestFinding::of(
                subject.as_ref(),
                outcome,
                documented,
                &messages,
                asked,
                divergences,
            ));
        }
    }
    DigestReport { messages: cases.len(), cells, findings, unseen }
}

/// What a subject says of each message.
fn asked(subject: &dyn Subject, cases: &[MessageCase<'_>]) -> Vec<Said> {
    let messages: Vec<_> = cases.iter().map(|case| &case.message).collect();
    messages.chunks(AT_ONCE).flat_map(|messages| subject.digest_all(messages)).collect()
}

impl DigestReport {
    /// Whether there is nothing that no divergence documents, and no divergence that is out of date.
    pub fn agrees(&self) -> bool {
        self.findings.is_empty() && self.unseen.is_empty()
    }

    /// How much a subject was asked in all formats together.
    pub fn total(&self, subject: &str) -> Tally {
        let of_subject = self.cells.iter().filter(|((_, name), _)| *name == subject);
        of_subject.map(|(_, cell)| cell.tally).sum()
    }
}

impl DigestFinding {
    /// What is wrong with these messages: at least one.
    fn of(
        subject: &dyn Subject,
        outcome: Option<OutcomeKind>,
        documented: Option<String>,
        messages: &[&MessageCase<'_>],
        asked: usize,
        divergences: &[DigestDivergence],
    ) -> Self {
        let first = messages.iter().min_by_key(|case| size(&case.message.fields));
        let first = first.unwrap_or_else(|| unreachable!("a finding has a message"));
        // One that is killed for what it did takes a start for each try.
        let killed = matches!(outcome, Some(OutcomeKind::Died | OutcomeKind::Hung | OutcomeKind::Malformed));
        let verdict = DigestVerdict::Finding { outcome, documented: documented.clone() };
        let case = if killed { (*first).clone() } else { smaller(subject, first, &verdict, divergences) };
        let said = ask(subject, &case);
        let facts = messages.iter().map(|case| case.facts.clone());
        Self {
            subject: subject.identity().name,
            format: case.format.name.clone(),
            outcome,
            documented,
            messages: messages.len(),
            asked,
            facts: facts.reduce(|common, facts| &common & &facts).unwrap_or_default(),
            fields: case
                .message
                .fields
                .iter()
                .map(|(name, value)| (name.to_owned(), to_hex(value)))
                .collect(),
            preimage: case.message.digest.preimage.as_ref().map(to_hex),
            digest: case.digest(),
            because: said.as_ref().ok().and_then(|digest| misread::misread(&case, *digest)),
            said: match said {
                Ok(digest) => digest.to_string(),
                Err(Outcome::Rejected { words }) => format!("rejected: {words}"),
                Err(outcome) => outcome.to_string(),
            },
        }
    }
}

fn ask(subject: &dyn Subject, case: &MessageCase<'_>) -> Said {
    let mut said = subject.digest_all(&[&case.message]);
    said.pop().unwrap_or_else(|| unreachable!("one message has one answer"))
}

fn size(fields: &Fields) -> usize {
    fields.iter().map(|(_, value)| value.len()).sum()
}

/// A smaller message of the same format with the same verdict, as far as a few tries find one.
fn smaller<'a>(
    subject: &dyn Subject,
    case: &MessageCase<'a>,
    verdict: &DigestVerdict,
    divergences: &[DigestDivergence],
) -> MessageCase<'a> {
    let mut smallest = case.clone();
    let mut tries = 0;
    'again: loop {
        for (name, spec) in &case.format.fields {
            let value = smallest.message.fields.value(name).unwrap_or_default().to_vec();
            for shorter in shorter(spec.kind, spec.length, &value) {
                tries += 1;
                if tries > TRIES {
                    return smallest;
                }
                let mut fields = smallest.message.fields.clone();
                fields.set(name, shorter);
                if case.format.check(&fields).is_err() {
                    continue;
                }
                let Ok(message) = case.format.message(fields) else { continue };
                let tried = MessageCase::new(case.format, message);
                if tried.verdict(subject.identity(), &ask(subject, &tried), divergences) == *verdict {
                    smallest = tried;
                    continue 'again;
                }
            }
        }
        return smallest;
    }
}

/// Simpler values, the simplest first: each is shorter, or all zeros.
fn shorter(kind: FieldKind, length: Option<usize>, value: &[u8]) -> Vec<Vec<u8>> {
    let plain: &[u8] = match kind {
        FieldKind::Number => b"1",
        FieldKind::Bytes if length.is_some() => {
            let zeros = vec![0; value.len()];
            return if value == zeros { Vec::new() } else { vec![zeros] };
        }
        FieldKind::Bytes | FieldKind::Text => b"",
        FieldKind::PublicKey | FieldKind::TypedData => return Vec::new(),
    };
    let mut all = vec![plain.to_vec()];
    let mut cut = value.len() / 2;
    while cut > 0 {
        all.extend([value[..value.len() - cut].to_vec(), value[cut..].to_vec()]);
        cut /= 2;
    }
    if value.len() <= 64 {
        all.extend((0..value.len()).map(|at| [&value[..at], &value[at + 1..]].concat()));
    }
    all.retain(|shorter| shorter.len() < value.len());
    all
}
