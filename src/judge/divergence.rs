//! Divergences: documented, justified and exact differences between subjects and the reference.

use std::collections::BTreeSet;
use std::fmt;

use semver::VersionReq;

use crate::format::nearest;
use crate::judge::fact::Fact;
use crate::reference::answer::Expectation;
use crate::subject::{Identity, OutcomeKind};

/// A documented, justified difference between subjects and the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divergence {
    /// Its name, unique.
    pub id: String,
    /// The subjects that diverge, by name.
    pub subjects: Vec<String>,
    /// The versions that do.
    pub versions: VersionReq,
    /// Facts that an input must all have.
    pub facts: BTreeSet<Fact>,
    /// Facts that it must not have, because the subject's code looks at them first.
    pub absent: BTreeSet<Fact>,
    /// What the reference does with such an input.
    pub reference: AnswerKind,
    /// What these subjects do instead.
    pub outcome: OutcomeKind,
    /// Why that is so.
    pub why: String,
    /// Where to read more.
    pub link: String,
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

impl Divergence {
    /// Whether it speaks of this subject in this version.
    pub fn names(&self, subject: &Identity) -> bool {
        self.subjects.iter().any(|name| name == subject.name) && self.versions.matches(&subject.version)
    }

    /// Whether it can be one, beside others that are.
    ///
    /// # Errors
    /// Why not, in words.
    pub fn check(&self, others: &[Self]) -> Result<(), String> {
        is_justified(&self.id, others.iter().map(|other| &other.id), [&self.why, &self.link])?;
        let why = if self.facts.is_empty() || self.subjects.is_empty() {
            " needs a subject and a fact".to_owned()
        } else if let Some(fact) = self.facts.intersection(&self.absent).next() {
            format!(" wants `{fact}` both present and absent: no input is like that")
        } else if let (AnswerKind::Recovered, OutcomeKind::Recovered)
        | (AnswerKind::Rejected, OutcomeKind::Rejected | OutcomeKind::WrongKey) =
            (self.reference, self.outcome)
        {
            ": `outcome` is what the reference does (another key than the reference's is `wrong-key`)"
                .to_owned()
        } else if self.outcome == OutcomeKind::OtherDigest {
            ": `outcome` is that of a digest; it belongs into a [[digest]] table".to_owned()
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

    /// Whether it speaks of this input.
    pub fn covers(&self, facts: &BTreeSet<Fact>, right: &Expectation) -> bool {
        self.facts.is_subset(facts) && self.absent.is_disjoint(facts) && self.reference == right.into()
    }
}

/// Whether every subject that a divergence names is among these, in a version that it speaks of.
pub(super) fn who_is_there<'a>(
    id: &str,
    names: &[String],
    versions: &VersionReq,
    subjects: impl Iterator<Item = &'a Identity> + Clone,
) -> Result<(), String> {
    for name in names {
        let there = subjects.clone().find(|subject| subject.name == name);
        let why = match there {
            None => {
                let nearest = nearest(name, subjects.clone().map(|subject| subject.name));
                let nearest = nearest.map(|nearest| format!("; did you mean `{nearest}`?"));
                format!("names `{name}`, and there is no such subject{}", nearest.unwrap_or_default())
            }
            Some(there) if !versions.matches(&there.version) => {
                let version = &there.version;
                let hint = if version.pre.is_empty() {
                    String::new()
                } else {
                    format!(" (a requirement matches a prerelease only if it names one: `>={version}`)")
                };
                format!("names {name} {}, and there is {name} {version}{hint}", versions)
            }
            Some(_) => continue,
        };
        return Err(format!("divergence `{id}` {why}"));
    }
    Ok(())
}

/// Whether a divergence has an id of its own, and a cause.
pub(super) fn is_justified<'a>(
    id: &str,
    mut others: impl Iterator<Item = &'a String>,
    cause: [&String; 2],
) -> Result<(), String> {
    if others.any(|other| other == id) {
        Err(format!("two divergences have the id `{id}`"))
    } else if cause.iter().any(|text| text.trim().is_empty()) {
        Err(format!("divergence `{id}` needs a `why` and a `link`: what is justified has a cause"))
    } else {
        Ok(())
    }
}
