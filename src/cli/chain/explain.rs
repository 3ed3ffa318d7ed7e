//! `ecrecheck chain explain`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use ecrecheck::corpus::investigation::Evidence;
use ecrecheck::dstack::chain::{ProofFault, verify};
use ecrecheck::dstack::explain::{AddressExplanation, Created, Deployments, Scene, explain};
use ecrecheck::dstack::guest::ServedKey;
use ecrecheck::dstack::{mistake, test_key};
use ecrecheck::input::bytes::{Bytes, to_hex};
use ecrecheck::input::key::Address;
use serde_json::{Value, json};

use super::source::{AppId, ClaimArgs, ClaimChain, Loaded, LoadedChain, Source, text};
use crate::cli::signer::signer;
use crate::cli::{Exit, print, print_json};

/// Names the mistake behind an address that should have been the KMS root, and the format expression that
/// gives the address.
///
/// Explains the addresses of --saw and --addresses; without them, the wrong address of a chain that fails under
/// --root, or every address that a log names.
///
/// Exit status: 0 every address is explained, 1 an address is not, or a log's last line is cut off, 2 bad input or
/// another error.
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
    /// A file of addresses to explain, a line each, as for --saw; `#` begins a comment
    #[arg(long, value_name = "FILE")]
    addresses: Option<PathBuf>,
    /// The purpose of the claim [default: the empty one, or the proof's]
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// A derivation path to try, with --app-keys; repeatable [default: the empty path]
    #[arg(long, value_name = "TEXT")]
    path: Vec<String>,
    #[command(flatten)]
    claim: ClaimArgs,
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

/// How many keys of a log are tried: each takes a second or two where an address is not explained.
const MAX_SCENES: usize = 32;

/// Addresses, each with what it was reported as.
type Sightings = Vec<(String, Address)>;

fn sighting(text: &str) -> Result<(String, Address), String> {
    let (name, address) = text.rsplit_once('=').unwrap_or(("", text));
    Ok((name.to_owned(), signer(address)?))
}

impl Explain {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let served = self.source.served()?;
        let is_cut = served.as_ref().is_some_and(|served| served.is_cut);
        let (fault, sightings, scenes) = match served {
            Some(served) => self.of_log(served.keys)?,
            None => self.of_chain()?,
        };
        let instance_id = self.instance_id.as_ref().map(|id| id.0.clone());
        let scenes: Vec<_> =
            scenes.into_iter().map(|scene| Scene { instance_id: instance_id.clone(), ..scene }).collect();

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
        let nothing = wanted.is_empty() && advice.is_none();
        Ok(if explained && !nothing && !is_cut { Exit::Agreed } else { Exit::Findings })
    }

    /// The served keys, each for the claim that it was served with; by default all that the log names is to be
    /// explained.
    fn of_log(&self, keys: Vec<ServedKey>) -> anyhow::Result<(Option<ProofFault>, Sightings, Vec<Scene>)> {
        if self.purpose.is_some() || self.app_id.is_some() || self.root.is_some() || self.claim.are_given() {
            bail!(
                "a log says what it is of: --app-id, --root, --purpose, --domain and --algorithm do not go with it"
            );
        }
        let (mut proofs, mut scenes, mut named) = (Vec::new(), Vec::new(), Sightings::new());
        let mut name = |what: String, address: Address| {
            if !named.iter().any(|(_, known)| *known == address) {
                named.push((what, address));
            }
        };
        for ServedKey { name: path, proof, root } in keys {
            let Some(proof) = proof else { continue };
            if !self.path.is_empty() && !path.as_ref().is_some_and(|path| self.path.contains(path)) {
                continue;
            }
            if proofs.contains(&proof) {
                continue;
            }
            if let Some(root) = root {
                name("the KMS root".to_owned(), root);
            }
            for (what, key) in [("the app key", proof.app_key()), ("the derived key", proof.derived_key())] {
                if let Some(key) = key {
                    let of = path.as_ref().filter(|_| what == "the derived key");
                    let of = of.map_or(String::new(), |path| format!(" at {path:?}"));
                    name(format!("{what}{of}"), key.address());
                }
            }
            scenes.push(Scene { path, ..Scene::of_claim(&proof) });
            proofs.push(proof);
        }
        if scenes.is_empty() {
            bail!("no key of the log has one of these paths");
        }
        if scenes.len() > MAX_SCENES {
            bail!(
                "the log has {} different keys, and at most {MAX_SCENES} are tried: choose with --path",
                scenes.len()
            );
        }
        let told = self.told()?;
        Ok((None, if told.is_empty() { named } else { told }, scenes))
    }

    /// One chain, with the keys at several paths where it can be derived at them.
    fn of_chain(&self) -> anyhow::Result<(Option<ProofFault>, Sightings, Vec<Scene>)> {
        let (app_id, purpose) = (self.app_id.as_ref(), self.purpose.as_deref());
        let first_path = self.path.first().map(String::as_str);
        if let Some(chain) = self.source.claim_chain(&self.claim, app_id, first_path, purpose)? {
            if self.path.len() > 1 {
                bail!("--path: one at most with --algorithm and --domain");
            }
            return self.of_claim(&chain, first_path);
        }
        let paths: Vec<Option<&str>> = match self.path.as_slice() {
            [] => vec![None],
            paths => paths.iter().map(|path| Some(path.as_str())).collect(),
        };
        let loaded = self.source.load(app_id)?;
        if let (Loaded::Proof(proof), Some(app_id)) = (&loaded, app_id)
            && proof.app_id != app_id.0
        {
            let (found, expected) = (to_hex(&proof.app_id), to_hex(&app_id.0));
            bail!("--app-id: the proof is for the app {found}, not for {expected}");
        }
        let mut chains = Vec::new();
        for path in paths {
            chains.push((path, loaded.chain(path, purpose)?));
        }
        let (_, first) = chains.first().context("expected a chain")?;
        let (fault, sightings) = self.sightings(first)?;
        let pem_key = match &loaded {
            Loaded::Keys { keys, .. } => keys.key_provider.key().as_secp256k1(),
            _ => None,
        };
        let pem_key = pem_key.map(|key| key.public_key());
        let scenes = chains.iter().filter_map(|(path, chain)| {
            let path = path.map(str::to_owned);
            Some(Scene { path, pem_key, ..Scene::of(chain.proof.as_ref().ok()?) })
        });
        Ok((fault, sightings, scenes.collect()))
    }

    /// A chain with a claim of either version.
    fn of_claim(
        &self,
        chain: &ClaimChain,
        path: Option<&str>,
    ) -> anyhow::Result<(Option<ProofFault>, Sightings, Vec<Scene>)> {
        let sightings = self.told()?;
        if sightings.is_empty() {
            bail!(
                "expected --saw ADDRESS: what else a chain with --domain or --algorithm fails for, `chain verify` says"
            );
        }
        let path = path.map(str::to_owned);
        let scene = chain.proof.as_ref().ok().map(|proof| Scene { path, ..Scene::of_claim(proof) });
        Ok((chain.proof.as_ref().err().cloned(), sightings, scene.into_iter().collect()))
    }

    /// The addresses of --saw and --addresses.
    fn told(&self) -> anyhow::Result<Sightings> {
        let mut told = self.saw.clone();
        if let Some(file) = &self.addresses {
            let text = text(file)?;
            let before = told.len();
            for (at, line) in text.lines().enumerate() {
                let line = line.split('#').next().unwrap_or_default().trim();
                if !line.is_empty() {
                    let place = || format!("{}:{}", file.display(), at + 1);
                    told.push(sighting(line).map_err(anyhow::Error::msg).with_context(place)?);
                }
            }
            if told.len() == before {
                bail!("{}: expected an address a line, found none", file.display());
            }
        }
        Ok(told)
    }

    /// The chain's fault, and what is to be explained: as told, or what the fault is about.
    fn sightings(&self, chain: &LoadedChain) -> anyhow::Result<(Option<ProofFault>, Sightings)> {
        let fault = match (&chain.proof, self.root) {
            (Err(fault), _) => Some(fault.clone()),
            (Ok(proof), Some(root)) => verify(proof, root, &chain.purpose).outcome.err(),
            (Ok(_), None) => None,
        };
        let told = self.told()?;
        if !told.is_empty() {
            return Ok((fault, told));
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
                if self.root.is_none() && self.source.log.is_none() {
                    let _ =
                        writeln!(text, "  as far as the app id is right: another one gives another address");
                }
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
