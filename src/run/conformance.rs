//! The door for other implementations: hold yours to the whole corpus and to generated cases, from your own
//! tests.
//!
//! ```
//! use ecrecheck::input::ScalarInput;
//! use ecrecheck::run::conformance;
//! use ecrecheck::subject::{Identity, Lineage, Outcome, Subject};
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
//! let mine = Mine(Identity::new("mine", "1.0.0", "k256"));
//! let report = conformance::check(&mine, 500)?;
//! assert!(report.passes(), "{report}");
//! # Ok(())
//! # }
//! ```
//!
//! An implementer of revm's `Crypto` trait has the same through the EVM:
//!
//! ```
//! use ecrecheck::run::conformance;
//! use revm::precompile::DefaultCrypto;
//!
//! let report = conformance::check_crypto("default", DefaultCrypto, 500)?;
//! assert!(report.passes(), "{report}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::HashMap;
use std::fmt;
use std::mem::discriminant;
use std::path::Path;
use std::sync::Arc;

use revm::precompile::Crypto;

use crate::corpus::{Corpus, CorpusError};
use crate::generate::{Generated, STRATEGIES, generate};
use crate::judge::finding::Finding;
use crate::judge::law::Laws;
use crate::judge::matrix::Tally;
use crate::judge::{Divergence, Examined, Harness, examine};
use crate::run::check::reproduce;
use crate::run::fuzz::{bytes, laws};
use crate::subject::canary::CanaryError;
use crate::subject::{self, Identity, Subject, evm};

/// Every how many of the corpus's cases of a surface, from the first, the law of memory is tried: it costs some
/// fifty questions.
const MEMORY_EVERY_CASE: usize = 16;
/// The divergence that every EVM shares.
const V_DOMAIN: &str = "ecrecover-v-domain";

/// What came of holding an implementation to the corpus and to generated cases.
#[derive(Debug, Clone)]
pub struct ConformanceReport {
    /// The implementation.
    pub subject: Identity,
    /// The verdicts on its outcomes, counted.
    pub tally: Tally,
    /// The first finding of each class, with the case that led to it, and how many there were.
    pub findings: Vec<ClassFound>,
}

/// The findings of one class.
#[derive(Debug, Clone)]
pub struct ClassFound {
    /// The first.
    pub first: Finding,
    /// The case that led to it: the corpus's id, or `STRATEGY, generated case NUMBER`.
    pub case: String,
    /// How many there were.
    pub count: u64,
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum ConformanceError {
    /// The cryptography of this build is not real.
    #[error(transparent)]
    Canary(#[from] CanaryError),
    /// The corpus cannot be read.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
}

impl ConformanceReport {
    /// Whether the implementation did what is right, and did something: what it cannot express does not count.
    pub fn passes(&self) -> bool {
        self.findings.is_empty() && self.tally.agreed > 0
    }
}

impl fmt::Display for ConformanceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { agreed, documented, unsupported, findings } = self.tally;
        for ClassFound { first, case, count } in &self.findings {
            writeln!(f, "{case}: {first} ({count} such)")?;
            if let Some(input) = &first.input {
                writeln!(f, "  {}", reproduce(input))?;
            }
        }
        write!(
            f,
            "{}: {agreed} agreed, {documented} documented, {unsupported} unsupported, {findings} findings",
            self.subject.name
        )
    }
}

/// Holds an implementation to every case of the corpus and to `generated` generated ones.
///
/// # Errors
/// Nothing could be checked. What the implementation does wrong is in the report.
pub fn check(subject: &dyn Subject, generated: u64) -> Result<ConformanceReport, ConformanceError> {
    check_with(subject, generated, &[])
}

/// As [`check`], with differences of the implementation that are documented.
///
/// # Errors
/// As [`check`].
pub fn check_with(
    subject: &dyn Subject,
    generated: u64,
    divergences: &[Divergence],
) -> Result<ConformanceReport, ConformanceError> {
    subject::all()?; // the canary
    let corpus = Corpus::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"))?;
    let mut report = ConformanceReport {
        subject: subject.identity().clone(),
        tally: Tally::default(),
        findings: Vec::new(),
    };
    let subjects: [Box<dyn Subject + '_>; 1] = [Box::new(subject)];
    let harness = Harness::new(&subjects, divergences);
    let mut of_surface = HashMap::new();
    for case in &corpus.cases {
        if let Ok(input) = &case.input {
            let number: &mut usize = of_surface.entry(discriminant(input)).or_default();
            let laws = if number.is_multiple_of(MEMORY_EVERY_CASE) { Laws::All } else { Laws::Related };
            *number += 1;
            report.count(&case.id, examine(input, None, laws, harness));
        }
    }
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    for number in 0..generated {
        let Generated { strategy, input, known, .. } = generate(&bytes(0, number), &strategies);
        let examined = examine(&input, known.as_ref(), laws(number, Laws::OfInput), harness);
        report.count(&format!("{strategy}, generated case {number}"), examined);
    }
    Ok(report)
}

/// Holds a crypto provider of revm to the corpus and to generated cases, through the EVM.
///
/// # Errors
/// As [`check`].
pub fn check_crypto(
    name: &'static str,
    crypto: impl Crypto + 'static,
    generated: u64,
) -> Result<ConformanceReport, ConformanceError> {
    let subject = evm::Evm::on(name, Identity::new(name, "0.0.0", name).lineage, Arc::new(crypto));
    let corpus = Corpus::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"))?;
    let of_every_evm = corpus.divergences.into_iter().filter(|divergence| divergence.id == V_DOMAIN);
    let of_this_one = of_every_evm.map(|divergence| Divergence { subjects: vec![name.into()], ..divergence });
    check_with(&subject, generated, &of_this_one.collect::<Vec<_>>())
}

impl ConformanceReport {
    fn count(&mut self, case: &str, Examined { judged, findings }: Examined) {
        judged.subjects.iter().for_each(|(_, _, verdict)| self.tally.count(verdict));
        for finding in findings {
            match self.findings.iter_mut().find(|found| found.first.class() == finding.class()) {
                Some(found) => found.count += 1,
                None => self.findings.push(ClassFound { first: finding, case: case.to_owned(), count: 1 }),
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
            let bugs = planted::subjects();
            let bug = bugs.iter().find(|bug| bug.identity().name == name).unwrap();
            let report = check(bug, 0).unwrap();
            assert!(!report.passes(), "{name}: {report}");
        }
    }

    #[test]
    fn a_subject_that_can_do_nothing_does_not_pass() {
        let subject = Identity::new("idle", "1.0.0", "nothing");
        let report = ConformanceReport {
            subject,
            tally: Tally { unsupported: 9, ..Tally::default() },
            findings: vec![],
        };
        assert!(!report.passes());
    }
}
