//! Divergences: documented, justified and exact differences between subjects and the reference.

use std::collections::BTreeSet;
use std::fmt;

use semver::VersionReq;

use crate::format::{MessageFact, nearest};
use crate::judge::fact::Fact;
use crate::reference::answer::Expectation;
use crate::subject::{Identity, OutcomeKind};

/// A documented, justified difference between subjects and what is right.
///
/// Of recovery ([`AnswerKind`]), or of what is hashed for a known format ([`DigestDivergence`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divergence<S: Scope = AnswerKind> {
    /// Its name, unique.
    pub id: String,
    /// The subjects that diverge, by name.
    pub subjects: Vec<String>,
    /// The versions that do.
    pub versions: VersionReq,
    /// Facts that an input, or a message, must all have.
    pub facts: BTreeSet<S::Fact>,
    /// Facts that it must not have, because the subject's code looks at them first.
    pub absent: BTreeSet<S::Fact>,
    /// What else must hold: what the reference does with such an input; the known formats of such messages, by name.
    pub scope: S,
    /// What these subjects do instead.
    pub outcome: OutcomeKind,
    /// Why that is so.
    pub why: String,
    /// Where to read more.
    pub link: String,
}

/// What is hashed for messages of known formats, by their names.
pub type DigestDivergence = Divergence<BTreeSet<String>>;

/// What a divergence is of.
pub trait Scope: Clone + fmt::Debug + PartialEq + Eq {
    /// What an input or a message has.
    type Fact: Copy + Ord + fmt::Display + fmt::Debug;

    /// What it needs.
    const NEEDS: &'static str;

    /// Whether it says with these facts what it is of.
    fn is_whole(&self, facts: &BTreeSet<Self::Fact>) -> bool;

    /// Why it cannot have this outcome, if it cannot.
    fn excludes(&self, outcome: OutcomeKind) -> Option<&'static str>;
}

/// What an authority says, without details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerKind {
    /// There is a key.
    Recovered,
    /// There is none.
    Rejected,
}

impl fmt::Display for AnswerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recovered => "recovered",
            Self::Rejected => "rejected",
        })
    }
}

impl From<&Expectation> for AnswerKind {
    fn from(expectation: &Expectation) -> Self {
        match expectation {
            Expectation::Recovered { .. } => Self::Recovered,
            Expectation::Rejected(_) => Self::Rejected,
        }
    }
}

impl Scope for AnswerKind {
    type Fact = Fact;

    const NEEDS: &'static str = "a subject and a fact";

    fn is_whole(&self, facts: &BTreeSet<Fact>) -> bool {
        !facts.is_empty()
    }

    fn excludes(&self, outcome: OutcomeKind) -> Option<&'static str> {
        match (self, outcome) {
            (Self::Recovered, OutcomeKind::Recovered)
            | (Self::Rejected, OutcomeKind::Rejected | OutcomeKind::WrongKey) => {
                Some("what the reference does (another key than the reference's is `wrong-key`)")
            }
            (_, OutcomeKind::OtherDigest) => Some("a digest's: it belongs into a [[digest]] table"),
            _ => None,
        }
    }
}

/// Known formats. Without facts, it is of all their messages.
impl Scope for BTreeSet<String> {
    type Fact = MessageFact;

    const NEEDS: &'static str = "a subject and a format";

    fn is_whole(&self, _: &BTreeSet<MessageFact>) -> bool {
        !self.is_empty()
    }

    fn excludes(&self, outcome: OutcomeKind) -> Option<&'static str> {
        match outcome {
            OutcomeKind::Recovered
            | OutcomeKind::WrongKey
            | OutcomeKind::CallFailed
            | OutcomeKind::Unsupported => Some("none of a digest's (another digest is `other-digest`)"),
            _ => None,
        }
    }
}

impl<S: Scope> Divergence<S> {
    /// Whether it speaks of this subject in this version.
    pub fn names(&self, subject: &Identity) -> bool {
        self.subjects.iter().any(|name| name == subject.name) && self.versions.matches(&subject.version)
    }

    /// Whether an input or a message with these facts has what it asks for.
    pub(super) fn has_facts(&self, facts: &BTreeSet<S::Fact>) -> bool {
        self.facts.is_subset(facts) && self.absent.is_disjoint(facts)
    }

    /// Whether it can be one, beside others that are.
    ///
    /// # Errors
    /// Why not, in words.
    pub fn check(&self, others: &[Self]) -> Result<(), String> {
        let id = &self.id;
        if others.iter().any(|other| other.id == *id) {
            return Err(format!("two divergences have the id `{id}`"));
        }
        if self.subjects.is_empty() || !self.scope.is_whole(&self.facts) {
            return Err(format!("divergence `{id}` needs {}", S::NEEDS));
        }
        if let Some(why) = self.scope.excludes(self.outcome) {
            return Err(format!("divergence `{id}`: `outcome` is {why}"));
        }
        if self.why.trim().is_empty() || self.link.trim().is_empty() {
            return Err(format!(
                "divergence `{id}` needs a `why` and a `link`: what is justified has a cause"
            ));
        }
        match self.facts.intersection(&self.absent).next() {
            Some(fact) => Err(format!(
                "divergence `{id}` wants `{fact}` both present and absent: no input is like that"
            )),
            None => Ok(()),
        }
    }

    /// Whether every subject that it names is among these, in a version that it speaks of.
    ///
    /// # Errors
    /// The first that is not, in words.
    pub fn names_who_is_there<'a>(
        &self,
        subjects: impl Iterator<Item = &'a Identity> + Clone,
    ) -> Result<(), String> {
        for name in &self.subjects {
            let Some(there) = subjects.clone().find(|subject| subject.name == name) else {
                let nearest = nearest(name, subjects.map(|subject| subject.name));
                let nearest = nearest.map(|nearest| format!("; did you mean `{nearest}`?"));
                let why =
                    format!("names `{name}`, and there is no such subject{}", nearest.unwrap_or_default());
                return Err(format!("divergence `{}` {why}", self.id));
            };
            self.speaks_of(there)?;
        }
        Ok(())
    }

    /// Whether it speaks of this version of the subject, if it names it.
    ///
    /// # Errors
    /// That it does not, in words.
    pub fn speaks_of(&self, subject: &Identity) -> Result<(), String> {
        let Identity { name, version, .. } = subject;
        if !self.subjects.iter().any(|named| named == name) || self.versions.matches(version) {
            return Ok(());
        }
        let hint = if version.pre.is_empty() {
            String::new()
        } else {
            format!(" (a requirement matches a prerelease only if it names one: `>={version}`)")
        };
        let Self { id, versions, .. } = self;
        Err(format!("divergence `{id}` names {name} {versions}, and there is {name} {version}{hint}"))
    }
}

impl Divergence {
    /// Whether it speaks of this input.
    pub fn covers(&self, facts: &BTreeSet<Fact>, right: &Expectation) -> bool {
        self.has_facts(facts) && self.scope == right.into()
    }
}
