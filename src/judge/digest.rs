//! Digests: what a subject hashes for a message, held to the format's expression under the documented divergences.
//!
//! As everywhere here a divergence is exact: where its facts hold, its outcome must be seen.

use std::collections::BTreeSet;

use semver::VersionReq;
use serde::Serialize;

use super::divergence::{is_justified, who_is_there};
use crate::format::{KnownFormat, Message, MessageFact};
use crate::input::bytes::Word;
use crate::subject::{Identity, Outcome, OutcomeKind};

/// What a subject says that it hashes, or what it did instead.
pub type Said = Result<Word, Outcome>;

/// A documented, justified difference between what subjects hash and a known format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestDivergence {
    /// Its name, unique.
    pub id: String,
    /// The subjects that diverge, by name.
    pub subjects: Vec<String>,
    /// The versions that do.
    pub versions: VersionReq,
    /// The known formats, by name.
    pub formats: BTreeSet<String>,
    /// Facts that a message must all have. None: it diverges for every message.
    pub facts: BTreeSet<MessageFact>,
    /// Facts that it must not have.
    pub absent: BTreeSet<MessageFact>,
    /// What these subjects do instead.
    pub outcome: OutcomeKind,
    /// Why that is so.
    pub why: String,
    /// Where to read more.
    pub link: String,
}

/// A message to hash, and what is true of it.
#[derive(Debug, Clone)]
pub struct MessageCase {
    /// The known format.
    pub format: KnownFormat,
    /// The message, with the digest that is right.
    pub message: Message,
    /// Its facts.
    pub facts: BTreeSet<MessageFact>,
}

/// The judge's word on what a subject hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum DigestVerdict {
    /// It hashes what the format does.
    Agreed,
    /// It did what a divergence documents.
    Documented {
        /// The divergence.
        divergence: String,
    },
    /// It does not offer the format, or cannot be given such fields.
    NotOffered,
    /// It did something else, or no longer diverges.
    Finding {
        /// What it did; none where it agreed and a divergence says otherwise.
        outcome: Option<OutcomeKind>,
        /// The divergence that says otherwise.
        documented: Option<String>,
    },
}

impl MessageCase {
    /// A message of a known format. None where the format has no digest over these fields.
    pub fn new(format: &KnownFormat, message: Message) -> Self {
        let facts = MessageFact::of(format, &message.fields);
        Self { format: format.clone(), message, facts }
    }

    /// The right digest.
    pub fn digest(&self) -> Word {
        Word(self.message.digest.digest)
    }

    /// What a subject did, if it is not what is right.
    pub fn wrong(&self, said: &Said) -> Option<OutcomeKind> {
        match said {
            Ok(digest) if *digest == self.digest() => None,
            Ok(_) => Some(OutcomeKind::OtherDigest),
            Err(outcome) => Some(outcome.kind()),
        }
    }

    /// The judge's word on what a subject said.
    pub fn verdict(
        &self,
        subject: &Identity,
        said: &Said,
        divergences: &[DigestDivergence],
    ) -> DigestVerdict {
        let outcome = self.wrong(said);
        if outcome == Some(OutcomeKind::Unsupported) {
            return DigestVerdict::NotOffered;
        }
        let documented = divergences.iter().find(|entry| entry.names(subject) && entry.covers(self));
        match (outcome, documented) {
            (None, None) => DigestVerdict::Agreed,
            (Some(outcome), Some(entry)) if outcome == entry.outcome => {
                DigestVerdict::Documented { divergence: entry.id.clone() }
            }
            (outcome, documented) => {
                DigestVerdict::Finding { outcome, documented: documented.map(|entry| entry.id.clone()) }
            }
        }
    }
}

impl DigestDivergence {
    /// Whether it speaks of this subject in this version.
    pub fn names(&self, subject: &Identity) -> bool {
        self.subjects.iter().any(|name| name == subject.name) && self.versions.matches(&subject.version)
    }

    /// Whether it speaks of this message.
    pub fn covers(&self, case: &MessageCase) -> bool {
        self.formats.contains(&case.format.name)
            && self.facts.is_subset(&case.facts)
            && self.absent.is_disjoint(&case.facts)
    }

    /// Whether it can be one, beside others that are.
    ///
    /// # Errors
    /// Why not, in words.
    pub fn check(&self, others: &[Self]) -> Result<(), String> {
        is_justified(&self.id, others.iter().map(|other| &other.id), [&self.why, &self.link])?;
        let why = if self.formats.is_empty() || self.subjects.is_empty() {
            " needs a subject and a format".to_owned()
        } else if let Some(fact) = self.facts.intersection(&self.absent).next() {
            format!(" wants `{fact}` both present and absent: no message is like that")
        } else if matches!(
            self.outcome,
            OutcomeKind::Recovered
                | OutcomeKind::WrongKey
                | OutcomeKind::CallFailed
                | OutcomeKind::Unsupported
        ) {
            format!(
                ": `outcome` is `{}`, which is none of a digest's (another digest is `other-digest`)",
                self.outcome
            )
        } else {
            return Ok(());
        };
        Err(format!("divergence `{}`{why}", self.id))
    }

    /// Whether every subject that it names is among these, in a version that it speaks of.
    ///
    /// # Errors
    /// The first that is not, in words.
    pub fn names_who_is_there<'a>(
        &self,
        subjects: impl Iterator<Item = &'a Identity> + Clone,
    ) -> Result<(), String> {
        who_is_there(&self.id, &self.subjects, &self.versions, subjects)
    }
}
