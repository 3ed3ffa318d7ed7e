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

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use revm::precompile::Crypto;

use crate::corpus::{Corpus, CorpusError};
use crate::generate::{STRATEGIES, generate};
use crate::input::Input;
use crate::judge::fact::classify;
use crate::judge::law;
use crate::judge::matrix::Tally;
use crate::judge::{Divergence, Verdict, verdict};
use crate::reference::answer::Answer;
use crate::run::check::reproduce;
use crate::run::fuzz::bytes;
use crate::subject::canary::CanaryError;
use crate::subject::{self, Identity, Subject, ask, evm};

/// How many findings a report holds.
const KEPT: usize = 20;
/// The divergence that every EVM shares.
const V_DOMAIN: &str = "ecrecover-v-domain";

/// What came of holding an implementation to the corpus and to generated cases.
#[derive(Debug, Clone)]
pub struct Report {
    /// The implementation.
    pub subject: Identity,
    /// Verdicts counted.
    pub tally: Tally,
    /// The first findings, each with a command that shows the input.
    pub findings: Vec<String>,
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

impl Report {
    /// Whether the implementation did what is right, and did something: what it cannot express does not count.
    pub fn passes(&self) -> bool {
        self.tally.findings == 0 && self.tally.agreed > 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { agreed, documented, unsupported, findings } = self.tally;
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
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
pub fn check(subject: &dyn Subject, generated: u64) -> Result<Report, ConformanceError> {
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
) -> Result<Report, ConformanceError> {
    subject::all()?; // the canary
    let corpus = Corpus::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"))?;
    let mut report =
        Report { subject: subject.identity().clone(), tally: Tally::default(), findings: Vec::new() };
    for case in &corpus.cases {
        if let Ok(input) = &case.input {
            report.hold(subject, input, &case.id, divergences);
        }
    }
    let strategies: Vec<_> = STRATEGIES.iter().collect();
    for number in 0..generated {
        let case = generate(&bytes(0, number), &strategies);
        report.hold(subject, &case.input, case.strategy, divergences);
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
) -> Result<Report, ConformanceError> {
    let subject = evm::Evm::on(name, Identity::new(name, "0.0.0", name).lineage, Arc::new(crypto));
    let corpus = Corpus::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"))?;
    let of_every_evm = corpus.divergences.into_iter().filter(|divergence| divergence.id == V_DOMAIN);
    let of_this_one = of_every_evm.map(|divergence| Divergence { subjects: vec![name.into()], ..divergence });
    check_with(&subject, generated, &of_this_one.collect::<Vec<_>>())
}

impl Report {
    fn hold(&mut self, subject: &dyn Subject, input: &Input, id: &str, divergences: &[Divergence]) {
        let answer = Answer::to(input);
        let facts = classify(input, &answer);
        let outcome = ask(subject, input);
        let verdict = verdict(subject.identity(), &outcome, &facts, &answer.expectation, divergences);
        self.tally.count(&verdict);
        if let Verdict::Finding { what } = verdict {
            self.finding(format!("{id}: {what}\n  {}", reproduce(input)));
        }
        if let Input::Scalar(scalar) = input
            && let Some((law, what)) = law::signing(subject, scalar)
        {
            self.tally.findings += 1;
            self.finding(format!("{law}: {what}"));
        }
    }

    fn finding(&mut self, finding: String) {
        if self.findings.len() < KEPT {
            self.findings.push(finding);
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
        let report =
            Report { subject, tally: Tally { unsupported: 9, ..Tally::default() }, findings: vec![] };
        assert!(!report.passes());
    }
}
