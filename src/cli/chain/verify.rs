//! `ecrecheck chain verify`.

use std::fmt::Write as _;

use anyhow::bail;
use clap::Args;
use ecrecheck::bytes::to_hex;
use ecrecheck::dstack::chain::{Fault, Link, Proof, Verdict, verify};
use ecrecheck::key::Address;
use serde_json::{Value, json};

use super::source::{AppId, Source};
use crate::cli::recover::signer;
use crate::cli::{Exit, print, print_json};

/// Verifies a chain under a KMS root: the claim's signature, the app key that it binds, the root's signature.
///
/// Exit status: 0 verified, 1 refused, 2 the work could not be done.
#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    source: Source,
    /// The app, 20 bytes in hex
    #[arg(long, value_name = "HEX")]
    app_id: Option<AppId>,
    /// The KMS root that must have issued the app key
    #[arg(long, value_name = "ADDRESS|KEY", value_parser = signer)]
    root: Option<Address>,
    /// The purpose that the claim must be for [default: none, or the proof's]
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// The path of the key, of --app-keys [default: the empty one]
    #[arg(long, value_name = "TEXT")]
    path: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let loaded = self.source.load(self.app_id.as_ref())?;
        let chain = loaded.chain(self.path.as_deref(), self.purpose.as_deref())?;
        let Some(root) = self.root else { return refuse_without_root(&chain.proof, &chain.purpose) };
        let verdict = match &chain.proof {
            Ok(proof) => verify(proof, root, &chain.purpose),
            Err(fault) => {
                Verdict { outcome: Err(fault.clone()), claim_signer: None, app_key: None, issuer: None, root }
            }
        };
        if self.json {
            print_json(&as_json(chain.proof.as_ref().ok(), &verdict))?;
        } else {
            print(&as_text(chain.proof.as_ref().ok(), &verdict))?;
        }
        Ok(if verdict.outcome.is_ok() { Exit::Agreed } else { Exit::Findings })
    }
}

/// Any chain has some root: without an expected one nothing is verified.
fn refuse_without_root(proof: &Result<Proof, Fault>, purpose: &[u8]) -> anyhow::Result<Exit> {
    let nobody = Address([0xff; 20]);
    let issuer = proof.as_ref().ok().and_then(|proof| verify(proof, nobody, purpose).issuer);
    let found = issuer.map_or("nobody".to_owned(), |issuer| issuer.to_string());
    bail!(
        "expected --root ADDRESS|KEY: without it nothing is verified (this chain's signature recovers \
         {found}; compare that with what the operator of the KMS publishes)"
    )
}

fn as_text(proof: Option<&Proof>, verdict: &Verdict) -> String {
    let mut text = String::new();
    if let Some(proof) = proof {
        let purpose = str::from_utf8(&proof.purpose)
            .map_or_else(|_| to_hex(&proof.purpose), |text| format!("{text:?}"));
        let _ = writeln!(text, "app id       {}\npurpose      {purpose}", to_hex(&proof.app_id));
        let _ = writeln!(text, "derived key  {}", to_hex(&proof.derived_key));
    }
    let at = verdict.outcome.as_ref().err().and_then(Fault::link);
    let mut link = |name: &str, signer: Option<Address>, whose: &str, link: Link| {
        let signer = signer.map_or("nobody: it recovers no key".to_owned(), |address| address.to_string());
        let sound = match (&verdict.outcome, at) {
            (Ok(_), _) => whose,
            (Err(_), Some(at)) if at == link => "REFUSED",
            (Err(_), Some(at)) if at > link => whose,
            (Err(_), _) => "not reached",
        };
        let _ = writeln!(text, "{name:<12} {signer}  {sound}");
    };
    link("claim", verdict.claim_signer, "the app key", Link::Claim);
    link("kms-issued", verdict.issuer, "the expected root", Link::Issued);
    let app_key = verdict.app_key.map_or("unknown".to_owned(), |address| address.to_string());
    let _ = writeln!(text, "app key      {app_key}\nroot         {}\n", verdict.root);
    let _ = match &verdict.outcome {
        Ok(instance) => writeln!(text, "verified: {instance} is a key of this app under this root"),
        Err(fault) => writeln!(text, "REFUSED {}: {fault}", fault.name()),
    };
    text
}

fn as_json(proof: Option<&Proof>, verdict: &Verdict) -> Value {
    json!({
        "verdict": if verdict.outcome.is_ok() { "verified" } else { "refused" },
        "instance": verdict.outcome.as_ref().ok(),
        "fault": verdict.outcome.as_ref().err().map(|fault| json!({
            "name": fault.name(),
            "link": fault.link().map(|link| link.to_string()),
            "words": fault.to_string(),
        })),
        "claim_signer": verdict.claim_signer,
        "app_key": verdict.app_key,
        "issuer": verdict.issuer,
        "root": verdict.root,
        "proof": proof.map(Proof::to_json),
    })
}
