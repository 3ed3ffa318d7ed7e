//! Digests: what a subject hashes for a message, held to the format's expression under the documented divergences.
//!
//! As everywhere here a divergence is exact: where its facts hold, its outcome must be seen.

use std::collections::BTreeSet;

use super::DigestDivergence;
use crate::format::{KnownFormat, Message, MessageFact};
use crate::input::bytes::Word;
use crate::subject::{Identity, Outcome, OutcomeKind};

/// What a subject says that it hashes, or what it did instead.
pub type Said = Result<Word, Outcome>;

/// A message to hash, and what is true of it.
#[derive(Debug, Clone)]
pub struct MessageCase<'a> {
    /// The known format.
    pub format: &'a KnownFormat,
    /// The message, with the digest that is right.
    pub message: Message,
    /// Its facts.
    pub facts: BTreeSet<MessageFact>,
}

/// The judge's word on what a subject hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl<'a> MessageCase<'a> {
    /// A message of a known format.
    pub fn new(format: &'a KnownFormat, message: Message) -> Self {
        let facts = MessageFact::of(format, &message.fields);
        Self { format, message, facts }
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
    /// Whether it speaks of this message.
    pub fn covers(&self, case: &MessageCase<'_>) -> bool {
        self.scope.contains(&case.format.name) && self.has_facts(&case.facts)
    }
}
