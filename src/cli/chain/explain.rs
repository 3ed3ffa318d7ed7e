//! `ecrecheck chain explain`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context as _, bail};
use clap::Args;
use ecrecheck::corpus::investigation::Evidence;
use ecrecheck::dstack::chain::{ProofFault, verify};
use ecrecheck::dstack::explain::{AddressExplanation, Created, Deployments, Scene, explain};
use ecrecheck::dstack::{mistake, test_key};
use ecrecheck::input::bytes::{Bytes, to_hex};
use ecrecheck::input::key::Address;
use serde_json::{Value, json};

use super::source::{AppId, Loaded, LoadedChain, Source};
use crate::cli::signer::signer;
use crate::cli::{Exit, print, print_json};

/// Names the mistake behind an address that should have been the KMS root, and the format expression that
/// gives the address.
///
/// Explains the addresses of --saw; without --saw, the wrong address of a chain that fails under --root.
///
/// Exit status: 0 every address is explained, 1 an address is not, 2 bad input or another error.
#[derive(Debug, Args)]
pub(super) struct Explain {
    #[command(flatten)]
    source: Source,
    /// The app id, 20 bytes in hex; required unless the file is a proof
    #[arg(long, value_name = "HEX")]
    app_id: Option<AppId>,
    /// The expected KMS root
    #[arg(long, value_name = "ADDRESS|KEY", value_parser = signer)]
    root: Option<Address>,
    /// An address to explain, with a name for the report; repeatable
    #[arg(long, value_name = "[NAME=]ADDRESS", value_parser = sighting)]
    saw: Vec<(String, Address)>,
    /// The purpose of the claim [default: the empty one, or the proof's]
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// A derivation path to try, with --app-keys; repeatable [default: the empty path]
    #[arg(long, value_name = "TEXT")]
    path: Vec<String>,
    /// An instance id to try
    #[arg(long, value_name = "HEX")]
    instance_id: Option<Bytes>,
    /// An account that may have deployed contracts, besides those of Anvil and Hardhat; repeatable
    #[arg(long, value_name = "ADDRESS|KEY", value_parser = signer)]
    deployer: Vec<Address>,
    /// The highest nonce to try for a contract
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u64).range(..=100_000))]
    nonces: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Addresses, each with what it was reported as.
type Sightings = Vec<(String, Address)>;

fn sighting(text: &str) -> Result<(String, Address), String> {
    let (name, address) = text.rsplit_once('=').unwrap_or(("", text));
    Ok((name.to_owned(), signer(address)?))
}

impl Explain {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let paths: Vec<Option<&str>> = match self.path.as_slice() {
            [] => vec![None],
            paths => paths.iter().map(|path| Some(path.as_str())).collect(),
        };
        let loaded = self.source.load(self.app_id.as_ref())?;
        if let (Loaded::Proof(proof), Some(app_id)) = (&loaded, &self.app_id)
            && proof.app_id != app_id.0
        {
            let (found, expected) = (to_hex(&proof.app_id), to_hex(&app_id.0));
            bail!("--app-id: the proof is for the app {found}, not for {expected}");
        }
        let mut chains = Vec::new();
        for path in paths {
            chains.push((path, loaded.chain(path, self.purpose.as_deref())?));
        }
        let (_, first) = chains.first().context("expected a chain")?;
        let (fault, sightings) = self.sightings(first)?;
        let pem_key = match &loaded {
            Loaded::Keys { keys, .. } => keys.key_provider.key().as_secp256k1(),
            _ => None,
        };
        let pem_key = pem_key.map(|key| key.public_key());
        let instance_id = self.instance_id.as_ref().map(|id| id.0.clone());
        let scenes: Vec<_> = chains
            .iter()
            .filter_map(|(path, chain)| {
                let (path, proof) = (path.map(str::to_owned), chain.proof.as_ref().ok()?.clone());
                Some(Scene { proof, path, instance_id: instance_id.clone(), pem_key })
            })
            .collect();

        let wanted: BTreeSet<_> = sightings.iter().map(|(_, address)| *address).collect();
        let accounts = test_key::development_accounts().chain(self.deployer.iter().copied()).collect();
        let explanations = explain(&wanted, &scenes, &Deployments { accounts, nonces: self.nonces });
        let advice = fault.as_ref().and_then(mistake::of_fault);
        if self.json {
            print_json(&as_json(fault.as_ref(), advice, &sightings, &explanations))?;
        } else {
            print(&self.as_text(fault.as_ref(), advice, &sightings, &explanations))?;
        }
        let explained = wanted.iter().all(|address| explanations.contains_key(address));
        Ok(if explained && !(wanted.is_empty() && advice.is_none()) { Exit::Agreed } else { Exit::Findings })
    }

    /// The chain's fault, and what is to be explained: as told, or what the fault is about.
    fn sightings(&self, chain: &LoadedChain) -> anyhow::Result<(Option<ProofFault>, Sightings)> {
        let fault = match (&chain.proof, self.root) {
            (Err(fault), _) => Some(fault.clone()),
            (Ok(proof), Some(root)) => verify(proof, root, &chain.purpose).outcome.err(),
            (Ok(_), None) => None,
        };
        if !self.saw.is_empty() {
            return Ok((fault, self.saw.clone()));
        }
        let named = |name: &str, address: &Address| vec![(name.to_owned(), *address)];
        let sightings = match &fault {
            Some(ProofFault::WrongRoot { expected, .. }) => named("the expected root", expected),
            Some(ProofFault::AppKeyMismatch { claimed, .. }) => named("the app key", claimed),
            Some(_) => Vec::new(),
            None if self.root.is_some() => {
                bail!("the chain verifies under --root: nothing to explain (give --saw ADDRESS)")
            }
            None => bail!("expected --saw ADDRESS, or the --root under which the chain fails"),
        };
        Ok((fault, sightings))
    }

    fn as_text(
        &self,
        fault: Option<&ProofFault>,
        advice: Option<&str>,
        sightings: &[(String, Address)],
        explanations: &BTreeMap<Address, AddressExplanation>,
    ) -> String {
        let mut text = String::new();
        if let Some(fault) = fault {
            let _ = writeln!(text, "{}: {fault}", fault.name());
        }
        if let Some(advice) = advice {
            let _ = writeln!(text, "  - {advice}");
        }
        for (name, address) in sightings {
            let gap = if text.is_empty() { "" } else { "\n" };
            let name = if name.is_empty() { String::new() } else { format!("  {name}") };
            let _ = writeln!(text, "{gap}{address}{name}");
            let Some(explanation) = explanations.get(address) else {
                let _ = writeln!(
                    text,
                    "  unexplained: no message of the catalogue gives it, and no contract of {} accounts up to nonce {}",
                    test_key::DEVELOPMENT_ACCOUNTS.len() + self.deployer.len(),
                    self.nonces,
                );
                continue;
            };
            let _ = match &explanation.evidence {
                Evidence::RecoveredOver(digest) => {
                    writeln!(text, "  recovered from the kms-issued signature over\n    {digest}")
                }
                Evidence::AddressIs(expression) => writeln!(text, "  it is\n    {expression}"),
            };
            if let Some(Created { deployer, nonce }) = explanation.created {
                let _ = writeln!(text, "  the CREATE address of {deployer} at nonce {nonce}");
            }
            if let Some(path) = &explanation.path {
                let _ = writeln!(text, "  with the key at path {path:?}");
            }
            if explanation.replaced == 0 {
                let _ = writeln!(text, "  no mistake: this is the KMS root that signed");
            }
            if let Some(nearest) = &explanation.nearest {
                let _ = writeln!(text, "  compared with {nearest}:");
            }
            for mistake in &explanation.mistakes {
                let _ = writeln!(text, "  - {mistake}");
            }
            if matches!(explanation.evidence, Evidence::RecoveredOver(_)) && explanation.replaced > 0 {
                let _ = writeln!(
                    text,
                    "  so nobody has its key: deployed as a trust anchor, it accepts no chain"
                );
            }
        }
        text
    }
}

fn as_json(
    fault: Option<&ProofFault>,
    advice: Option<&str>,
    sightings: &[(String, Address)],
    explanations: &BTreeMap<Address, AddressExplanation>,
) -> Value {
    let explained = |(name, address): &(String, Address)| {
        let explanation = explanations.get(address);
        let expression = explanation.map(|explanation| match &explanation.evidence {
            Evidence::RecoveredOver(digest) => ("recovered_over", digest.to_string()),
            Evidence::AddressIs(expression) => ("address_is", expression.to_string()),
        });
        let mut value = json!({"name": name, "address": address, "explained": explanation.is_some()});
        if let (Some((kind, expression)), Some(explanation)) = (expression, explanation) {
            value[kind] = expression.into();
            value["nearest"] = json!(explanation.nearest);
            value["mistakes"] = json!(explanation.mistakes);
            value["path"] = json!(explanation.path);
            if let Some(Created { deployer, nonce }) = explanation.created {
                value["deployer"] = json!(deployer);
                value["nonce"] = nonce.into();
            }
        }
        value
    };
    json!({
        "fault": fault.map(|fault| json!({"name": fault.name(), "words": fault.to_string(), "mistake": advice})),
        "addresses": sightings.iter().map(explained).collect::<Vec<_>>(),
    })
}
