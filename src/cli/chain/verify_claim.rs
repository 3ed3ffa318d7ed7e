//! `ecrecheck chain verify` of keys of either algorithm with claims of either version, and of all that were served.

use std::fmt::Write as _;

use anyhow::bail;
use ecrecheck::dstack::chain::{Link, ProofFault};
use ecrecheck::dstack::claim::{ClaimFault, ClaimProof, ClaimVerdict, verify_claim};
use ecrecheck::input::bytes::to_hex;
use ecrecheck::input::key::Address;
use serde_json::{Value, json};

use super::source::{AppId, ClaimChain, Served};
use super::verify::{another_app, link_row};
use crate::cli::{Exit, print, print_json};

/// Verifies a chain.
pub(super) fn verify_one(
    chain: &ClaimChain,
    root: Option<Address>,
    app_id: Option<&AppId>,
    as_json: bool,
) -> anyhow::Result<Exit> {
    let Some(root) = root else { bail!("expected --root ADDRESS|KEY: without it nothing is verified") };
    let verdict = match &chain.proof {
        Ok(proof) => verify_claim(proof, root, chain.algorithm, &chain.claim),
        Err(fault) => refused(fault, root),
    };
    let proof = chain.proof.as_ref().ok();
    let other = proof.and_then(|proof| another_app(app_id.map(|id| id.0.as_slice()), &proof.app_id));
    if as_json {
        print_json(&json(proof, chain, other.as_deref(), &verdict))?;
    } else {
        print(&text(proof, chain, other.as_deref(), &verdict))?;
    }
    Ok(if verdict.outcome.is_ok() && other.is_none() { Exit::Agreed } else { Exit::Findings })
}

fn refused(fault: &ProofFault, root: Address) -> ClaimVerdict {
    let outcome = Err(fault.clone().into());
    ClaimVerdict { outcome, claim_signer: None, app_key: None, issuer: None, root }
}

fn text(
    proof: Option<&ClaimProof>,
    chain: &ClaimChain,
    other_app: Option<&str>,
    verdict: &ClaimVerdict,
) -> String {
    let mut text = String::new();
    if let Some(proof) = proof {
        let _ = writeln!(text, "app id       {}", to_hex(&proof.app_id));
        let unchecked = if chain.claim_is_given { "" } else { "  the proof's own, NOT CHECKED" };
        let _ = writeln!(text, "claimed      {}{unchecked}", proof.claim);
        let _ = writeln!(text, "derived key  {}  {}", to_hex(&proof.derived_key), proof.algorithm);
    }
    let at = verdict.outcome.as_ref().err().map(ClaimFault::link);
    link_row(&mut text, "claim", verdict.claim_signer, "the app key", Link::Claim, at);
    link_row(&mut text, "kms-issued", verdict.issuer, "the expected root", Link::Issued, at);
    let app_key = verdict.app_key.map_or("unknown".to_owned(), |address| address.to_string());
    let _ = writeln!(text, "app key      {app_key}\nroot         {}\n", verdict.root);
    if let Some(words) = other_app {
        let _ = writeln!(text, "REFUSED AnotherApp: {words}");
    }
    let _ = match &verdict.outcome {
        Ok(()) if other_app.is_some() => Ok(()),
        Ok(()) => writeln!(text, "verified: it is a key of this app under this root"),
        Err(fault) => writeln!(text, "REFUSED {}: {fault}", fault.name()),
    };
    text
}

fn json(
    proof: Option<&ClaimProof>,
    chain: &ClaimChain,
    other_app: Option<&str>,
    verdict: &ClaimVerdict,
) -> Value {
    let of_app = other_app.map(|words| json!({"name": "AnotherApp", "link": null, "words": words}));
    let of_chain = verdict.outcome.as_ref().err().map(fault_json);
    let fault = of_app.or(of_chain);
    json!({
        "verdict": if fault.is_none() { "verified" } else { "refused" },
        "fault": fault,
        "algorithm": chain.algorithm.name(),
        "claim": {"words": chain.claim.to_string(), "checked": chain.claim_is_given},
        "claim_signer": verdict.claim_signer,
        "app_key": verdict.app_key,
        "issuer": verdict.issuer,
        "root": verdict.root,
        "proof": proof.map(ClaimProof::to_json),
    })
}

fn fault_json(fault: &ClaimFault) -> Value {
    let link = fault.link().map(|link| link.to_string());
    json!({"name": fault.name(), "link": link, "words": fault.to_string()})
}

/// Verifies every key of a log, each for the claim that it was served with. Where the log is cut off, not all of it
/// was verified.
pub(super) fn verify_served(
    Served { keys, is_cut }: &Served,
    root: Option<Address>,
    app_id: Option<&AppId>,
    as_json: bool,
) -> anyhow::Result<Exit> {
    let Some(root) = root else { bail!("expected --root ADDRESS|KEY: without it nothing is verified") };
    let (mut rows, mut text, mut verified) = (Vec::new(), String::new(), 0);
    for proof in keys.iter().filter_map(|key| key.proof.as_ref()) {
        let outcome = verify_claim(proof, root, proof.algorithm, &proof.claim).outcome;
        let other = another_app(app_id.map(|id| id.0.as_slice()), &proof.app_id);
        let refused = other.clone().or_else(|| outcome.as_ref().err().map(ToString::to_string));
        if let Some(words) = &refused {
            let _ = writeln!(text, "REFUSED {} with {}: {words}", to_hex(&proof.derived_key), proof.claim);
        } else {
            verified += 1;
        }
        rows.push(json!({"refused": refused, "claim": proof.claim.to_string(), "proof": proof.to_json()}));
    }
    // What looked like a secret when they were asked for is not in the log: they are not verified.
    let (count, withheld) = (keys.len(), keys.len() - rows.len());
    if as_json {
        print_json(&json!({"verified": verified, "withheld": withheld, "cut": is_cut, "keys": rows}))?;
    } else {
        let _ = write!(text, "{verified} of {count} served keys verified under {root}");
        let words = match withheld {
            0 => String::new(),
            withheld => format!("; of {withheld} the log withholds the proof"),
        };
        let cut = if *is_cut { "; the log's last line is cut off" } else { "" };
        let _ = writeln!(text, "{words}{cut}");
        print(&text)?;
    }
    Ok(if verified == count && count > 0 && !is_cut { Exit::Agreed } else { Exit::Findings })
}
