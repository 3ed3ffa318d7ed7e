//! What is documented of implementations: those of this build, and those of tables of subjects.

#[cfg(all(unix, feature = "outsiders"))]
use std::path::PathBuf;

use clap::Args;
use ecrecheck::corpus::Corpus;
use ecrecheck::corpus::vector::{SurfacesOf, Vector};
use ecrecheck::input::{CallInput, Input, PrehashInput, ScalarInput, Surface};
#[cfg(all(unix, feature = "outsiders"))]
use ecrecheck::outsider::{protocol::Operation, roster::Roster};
use ecrecheck::subject::{self, OutcomeKind, Subject, ask};
use ecrecheck::{Bytes, Divergence, Word};

#[cfg(all(unix, feature = "outsiders"))]
use crate::cli::outsiders::{add_documented, rosters_here};

/// Where it is documented.
#[derive(Debug, Args)]
pub(super) struct KnownPlaces {
    /// A table of subjects whose documented divergences are known, repeatable [default: subjects/*/subjects.toml]
    #[cfg(all(unix, feature = "outsiders"))]
    #[arg(long = "subjects", value_name = "FILE")]
    rosters: Vec<PathBuf>,
}

/// What is documented, and of whom.
pub(super) struct Known {
    pub(super) divergences: Vec<Divergence>,
    surfaces: SurfacesOf,
    /// Of which implementations, in words.
    pub(super) of: String,
}

impl Known {
    pub(super) fn with_deviations(&self, vector: Vector) -> Vector {
        vector.with_deviations(&self.divergences, &self.surfaces)
    }
}

impl KnownPlaces {
    /// Reads it. Without the project's tables of subjects, it is what the corpus documents of this build's.
    pub(super) fn load(&self, corpus: &Corpus) -> anyhow::Result<Known> {
        let ours = subject::all()?.iter().map(|subject| {
            let surfaces = Surface::ALL.into_iter().filter(|surface| is_asked(subject.as_ref(), *surface));
            (subject.identity().name.to_owned(), surfaces.collect())
        });
        let mut known = Known {
            divergences: corpus.divergences.clone(),
            surfaces: ours.collect(),
            of: "of this build's subjects".to_owned(),
        };
        self.add_tables(&mut known)?;
        Ok(known)
    }

    #[cfg(not(all(unix, feature = "outsiders")))]
    fn add_tables(&self, _: &mut Known) -> anyhow::Result<()> {
        Ok(())
    }

    #[cfg(all(unix, feature = "outsiders"))]
    fn add_tables(&self, known: &mut Known) -> anyhow::Result<()> {
        let files = if self.rosters.is_empty() { rosters_here() } else { self.rosters.clone() };
        let ours = known.surfaces.len();
        for file in files {
            let roster = Roster::load(&file)?;
            add_documented(&mut known.divergences, &roster, Divergence::load)?;
            for row in roster.rows {
                let surfaces = row.operations.iter().filter_map(|operation| match operation {
                    Operation::Recover => Some(Surface::Scalar),
                    Operation::Prehash => Some(Surface::Prehash),
                    Operation::Call => Some(Surface::Call),
                    Operation::Digest => None,
                });
                known.surfaces.insert(row.name, surfaces.collect());
            }
        }
        match known.surfaces.len() - ours {
            0 => {}
            more => known.of += &format!(" and of {more} in tables"),
        }
        Ok(())
    }
}

/// Whether a subject can be asked on this surface at all.
fn is_asked(subject: &dyn Subject, surface: Surface) -> bool {
    let ScalarInput { digest, r, s, recovery_id } = ORDINARY;
    let input = match surface {
        Surface::Scalar => Input::Scalar(ORDINARY),
        Surface::Prehash => {
            Input::Prehash(PrehashInput { prehash: Bytes(digest.0.to_vec()), r, s, recovery_id })
        }
        Surface::Call => match CallInput::of(&ORDINARY) {
            Some(call) => Input::Call(call),
            None => return false,
        },
    };
    ask(subject, &input).kind() != OutcomeKind::Unsupported
}

/// An input that every subject can be asked, whatever it answers.
const ORDINARY: ScalarInput =
    ScalarInput { digest: Word([1; 32]), r: Word([1; 32]), s: Word([1; 32]), recovery_id: 0 };
