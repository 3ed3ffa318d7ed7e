//! Vectors: cases with all that is known of them, for programs of other projects. As JSON they are what
//! `ecrecheck export json` writes, and `docs/vectors.schema.json` describes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::corpus::case::{Case, CaseKind};
use crate::input::bytes::Bytes;
use crate::input::key::{Address, PublicKey};
use crate::input::signature::Wire;
use crate::input::{Input, Surface};
use crate::judge::Divergence;
use crate::judge::fact::{Fact, classify};
use crate::reference::answer::{Answer, Expectation, Refusal};
use crate::subject::OutcomeKind;

/// The schema that a file of vectors names.
pub const VECTOR_SCHEMA: &str = "https://github.com/ecrecheck/ecrecheck/docs/vectors.schema.json";
/// The version of that schema.
pub const VECTOR_VERSION: u32 = 1;

/// Implementations by name, and what each can be asked.
pub type SurfacesOf = BTreeMap<String, BTreeSet<Surface>>;

/// A file of vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorFile {
    /// [`VECTOR_SCHEMA`].
    pub schema: String,
    /// [`VECTOR_VERSION`].
    pub version: u32,
    /// The version of ecrecheck that wrote it.
    pub ecrecheck: String,
    /// The divergences that vectors name, by id.
    pub divergences: BTreeMap<String, VectorDivergence>,
    /// The vectors, in the order of the corpus.
    pub cases: Vec<Vector>,
}

/// A case with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// `group::name`, unique in its file.
    pub id: String,
    /// What is special about it, in a line.
    pub comment: String,
    /// Where its values come from.
    pub origin: VectorOrigin,
    /// The same in words: threads, files, how it was generated.
    pub source: String,
    /// What is asked.
    pub input: Input,
    /// What must come out.
    pub expect: VectorAnswer,
    /// Every fact of the input.
    pub facts: BTreeSet<Fact>,
    /// Who is known to do something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deviations: Vec<VectorDeviation>,
    /// What was signed, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<VectorMessage>,
    /// The signature as it stands on the wire, where it was given so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<VectorSignature>,
}

/// Where a vector's values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VectorOrigin {
    /// A signature that stands in a public source.
    Published,
    /// A signature that was made with a published test key.
    Computed,
    /// An input that a person made up.
    Made,
    /// An input that a strategy made from a seed.
    Generated,
}

/// What must come out of a vector's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum VectorAnswer {
    /// This key.
    Recovered {
        /// Its address, with EIP-55's checksum.
        address: Address,
        /// The key, in SEC 1's compressed form.
        public_key: PublicKey,
    },
    /// No key.
    Rejected {
        /// The first reason that applies.
        rejected: Refusal,
    },
}

/// A known deviation from what must come out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorDeviation {
    /// The implementation that deviates.
    pub subject: String,
    /// What it does.
    pub outcome: OutcomeKind,
    /// The id of the divergence that documents it.
    pub divergence: String,
}

/// What is known of a divergence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorDivergence {
    /// The versions of its subjects, a semver range.
    pub versions: String,
    /// Why it is so.
    pub why: String,
    /// Where to read more.
    pub link: String,
}

/// What was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorMessage {
    /// The known format's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// How the digest is made from the fields.
    pub expression: String,
    /// The fields' values.
    pub fields: BTreeMap<String, Bytes>,
    /// The bytes that the outermost function hashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preimage: Option<Bytes>,
}

/// A signature on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorSignature {
    /// Its layout.
    pub wire: Wire,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Vector {
    /// The vectors of a case: the reference's answer, every fact. One, or one with each recovery id where the case
    /// has none; none where its signature cannot be taken apart, so that nothing is asked.
    pub fn of(case: &Case) -> Vec<Self> {
        let message = case.message.as_ref().map(|message| {
            let fields = message.fields.iter().map(|(name, value)| (name.to_owned(), Bytes(value.to_vec())));
            VectorMessage {
                format: message.format.clone(),
                expression: message.expression.to_string(),
                fields: fields.collect(),
                preimage: message.digest.preimage.clone().map(Bytes),
            }
        });
        let signature = case
            .wire
            .as_ref()
            .map(|(wire, bytes)| VectorSignature { wire: *wire, bytes: Bytes(bytes.clone()) });
        let origin = match case.kind {
            CaseKind::Published => VectorOrigin::Published,
            CaseKind::Computed => VectorOrigin::Computed,
            CaseKind::Made => VectorOrigin::Made,
        };
        let has_one = case.asked().count() == 1;
        let of_input = |(at, input): (usize, &Input)| {
            let id = if has_one { case.id.clone() } else { format!("{}-recovery-id-{at}", case.id) };
            let plain = Self::asking(input.clone(), id, case.about.clone(), case.source.clone());
            Self { origin, message: message.clone(), signature: signature.clone(), ..plain }
        };
        case.asked().enumerate().map(of_input).collect()
    }

    /// A vector that a strategy made.
    pub fn asking(input: Input, id: String, comment: String, source: String) -> Self {
        let answer = Answer::to(&input);
        Self {
            id,
            comment,
            origin: VectorOrigin::Generated,
            source,
            expect: answer.expectation.into(),
            facts: classify(&input, &answer),
            input,
            deviations: Vec::new(),
            message: None,
            signature: None,
        }
    }

    /// The same, with those of these who are documented to do something else.
    pub fn with_deviations(self, divergences: &[Divergence], surfaces: &SurfacesOf) -> Self {
        let right = Expectation::from(self.expect);
        let surface = self.input.surface();
        let is_asked = |subject: &&String| surfaces.get(*subject).is_some_and(|all| all.contains(&surface));
        let mut deviations = Vec::new();
        for divergence in divergences.iter().filter(|divergence| divergence.covers(&self.facts, &right)) {
            deviations.extend(divergence.subjects.iter().filter(is_asked).map(|subject| VectorDeviation {
                subject: subject.clone(),
                outcome: divergence.outcome,
                divergence: divergence.id.clone(),
            }));
        }
        deviations.sort();
        Self { deviations, ..self }
    }
}

impl VectorFile {
    /// Vectors, and the divergences that they name.
    pub fn of(cases: &[Vector], divergences: &[Divergence]) -> Self {
        let named: BTreeSet<_> =
            cases.iter().flat_map(|case| &case.deviations).map(|deviation| &deviation.divergence).collect();
        let known = divergences.iter().filter(|divergence| named.contains(&divergence.id));
        let divergences = known.map(|Divergence { id, versions, why, link, .. }| {
            let (versions, why, link) = (versions.to_string(), why.clone(), link.clone());
            (id.clone(), VectorDivergence { versions, why, link })
        });
        Self {
            schema: VECTOR_SCHEMA.to_owned(),
            version: VECTOR_VERSION,
            ecrecheck: env!("CARGO_PKG_VERSION").to_owned(),
            divergences: divergences.collect(),
            cases: cases.to_vec(),
        }
    }
}

impl From<Expectation> for VectorAnswer {
    fn from(expectation: Expectation) -> Self {
        match expectation {
            Expectation::Recovered { address, public_key } => Self::Recovered { address, public_key },
            Expectation::Rejected(rejected) => Self::Rejected { rejected },
        }
    }
}

impl From<VectorAnswer> for Expectation {
    fn from(answer: VectorAnswer) -> Self {
        match answer {
            VectorAnswer::Recovered { address, public_key } => Self::Recovered { address, public_key },
            VectorAnswer::Rejected { rejected } => Self::Rejected(rejected),
        }
    }
}
