//! `ecrecheck chain verify`.

use std::fmt::Write as _;

use anyhow::bail;
use clap::Args;
use ecrecheck::dstack::chain::{Link, Proof, ProofFault, ProofVerdict, purpose_in_words, verify};
use ecrecheck::input::bytes::to_hex;
use ecrecheck::input::key::Address;
use serde_json::{Value, json};

use super::source::{AppId, ClaimArgs, Loaded, Source};
use super::verify_claim::{verify_one, verify_served};
use crate::cli::signer::signer;
use crate::cli::{Exit, print, print_json};

/// Verifies a chain under a KMS root: the claim's signature, the app key that it binds, the root's signature.
///
/// Exit status: 0 verified, 1 refused, or a log whose last line is cut off, 2 bad input or another error.
#[derive(Debug, Args)]
pub(super) struct Verify {
    #[command(flatten)]
    source: Source,
    /// The app id, 20 bytes in hex; required unless the file is a proof
    #[arg(long, value_name = "HEX")]
    app_id: Option<AppId>,
    /// The expected KMS root; required
    #[arg(long, value_name = "ADDRESS|KEY", value_parser = signer)]
    root: Option<Address>,
    /// The expected purpose of the claim [default: the empty one, or the proof's]
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// The derivation path of the key, with --app-keys [default: the empty path]
    #[arg(long, value_name = "TEXT")]
    path: Option<String>,
    #[command(flatten)]
    claim: ClaimArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let (app_id, path, purpose) = (self.app_id.as_ref(), self.path.as_deref(), self.purpose.as_deref());
        if let Some(served) = self.source.served()? {
            if path.or(purpose).is_some() || self.claim.are_given() {
                bail!(
                    "--log verifies every key for its own claim: --path, --purpose, --domain and --algorithm do not go with it"
                );
            }
            return verify_served(&served, self.root, app_id, self.json);
        }
        if let Some(chain) = self.source.claim_chain(&self.claim, app_id, path, purpose)? {
            return verify_one(&chain, self.root, app_id, self.json);
        }
        let loaded = self.source.load(self.app_id.as_ref())?;
        let chain = loaded.chain(self.path.as_deref(), self.purpose.as_deref())?;
        let Some(root) = self.root else { return refuse_without_root(&chain.proof, &chain.purpose) };
        let verdict = match &chain.proof {
            Ok(proof) => verify(proof, root, &chain.purpose),
            Err(fault) => ProofVerdict {
                outcome: Err(fault.clone()),
                claim_signer: None,
                app_key: None,
                issuer: None,
                root,
            },
        };
        let held = HeldTo {
            app_id: self.app_id.as_ref().map(|app_id| app_id.0.as_slice()),
            purpose: match loaded {
                Loaded::Proof(_) => self.purpose.as_deref().map(str::as_bytes),
                _ => Some(&chain.purpose),
            },
        };
        let proof = chain.proof.as_ref().ok();
        let another_app = proof.and_then(|proof| held.another_app(proof));
        if self.json {
            print_json(&as_json(proof, &held, another_app.as_deref(), &verdict))?;
        } else {
            print(&as_text(proof, &held, another_app.as_deref(), &verdict))?;
        }
        let verified = verdict.outcome.is_ok() && another_app.is_none();
        Ok(if verified { Exit::Agreed } else { Exit::Findings })
    }
}

/// What a chain was held to besides the root. A proof holds its own app id and purpose: they are compared only
/// with what is given on the command line.
struct HeldTo<'a> {
    app_id: Option<&'a [u8]>,
    purpose: Option<&'a [u8]>,
}

/// The name of the fault that only the command line can find: a verifier is not told of an app.
const ANOTHER_APP: &str = "AnotherApp";

impl HeldTo<'_> {
    /// What is wrong with a proof of another app.
    fn another_app(&self, proof: &Proof) -> Option<String> {
        another_app(self.app_id, &proof.app_id)
    }
}

/// What is wrong with a proof of another app than the expected one.
pub(super) fn another_app(expected: Option<&[u8]>, found: &[u8]) -> Option<String> {
    let expected = expected.filter(|expected| *expected != found)?;
    Some(format!("the proof is for the app {}, not for {}", to_hex(found), to_hex(expected)))
}

/// A link's row: who signed it, and whether a verifier takes it. `at` is none where nothing is at fault, and else the
/// link of the fault, if it is a link's.
pub(super) fn link_row(
    text: &mut String,
    name: &str,
    signer: Option<Address>,
    whose: &str,
    link: Link,
    at: Option<Option<Link>>,
) {
    let signer = signer.map_or("nobody: it recovers no key".to_owned(), |address| address.to_string());
    let sound = match at {
        None => whose,
        Some(Some(at)) if at == link => "REFUSED",
        Some(Some(at)) if at > link => whose,
        Some(_) => "not reached",
    };
    let _ = writeln!(text, "{name:<12} {signer}  {sound}");
}

/// Any chain has some root: without an expected one nothing is verified.
fn refuse_without_root(proof: &Result<Proof, ProofFault>, purpose: &[u8]) -> anyhow::Result<Exit> {
    let nobody = Address([0xff; 20]);
    let issuer = proof.as_ref().ok().and_then(|proof| verify(proof, nobody, purpose).issuer);
    let found = issuer.map_or("nobody".to_owned(), |issuer| issuer.to_string());
    bail!(
        "expected --root ADDRESS|KEY: without it nothing is verified (this chain's signature recovers \
         {found}, the root only if the app id is right; compare that with what the operator of the KMS publishes)"
    )
}

fn as_text(
    proof: Option<&Proof>,
    held: &HeldTo<'_>,
    another_app: Option<&str>,
    verdict: &ProofVerdict,
) -> String {
    let mut text = String::new();
    if let Some(proof) = proof {
        let expected =
            |expected: Option<&[u8]>, option: &str, own: &[u8], words: fn(&[u8]) -> String| match expected {
                None => format!("  the proof's own, NOT CHECKED: give {option}"),
                Some(expected) if expected == own => String::new(),
                Some(expected) => format!("  expected: {}", words(expected)),
            };
        let app_id = expected(held.app_id, "--app-id", &proof.app_id, |id| to_hex(id));
        let purpose = expected(held.purpose, "--purpose", &proof.purpose, purpose_in_words);
        let _ = writeln!(text, "app id       {}{app_id}", to_hex(&proof.app_id));
        let _ = writeln!(text, "purpose      {}{purpose}", purpose_in_words(&proof.purpose));
        let _ = writeln!(text, "derived key  {}", to_hex(&proof.derived_key));
    }
    let at = verdict.outcome.as_ref().err().map(ProofFault::link);
    link_row(&mut text, "claim", verdict.claim_signer, "the app key", Link::Claim, at);
    link_row(&mut text, "kms-issued", verdict.issuer, "the expected root", Link::Issued, at);
    let app_key = verdict.app_key.map_or("unknown".to_owned(), |address| address.to_string());
    let _ = writeln!(text, "app key      {app_key}\nroot         {}\n", verdict.root);
    if let Some(words) = another_app {
        let _ = writeln!(text, "REFUSED {ANOTHER_APP}: {words}");
    }
    let _ = match &verdict.outcome {
        Ok(_) if another_app.is_some() => Ok(()),
        Ok(instance) => writeln!(text, "verified: {instance} is a key of this app under this root"),
        Err(fault) => writeln!(text, "REFUSED {}: {fault}", fault.name()),
    };
    text
}

fn as_json(
    proof: Option<&Proof>,
    held: &HeldTo<'_>,
    another_app: Option<&str>,
    verdict: &ProofVerdict,
) -> Value {
    let of_chain = verdict.outcome.as_ref().err().map(|fault| {
        json!({
            "name": fault.name(),
            "link": fault.link().map(|link| link.to_string()),
            "words": fault.to_string(),
        })
    });
    let of_app = another_app.map(|words| json!({"name": ANOTHER_APP, "link": null, "words": words}));
    let fault = of_app.or(of_chain);
    let checked = |expected: Option<&[u8]>, own: Option<&Vec<u8>>| json!({"found": own.map(to_hex), "expected": expected.map(to_hex), "checked": expected.is_some()});
    json!({
        "verdict": if fault.is_none() { "verified" } else { "refused" },
        "instance": verdict.outcome.as_ref().ok().filter(|_| fault.is_none()),
        "fault": fault,
        "app_id": checked(held.app_id, proof.map(|proof| &proof.app_id)),
        "purpose": checked(held.purpose, proof.map(|proof| &proof.purpose)),
        "claim_signer": verdict.claim_signer,
        "app_key": verdict.app_key,
        "issuer": verdict.issuer,
        "root": verdict.root,
        "proof": proof.map(Proof::to_json),
    })
}
