//! Findings: who is wrong, how, and on which input, as data. `report::finding` puts them into words.

use super::law::Law;
use crate::input::Input;
use crate::input::bytes::Word;
use crate::input::key::PublicKey;
use crate::input::signature::{Signature, Wire, WireError};
use crate::reference::answer::{Answer, Expectation, Refusal};
use crate::subject::{Outcome, OutcomeKind};

/// Something that is wrong and that no divergence documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Who is wrong.
    pub culprit: Culprit,
    /// How.
    pub fault: Fault,
    /// The input that shows it: the one that was examined, or one that a law relates to it. `None` where what
    /// was examined is no input of a surface: a file, a format, a chain.
    pub input: Option<Input>,
}

/// Who is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Culprit {
    /// A subject, by its name.
    Subject(String),
    /// The reference.
    Reference,
    /// The reference's twin.
    Twin,
    /// A part of this program, by its name: `format`, `corpus`, `verifier`.
    Component(String),
}

/// How it is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The outcome is not what is right.
    Outcome {
        /// What the subject did.
        outcome: Outcome,
        /// What is right.
        right: Expectation,
    },
    /// A divergence covers the input, and the outcome is not the one that it documents.
    Divergence {
        /// The divergence.
        id: String,
        /// What it documents.
        documented: OutcomeKind,
        /// What the subject did.
        outcome: Outcome,
        /// What is right.
        right: Expectation,
    },
    /// The reference's answer is not the one for which the input was constructed.
    Construction {
        /// The reference's.
        answer: Expectation,
        /// The construction's.
        constructed: Expectation,
    },
    /// The twin's answer is not the reference's.
    Twin {
        /// The twin's.
        answer: Expectation,
        /// The reference's.
        right: Expectation,
    },
    /// Two inputs that have one answer by a law have two.
    Relation {
        /// The law.
        law: Law,
        /// The answer to the finding's input.
        answer: Expectation,
        /// The input that the law relates to it.
        related: Input,
        /// The answer to that.
        of_related: Expectation,
    },
    /// The answer depends on what else was asked, before or at the same time.
    Memory {
        /// What else was asked.
        asked: Asked,
        /// What the subject did.
        outcome: Outcome,
        /// What it did with the same input asked otherwise; none where it always did this.
        otherwise: Option<Outcome>,
        /// What is right.
        right: Expectation,
    },
    /// libsecp256k1 does not verify the signature with the recovered key.
    Verification {
        /// The recovered key.
        public_key: PublicKey,
    },
    /// A signature that the subject made recovers to another key than the signer's.
    Signing {
        /// The private key: a test key, the input's r.
        private_key: Word,
        /// What was signed.
        digest: Word,
        /// What the signature recovers to.
        recovered: Expectation,
        /// The signer.
        signer: Expectation,
    },
    /// A subject that signs did something else, with a sound key.
    NotSigned {
        /// The private key: a test key, the input's r.
        private_key: Word,
        /// What was to be signed.
        digest: Word,
        /// What the subject did.
        outcome: Outcome,
    },
    /// A wire layout is read wrongly.
    Layout(LayoutFault),
    /// A property of a part of this program does not hold, or it panicked; in words.
    Property(String),
}

/// What else a subject was asked when its answer was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// These, in this order, and then the finding's input.
    After(Vec<Input>),
    /// By several threads at once: an input and its relatives, of which the finding's input is one.
    AtOnce {
        /// How many threads.
        threads: usize,
        /// The input whose relatives were asked.
        relative: Box<Input>,
    },
}

/// How a wire layout is read wrongly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayoutFault {
    /// Another signature is read than was written.
    Changed {
        /// The layout.
        wire: Wire,
        /// What was written.
        written: Signature,
        /// What was read.
        read: Result<Signature, WireError>,
    },
    /// Bytes of one layout are taken for another's, though length or v tells them apart.
    Mistaken {
        /// The layout.
        wire: Wire,
        /// The one that it is taken for.
        taken_for: Wire,
    },
}

/// What findings of one cause have in common, as far as data can tell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingClass {
    culprit: Culprit,
    fault: FaultClass,
}

/// A fault without its values. An answer is `None` where there is a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum FaultClass {
    Outcome(OutcomeKind, Option<Refusal>),
    Divergence(String, OutcomeKind),
    Construction(Option<Refusal>, Option<Refusal>),
    Twin(Option<Refusal>, Option<Refusal>),
    Relation(Law),
    /// Whether threads must ask at once.
    Memory(bool),
    Verification,
    Signing,
    NotSigned(OutcomeKind),
    Changed(Wire),
    Mistaken(Wire, Wire),
    Property,
}

impl Finding {
    /// What is wrong with the twin's answer to an input, if the reference has another.
    pub(crate) fn of_twin(input: &Input, answer: Expectation) -> Option<Self> {
        let right = Answer::to(input).expectation;
        let fault = Fault::Twin { answer, right };
        (answer != right).then(|| Self { culprit: Culprit::Twin, fault, input: Some(input.clone()) })
    }

    /// A property of a part of this program that does not hold, in words.
    pub(crate) fn of_component(name: &str, what: impl Into<String>) -> Self {
        let culprit = Culprit::Component(name.to_owned());
        Self { culprit, fault: Fault::Property(what.into()), input: None }
    }

    /// Why the subject should have given no key, where it gave one or failed otherwise.
    pub fn refusal(&self) -> Option<Refusal> {
        match &self.fault {
            Fault::Outcome { right, .. } => right.refusal(),
            _ => None,
        }
    }

    /// How bad it is: 0 for a wrong key, the worst, as nobody notices it.
    pub fn rank(&self) -> u8 {
        let of_outcome = |kind| match kind {
            OutcomeKind::WrongKey | OutcomeKind::OtherDigest => 0,
            OutcomeKind::Recovered => 1,
            OutcomeKind::Malformed => 2,
            OutcomeKind::Panicked | OutcomeKind::Died | OutcomeKind::Hung => 4,
            OutcomeKind::CallFailed | OutcomeKind::Rejected | OutcomeKind::Unsupported => 5,
        };
        match &self.fault {
            Fault::Outcome { outcome, right }
            | Fault::Divergence { outcome, right, .. }
            | Fault::Memory { outcome, right, .. } => of_outcome(outcome.kind_beside(right)),
            Fault::Signing { .. } => 0,
            Fault::NotSigned { outcome, .. } => of_outcome(outcome.kind()),
            Fault::Construction { .. }
            | Fault::Twin { .. }
            | Fault::Relation { .. }
            | Fault::Verification { .. }
            | Fault::Layout(_)
            | Fault::Property(_) => 3,
        }
    }

    /// The class that it is in.
    pub fn class(&self) -> FindingClass {
        let fault = match &self.fault {
            Fault::Outcome { outcome, right } => {
                FaultClass::Outcome(outcome.kind_beside(right), right.refusal())
            }
            Fault::Divergence { id, outcome, right, .. } => {
                FaultClass::Divergence(id.clone(), outcome.kind_beside(right))
            }
            Fault::Construction { answer, constructed } => {
                FaultClass::Construction(answer.refusal(), constructed.refusal())
            }
            Fault::Twin { answer, right } => FaultClass::Twin(answer.refusal(), right.refusal()),
            Fault::Relation { law, .. } => FaultClass::Relation(*law),
            Fault::Memory { asked, .. } => FaultClass::Memory(matches!(asked, Asked::AtOnce { .. })),
            Fault::Verification { .. } => FaultClass::Verification,
            Fault::Signing { .. } => FaultClass::Signing,
            Fault::NotSigned { outcome, .. } => FaultClass::NotSigned(outcome.kind()),
            Fault::Layout(LayoutFault::Changed { wire, .. }) => FaultClass::Changed(*wire),
            Fault::Layout(LayoutFault::Mistaken { wire, taken_for }) => {
                FaultClass::Mistaken(*wire, *taken_for)
            }
            Fault::Property(_) => FaultClass::Property,
        };
        FindingClass { culprit: self.culprit.clone(), fault }
    }
}
