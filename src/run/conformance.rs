//! The door for other implementations: hold yours to the whole corpus and to generated cases, from your own
//! tests.
//!
//! ```
//! use ecrecheck::{Identity, Outcome, ScalarInput, Subject, check};
//!
//! struct Mine(Identity);
//!
//! impl Subject for Mine {
//!     fn identity(&self) -> &Identity {
//!         &self.0
//!     }
//!
//!     fn recover(&self, input: &ScalarInput) -> Outcome {
//! #       use k256_0_14 as k256;
//!         use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
//!
//!         let Some(id) = RecoveryId::from_byte(input.recovery_id) else { return Outcome::rejected("id") };
//!         let Ok(signature) = Signature::from_scalars(input.r.0, input.s.0) else { return Outcome::rejected("r, s") };
//!         match VerifyingKey::recover_from_prehash(&input.digest.0, &signature, id) {
//!             Ok(key) => Outcome::sec1(key.to_sec1_point(false).as_bytes()),
//!             Err(error) => Outcome::rejected(error),
//!         }
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let report = check(Mine(Identity::new("mine", "1.0.0", "k256")), 500)?;
//! assert!(report.passes(), "{report}");
//! # Ok(())
//! # }
//! ```
//!
//! [`Check`] has more to choose. What differs on purpose is a [`Divergence`], as in the corpus:
//!
//! ```
//! use std::time::Duration;
//!
//! use ecrecheck::judge::AnswerKind;
//! use ecrecheck::subject::OutcomeKind;
//! use ecrecheck::{Check, Divergence, Fact};
//! # use ecrecheck::{Identity, Outcome, ScalarInput, Subject, subjects};
//!
//! # struct Mine(Identity);
//! # impl Subject for Mine {
//! #     fn identity(&self) -> &Identity {
//! #         &self.0
//! #     }
//! #     fn recover(&self, input: &ScalarInput) -> Outcome {
//! #         let mut ours = subjects().unwrap().iter();
//! #         ours.find(|subject| subject.identity().name == "k256-0.13").unwrap().recover(input)
//! #     }
//! # }
//! # let mine = Mine(Identity::new("mine", "1.0.0", "k256"));
//! let low_s_only = Divergence {
//!     id: "mine-rejects-high-s".into(),
//!     subjects: vec!["mine".into()],
//!     versions: "*".parse()?,
//!     facts: [Fact::HighS].into(),
//!     absent: [].into(),
//!     scope: AnswerKind::Recovered,
//!     outcome: OutcomeKind::Rejected,
//!     why: "Our chain wants a low s.".into(),
//!     link: "https://eips.ethereum.org/EIPS/eip-2".into(),
//! };
//! let report = Check::of(mine)
//!     .seed(7)
//!     .generated(300)
//!     .strategies(&["valid", "high-s"])
//!     .threads(2)
//!     .stop_after(20)
//!     .time_limit(Duration::from_secs(30))
//!     .divergences(&[low_s_only])
//!     .run()?;
//! assert!(report.passes(), "{report}");
//! # assert!(report.documented["mine-rejects-high-s"] > 0, "{report}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An implementer of revm's `Crypto` trait has the same through the EVM, without installing it:
//!
//! ```
//! use ecrecheck::{Identity, check_crypto};
//! use revm::precompile::DefaultCrypto;
//!
//! let report = check_crypto(Identity::new("mine", "1.0.0", "secp256k1"), DefaultCrypto, 500)?;
//! assert!(report.passes(), "{report}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A panic is an outcome, and so is no answer in time: the thread that waits for it is given up, and another goes
//! on. What ends the process ends the check: an implementation that may do that is better asked as a program of
//! its own.

mod plan;
mod report;
mod watched;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use revm::precompile::Crypto;

pub use self::report::{CaseName, ConformanceReport, End, FindingGroup, SurfaceReport};

use self::plan::{Asked, Plan};
use self::report::Findings;
use crate::corpus::Corpus;
use crate::corpus::case::Case;
use crate::format::nearest;
use crate::generate::{STRATEGIES, Strategy, named};
use crate::input::Surface;
use crate::judge::{Divergence, Verdict};
use crate::subject::{self, Identity, NoSubjects, Subject, evm};

/// Every how many of the corpus's cases of a surface, from the first, the law of memory is tried: it costs some
/// fifty questions.
const MEMORY_EVERY_CASE: usize = 16;
/// The divergence that every EVM shares.
const V_DOMAIN: &str = "ecrecover-v-domain";
/// How long a subject may take for an answer, unless it is said.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// In how many cases a subject may hang before it is not asked any more: each costs a thread that goes on.
const MAX_HUNG: usize = 3;
/// How many threads at most.
const MAX_THREADS: usize = 256;

/// A check of an implementation: the whole corpus, and generated cases.
#[must_use = "a check does nothing until it is run"]
pub struct Check {
    subject: Arc<dyn Subject>,
    /// Whether it is an EVM, and has what all of them share.
    evm: bool,
    seed: u64,
    generated: u64,
    surfaces: Option<BTreeSet<Surface>>,
    strategies: Option<Vec<String>>,
    threads: usize,
    stop_after: Option<u64>,
    time_limit: Duration,
    divergences: Vec<Divergence>,
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum ConformanceError {
    /// Nothing that this process says would count.
    #[error(transparent)]
    NoSubjects(#[from] NoSubjects),
    /// A divergence that cannot be one, or that names another subject or version than the one that is checked.
    #[error("{0}")]
    Divergence(String),
    /// A strategy that is not there, or nothing to choose from.
    #[error("{0}")]
    Choice(String),
}

/// Holds an implementation to every case of the corpus and to `generated` generated ones: [`Check`] in short.
///
/// # Errors
/// Nothing could be checked. What the implementation does wrong is in the report.
pub fn check(subject: impl Subject + 'static, generated: u64) -> Result<ConformanceReport, ConformanceError> {
    Check::of(subject).generated(generated).run()
}

/// As [`check`], for a crypto provider of revm: see [`Check::of_crypto`].
///
/// # Errors
/// As [`check`].
pub fn check_crypto(
    identity: Identity,
    crypto: impl Crypto + 'static,
    generated: u64,
) -> Result<ConformanceReport, ConformanceError> {
    Check::of_crypto(identity, crypto).generated(generated).run()
}

impl Check {
    /// Of an implementation. A reference to one that lives as long as the process is one too.
    pub fn of(subject: impl Subject + 'static) -> Self {
        Self {
            subject: Arc::new(subject),
            evm: false,
            seed: 0,
            generated: 2_000,
            surfaces: None,
            strategies: None,
            threads: 1,
            stop_after: None,
            time_limit: TIME_LIMIT,
            divergences: Vec::new(),
        }
    }

    /// Of a crypto provider of revm, which the EVM runs on: name, version and lineage are the provider's. It must
    /// not be installed: revm takes one a process.
    pub fn of_crypto(identity: Identity, crypto: impl Crypto + 'static) -> Self {
        Self { evm: true, ..Self::of(evm::Evm::on(identity, Arc::new(crypto))) }
    }

    /// What the generated cases are drawn from. 0 unless it is said.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// How many cases are generated; 2,000 unless it is said, which some strategies need to reach everything.
    /// Those of surfaces that are not chosen are among them, and not asked.
    pub fn generated(self, generated: u64) -> Self {
        Self { generated, ..self }
    }

    /// Cases of these surfaces only, each of which the subject must then be able to express; all unless it is
    /// said, and those that it cannot express at all are reported.
    pub fn surfaces(self, surfaces: &[Surface]) -> Self {
        Self { surfaces: Some(surfaces.iter().copied().collect()), ..self }
    }

    /// Generated cases of these strategies only, by name; all unless it is said.
    pub fn strategies(self, names: &[&str]) -> Self {
        Self { strategies: Some(names.iter().map(|name| (*name).to_owned()).collect()), ..self }
    }

    /// How many threads ask at once, up to 256; 1 unless it is said. The findings do not depend on it.
    pub fn threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// Stops after the case with which there are this many findings; never unless it is said.
    pub fn stop_after(self, findings: u64) -> Self {
        Self { stop_after: Some(findings), ..self }
    }

    /// How long the subject may take for one answer; 10 seconds unless it is said.
    pub fn time_limit(self, limit: Duration) -> Self {
        Self { time_limit: limit, ..self }
    }

    /// What differs on purpose. Each must name this subject alone, in this version.
    pub fn divergences(self, divergences: &[Divergence]) -> Self {
        Self { divergences: divergences.to_vec(), ..self }
    }

    /// Runs it.
    ///
    /// # Errors
    /// Nothing could be checked. What the implementation does wrong is in the report.
    pub fn run(self) -> Result<ConformanceReport, ConformanceError> {
        subject::all()?; // the canary
        let corpus = Corpus::built_in();
        let inputs = |case: &'static Case| case.asked().map(|input| (case.id.as_str(), input));
        let of_corpus: Vec<_> = corpus.cases.iter().flat_map(inputs).collect();
        let surfaces = match &self.surfaces {
            Some(chosen) if chosen.is_empty() => {
                return Err(ConformanceError::Choice("no surface is chosen".into()));
            }
            Some(chosen) => chosen.clone(),
            None => Surface::ALL.into(),
        };
        let plan = Plan {
            subject: &self.subject,
            time_limit: self.time_limit,
            corpus: &of_corpus,
            total: (of_corpus.len() as u64).saturating_add(self.generated),
            seed: self.seed,
            strategies: self.chosen_strategies()?,
            surfaces: &surfaces,
            divergences: &self.all_divergences(corpus)?,
        };
        let mut report = ConformanceReport {
            subject: self.subject.identity().clone(),
            seed: self.seed,
            corpus: 0,
            generated: 0,
            surfaces: surfaces.iter().map(|surface| (*surface, SurfaceReport::default())).collect(),
            documented: self.divergences.iter().map(|divergence| (divergence.id.clone(), 0)).collect(),
            findings: Vec::new(),
            end: End::Complete,
            surfaces_named: self.surfaces.is_some(),
        };
        let (mut findings, mut found, mut hung) = (Findings::default(), 0, 0);
        plan.ask(self.threads.clamp(1, MAX_THREADS), |asked| {
            found += asked.examined.findings.len() as u64;
            hung += usize::from(asked.hung);
            report.count(&asked);
            findings.count(&asked.case, &asked.input, asked.examined);
            if hung >= MAX_HUNG {
                report.end = End::GivenUp;
            } else if self.stop_after.is_some_and(|enough| found >= enough) {
                report.end = End::StoppedAfter;
            }
            report.end == End::Complete
        });
        report.findings = findings.groups();
        Ok(report)
    }

    fn chosen_strategies(&self) -> Result<Vec<&'static Strategy>, ConformanceError> {
        let Some(names) = &self.strategies else { return Ok(STRATEGIES.iter().collect()) };
        let unknown = |name: &str| {
            let nearest = nearest(name, STRATEGIES.iter().map(|strategy| strategy.name));
            let nearest = nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
            ConformanceError::Choice(format!("there is no strategy `{name}`{nearest}"))
        };
        let chosen: Vec<_> =
            names.iter().map(|name| named(name).ok_or_else(|| unknown(name))).collect::<Result<_, _>>()?;
        if chosen.is_empty() {
            return Err(ConformanceError::Choice("no strategy is chosen".into()));
        }
        Ok(chosen)
    }

    /// The user's divergences, and what every EVM shares.
    fn all_divergences(&self, corpus: &Corpus) -> Result<Vec<Divergence>, ConformanceError> {
        let identity = self.subject.identity();
        let of_every_evm =
            corpus.divergences.iter().filter(|divergence| self.evm && divergence.id == V_DOMAIN);
        let of_this_one = of_every_evm.map(|divergence| Divergence {
            subjects: vec![identity.name.to_owned()],
            versions: identity.exactly(),
            ..divergence.clone()
        });
        let mut all: Vec<_> = of_this_one.collect();
        for divergence in &self.divergences {
            divergence
                .check(&all)
                .and_then(|()| divergence.names_who_is_there(std::iter::once(identity)))
                .map_err(ConformanceError::Divergence)?;
            all.push(divergence.clone());
        }
        Ok(all)
    }
}

impl ConformanceReport {
    fn count(&mut self, asked: &Asked) {
        match asked.case {
            CaseName::Corpus(_) => self.corpus += 1,
            CaseName::Generated { .. } => self.generated += 1,
        }
        let surface = self.surfaces.entry(asked.input.surface()).or_default();
        for (_, outcome, verdict) in &asked.examined.judged.subjects {
            surface.count(outcome, verdict);
            if let Verdict::Documented { divergence } = verdict {
                *self.documented.entry(divergence.clone()).or_default() += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::planted;

    #[test]
    fn every_planted_scalar_and_call_bug_is_refused() {
        // A sample: `selftest` hunts them all, at length.
        for name in
            ["high-s-rejected", "r-reduced", "infinity-gives-address", "v-one-byte", "failure-gives-zeros"]
        {
            let bug = planted::subjects().into_iter().find(|bug| bug.identity().name == name).unwrap();
            let report = check(bug, 0).unwrap();
            assert!(!report.passes(), "{name}: {report}");
        }
    }
}
