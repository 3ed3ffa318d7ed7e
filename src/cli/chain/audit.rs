//! `ecrecheck chain audit`.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::cli::tables::table;
use clap::Args;
use ecrecheck::dstack::audit::{self, AuditReport, AuditVerdict, AuditedCase, Requirement};
use ecrecheck::dstack::registry::{Adapter, Said, ours};
use ecrecheck::subject;
use serde_json::{Value, json};

use crate::cli::{Exit, print, print_json};

/// Tests a verifier contract in revm: chains that it must accept, and forged, mistaken and malformed proofs that it
/// must refuse. All are generated with test keys.
///
/// Exit status: 0 every case passed, 1 findings, 2 bad input or another error.
#[derive(Debug, Args)]
pub(super) struct Audit {
    /// The compiled contract: an artifact of Foundry or Hardhat [default: the registry of this project]
    #[arg(long, value_name = "FILE", requires = "mapping")]
    artifact: Option<PathBuf>,
    /// How the contract is deployed and called: a TOML file, see the documentation of `chain audit`
    #[arg(long, value_name = "FILE", requires = "artifact")]
    mapping: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        subject::all()?; // the canary
        let adapter = match (&self.artifact, &self.mapping) {
            (Some(artifact), Some(mapping)) => Adapter::load(artifact, mapping)?,
            _ => ours().clone(),
        };
        let of = self.artifact.map_or("our registry".to_owned(), |artifact| artifact.display().to_string());
        let report = audit::run(&adapter);
        if self.json {
            print_json(&as_json(&of, &report))?;
        } else {
            print(&as_text(&of, &report))?;
        }
        Ok(if report.passes() { Exit::Agreed } else { Exit::Findings })
    }
}

/// How many attempts of a failed case are shown.
const SHOWN: usize = 4;

fn as_text(of: &str, report: &AuditReport) -> String {
    let rows = report.tried.iter().map(|tried| {
        let AuditedCase { case, said, verdict, .. } = tried;
        let must = if case.expect == Requirement::Accept { "accept" } else { "refuse" };
        vec![
            case.id.to_string(),
            must.to_owned(),
            attempts(said),
            verdict.to_string(),
            case.about.to_string(),
        ]
    });
    let mut text =
        format!("audited  {of}\n\n{}", table(&["case", "must", "attempts", "verdict", "about"], rows));
    for tried in report.tried.iter().filter(|tried| tried.verdict == AuditVerdict::Failed) {
        let _ = writeln!(text, "\nFINDING  {}: {}", tried.case.id, tried.case.why);
        for finding in tried.findings.iter().take(SHOWN) {
            let _ = writeln!(text, "         {finding}");
        }
        if let Some(more @ 1..) = tried.findings.len().checked_sub(SHOWN) {
            let _ = writeln!(text, "         and {more} more attempts: see --json");
        }
    }
    let follow = report.count(|verdict| matches!(verdict, AuditVerdict::Follows(_)));
    let failed = report.count(|verdict| *verdict == AuditVerdict::Failed);
    let (asked, not_asked) = report.attempts();
    let _ = writeln!(
        text,
        "\n{}: {} cases, {asked} attempts asked and {not_asked} not: {} cases passed, {failed} failed, {follow} follow from these, {} not asked",
        if report.passes() { "passed" } else { "FAILED" },
        report.tried.len(),
        report.count(|verdict| *verdict == AuditVerdict::Passed),
        report.count(|verdict| *verdict == AuditVerdict::NotAsked),
    );
    text
}

/// `6`, or `4 + 1 n/a`: those that were made, and those that are not expressible in the contract's parameters.
fn attempts(said: &[Said]) -> String {
    let unsayable = said.iter().filter(|said| matches!(said, Said::Unsayable(_))).count();
    let made = said.len() - unsayable;
    if unsayable == 0 { made.to_string() } else { format!("{made} + {unsayable} n/a") }
}

fn as_json(of: &str, report: &AuditReport) -> Value {
    let case = |tried: &AuditedCase| {
        let attempts = tried.case.attempts.iter().zip(&tried.said).map(|(attempt, said)| {
            json!({
                "label": attempt.label,
                "root": attempt.root,
                "purpose": ecrecheck::input::bytes::to_hex(&attempt.purpose),
                "proof": attempt.proof.to_json(),
                "said": said.to_string(),
            })
        });
        let (verdict, follows) = match tried.verdict {
            AuditVerdict::Passed => ("passed", None),
            AuditVerdict::Failed => ("failed", None),
            AuditVerdict::Follows(id) => ("follows", Some(id)),
            AuditVerdict::NotAsked => ("not-asked", None),
        };
        let (expect, faults) = match tried.case.expect {
            Requirement::Accept => ("accept", &[][..]),
            Requirement::Refuse(faults) => ("refuse", faults),
        };
        json!({
            "id": tried.case.id,
            "about": tried.case.about,
            "why": tried.case.why,
            "expect": expect,
            "faults": faults,
            "verdict": verdict,
            "follows": follows,
            "findings": tried.findings,
            "attempts": attempts.collect::<Vec<_>>(),
        })
    };
    let (asked, not_asked) = report.attempts();
    json!({
        "verdict": if report.passes() { "passed" } else { "failed" },
        "audited": of,
        "attempts": {"asked": asked, "not_asked": not_asked},
        "cases": report.tried.iter().map(case).collect::<Vec<_>>(),
    })
}
