//! `ecrecheck chain audit`.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use ecrecheck::dstack::audit::{self, AuditReport, AuditVerdict, AuditedCase, Requirement};
use ecrecheck::dstack::registry::{Adapter, Said, ours};
use ecrecheck::subject;
use serde_json::{Value, json};

use crate::cli::tables::table;
use crate::cli::{Exit, print, print_json};

/// Tests a verifier contract: chains that it must accept, and forged, mistaken and malformed proofs that it must
/// refuse. All are generated with test keys. The contract is deployed in revm, or is one on a node, which is only read.
///
/// Exit status: 0 every case passed, 1 findings, 2 bad input or another error.
#[derive(Debug, Args)]
pub(super) struct Audit {
    /// The compiled contract: an artifact of Foundry or Hardhat [default: the registry of this project]. With --node
    /// its `abi` is enough, and a mapping that has signatures needs none
    #[arg(long, value_name = "FILE", requires = "mapping")]
    artifact: Option<PathBuf>,
    /// How to deploy and call the contract: TOML, see docs/dstack.md
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    #[cfg(feature = "outsiders")]
    #[command(flatten)]
    on_node: super::deployed::OnNode,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        subject::all()?; // the canary
        let (of, report) = self.audited()?;
        if self.json {
            print_json(&as_json(&of, &report))?;
        } else {
            print(&as_text(&of, &report))?;
        }
        Ok(if report.passes() { Exit::Agreed } else { Exit::Findings })
    }

    /// What was audited, in lines that have names, and what came of it.
    fn audited(&self) -> anyhow::Result<(Vec<About>, AuditReport)> {
        let files = (self.artifact.as_deref(), self.mapping.as_deref());
        #[cfg(feature = "outsiders")]
        if let Some(audited) = self.on_node.audited(files)? {
            return Ok(audited);
        }
        let adapter = match files {
            (Some(artifact), Some(mapping)) => Adapter::load(artifact, mapping)?,
            (None, None) => ours().clone(),
            _ => bail!("--artifact and --mapping belong together: give both, or --node and --address"),
        };
        let of = self
            .artifact
            .as_ref()
            .map_or("our registry".to_owned(), |artifact| artifact.display().to_string());
        Ok((vec![("audited", of)], audit::run(&adapter)))
    }
}

/// A line about what was audited: its name, and what it says.
pub(super) type About = (&'static str, String);

/// How many attempts of a failed case are shown.
const SHOWN: usize = 4;

fn as_text(of: &[About], report: &AuditReport) -> String {
    let rows = report.tried.iter().map(|tried| {
        let AuditedCase { case, said, verdict, .. } = tried;
        let must = if case.expect == Requirement::Accept { "accept" } else { "refuse" };
        vec![
            case.id.to_string(),
            must.to_owned(),
            attempts(said, tried.hidden),
            verdict.to_string(),
            case.about.to_string(),
        ]
    });
    let mut text: String = of.iter().map(|(name, words)| format!("{name:<8} {words}\n")).collect();
    let _ = write!(text, "\n{}", table(&["case", "must", "attempts", "verdict", "about"], rows));
    for tried in report.tried.iter().filter(|tried| tried.verdict == AuditVerdict::Failed) {
        let _ = writeln!(text, "\nFINDING  {}: {}", tried.case.id, tried.case.why);
        for finding in tried.findings.iter().take(SHOWN) {
            let _ = writeln!(text, "         {finding}");
        }
        if let Some(more @ 1..) = tried.findings.len().checked_sub(SHOWN) {
            let _ = writeln!(text, "         and {more} more attempts: see --json");
        }
    }
    let untold = untold(report);
    if !untold.is_empty() {
        let _ = write!(text, "\n{untold}");
    }
    let follow = report.count(|verdict| matches!(verdict, AuditVerdict::Follows(_)));
    let failed = report.count(|verdict| *verdict == AuditVerdict::Failed);
    let (asked, not_asked) = report.attempts();
    let hidden = match report.count(|verdict| *verdict == AuditVerdict::Hidden) {
        _ if report.hidden() == 0 => String::new(),
        cases => format!(", {cases} hidden by the root (with {} attempts)", report.hidden()),
    };
    let _ = writeln!(
        text,
        "\n{}: {} cases, {asked} attempts asked and {not_asked} not: {} cases passed, {failed} failed, {follow} follow from these, {} not asked{hidden}",
        match (report.passes(), report.foreign_root) {
            (true, false) => "passed",
            (true, true) => "passed as far as can be told under a foreign root",
            (false, _) => "FAILED",
        },
        report.tried.len(),
        report.count(|verdict| *verdict == AuditVerdict::Passed),
        report.count(|verdict| *verdict == AuditVerdict::NotAsked),
    );
    text
}

/// `6`, or `4 + 1 n/a`: those that tell something, and those that do not: they were not asked, or only their root was
/// refused.
fn attempts(said: &[Said], hidden: usize) -> String {
    let telling_nothing = said.iter().filter(|said| matches!(said, Said::NotAsked(_))).count() + hidden;
    let telling = said.len() - telling_nothing;
    if telling_nothing == 0 { telling.to_string() } else { format!("{telling} + {telling_nothing} n/a") }
}

/// What was not asked of a deployed contract, by its reason, with the cases; and what its root hides.
fn untold(report: &AuditReport) -> String {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |reason: String, case: &AuditedCase, count: usize| {
        let id = format!("{} ({count})", case.case.id);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, cases)) => cases.push(id),
            None => reasons.push((reason, vec![id])),
        }
    };
    for tried in &report.tried {
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for said in &tried.said {
            let Said::NotAsked(why) = said else { continue };
            // What it would need stands behind the comma, for each attempt another.
            let why = match why.split_once(", ") {
                Some((needs, _)) if needs.starts_with("it needs") => needs,
                _ => "not expressible in the contract's parameters",
            };
            match counts.iter_mut().find(|(known, _)| *known == why) {
                Some((_, count)) => *count += 1,
                None => counts.push((why, 1)),
            }
        }
        counts.into_iter().for_each(|(why, count)| add(format!("NOT ASKED  {why}"), tried, count));
    }
    for tried in report.tried.iter().filter(|tried| tried.hidden > 0) {
        add("HIDDEN     refused for its root, which is not the contract's".to_owned(), tried, tried.hidden);
    }
    reasons.into_iter().map(|(reason, cases)| format!("{reason}: {}\n", cases.join(", "))).collect()
}

fn as_json(of: &[About], report: &AuditReport) -> Value {
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
            AuditVerdict::Hidden => ("hidden", None),
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
            "hidden": tried.hidden,
            "attempts": attempts.collect::<Vec<_>>(),
        })
    };
    let (asked, not_asked) = report.attempts();
    let of = of.iter().map(|(name, words)| ((*name).to_owned(), json!(words)));
    let mut json = json!({
        "verdict": if report.passes() { "passed" } else { "failed" },
        "foreign_root": report.foreign_root,
        "attempts": {"asked": asked, "not_asked": not_asked, "hidden": report.hidden()},
        "cases": report.tried.iter().map(case).collect::<Vec<_>>(),
    });
    if let Some(json) = json.as_object_mut() {
        json.extend(of);
    }
    json
}
