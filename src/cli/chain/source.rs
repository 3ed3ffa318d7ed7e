//! Where a chain comes from, and the values that go with it. What is read may be secret: it is wiped, and no
//! message quotes it.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use ecrecheck::dstack::chain::{Proof, ProofFault};
use ecrecheck::dstack::claim::{ClaimProof, ClaimedKey, KeyAlgorithm, KeyClaim, KeyRequest, is_claim_proof};
use ecrecheck::dstack::guest::{LogLine, ServedKey};
use ecrecheck::dstack::{AppKeys, KeyResponse};
use ecrecheck::input::bytes::{HexError, from_hex};
use zeroize::Zeroizing;

use crate::cli::warn;

/// The largest file that is read, in bytes: one of keys has about two thousand.
const MAX_FILE: u64 = 1 << 20;
/// The largest log, in bytes: a line has about a thousand.
const MAX_LOG: u64 = 64 << 20;

/// The chain: exactly one file.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Source {
    /// An appkeys.json: derives the key at --path and makes its claim
    #[arg(long, value_name = "FILE")]
    pub(super) app_keys: Option<PathBuf>,
    /// A GetKey response, as JSON
    #[arg(long, value_name = "FILE")]
    pub(super) response: Option<PathBuf>,
    /// A proof, as `chain issue` writes it: public keys and signatures only
    #[arg(long, value_name = "FILE")]
    pub(super) proof: Option<PathBuf>,
    /// The log of `chain serve`: every key that it served
    #[arg(long, value_name = "FILE")]
    pub(super) log: Option<PathBuf>,
}

/// Which key of which claim, where it is not secp256k1 with a claim of version 0.
#[derive(Debug, Args)]
pub(super) struct ClaimArgs {
    /// The domain of a claim v1 (dstack 0.6), in the place of path and purpose
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["path", "purpose"])]
    domain: Option<String>,
    /// The kind of the derived key [default: secp256k1, or the proof's]
    #[arg(long, value_name = "secp256k1|ed25519", value_parser = algorithm)]
    algorithm: Option<KeyAlgorithm>,
}

fn algorithm(name: &str) -> Result<KeyAlgorithm, String> {
    KeyAlgorithm::of_name(name).ok_or_else(|| "expected `secp256k1` or `ed25519`".to_owned())
}

/// A chain of a key of either algorithm with a claim of either version, and what a verifier expects of it.
pub(super) struct ClaimChain {
    /// The proof; the fault where a response's claim does not give the app key.
    pub(super) proof: Result<ClaimProof, ProofFault>,
    pub(super) algorithm: KeyAlgorithm,
    pub(super) claim: KeyClaim,
    /// Whether the command line names the claim: else it is the proof's own.
    pub(super) claim_is_given: bool,
}

impl ClaimArgs {
    pub(super) fn are_given(&self) -> bool {
        self.domain.is_some() || self.algorithm == Some(KeyAlgorithm::Ed25519)
    }

    fn claim(&self, purpose: Option<&str>) -> Option<KeyClaim> {
        let of_domain = self.domain.clone().map(|domain| KeyClaim::V1 { domain });
        of_domain.or_else(|| purpose.map(|purpose| KeyClaim::V0 { purpose: purpose.into() }))
    }
}

/// What a log of `chain serve` tells of.
pub(super) struct Served {
    /// The keys that were served, or that signed.
    pub(super) keys: Vec<ServedKey>,
    /// Whether the last line is cut off. It may have told of a key more.
    pub(super) is_cut: bool,
}

/// A file that was read.
pub(super) enum Loaded {
    Keys { keys: Box<AppKeys>, app_id: AppId },
    Response { response: KeyResponse, app_id: AppId },
    Proof(Proof),
}

/// A chain.
pub(super) struct LoadedChain {
    /// The proof; the fault where a response's claim does not give the app key.
    pub(super) proof: Result<Proof, ProofFault>,
    /// The purpose that a verifier expects.
    pub(super) purpose: Vec<u8>,
}

impl Source {
    /// Reads it. Whether a proof is of that app is for the caller to say.
    pub(super) fn load(&self, app_id: Option<&AppId>) -> anyhow::Result<Loaded> {
        let wanted = || app_id.cloned().context("expected --app-id: the file does not hold it");
        if let Some(file) = &self.app_keys {
            let app_id = wanted()?;
            return Ok(Loaded::Keys { keys: Box::new(read_app_keys(file)?), app_id });
        }
        if let Some(file) = &self.response {
            let app_id = wanted()?;
            let response = KeyResponse::parse(&text(file)?).with_context(|| file.display().to_string())?;
            warn_of(&response.unknown, file);
            return Ok(Loaded::Response { response, app_id });
        }
        let file = self.proof.as_ref().context("expected --app-keys, --response or --proof")?;
        let proof = Proof::parse(&text(file)?).with_context(|| file.display().to_string())?;
        Ok(Loaded::Proof(proof))
    }
}

impl Source {
    /// The chain, where the options or the file say that it is not a secp256k1 key with a claim of version 0.
    pub(super) fn claim_chain(
        &self,
        options: &ClaimArgs,
        app_id: Option<&AppId>,
        path: Option<&str>,
        purpose: Option<&str>,
    ) -> anyhow::Result<Option<ClaimChain>> {
        let given = options.claim(purpose);
        let claim_is_given = given.is_some();
        if let Some(file) = &self.proof {
            let text = text(file)?;
            if !is_claim_proof(&text) && !options.are_given() {
                return Ok(None);
            }
            let proof = ClaimProof::parse(&text).with_context(|| file.display().to_string())?;
            let algorithm = options.algorithm.unwrap_or(proof.algorithm);
            let claim = given.unwrap_or_else(|| proof.claim.clone());
            return Ok(Some(ClaimChain { proof: Ok(proof), algorithm, claim, claim_is_given }));
        }
        if !options.are_given() {
            return Ok(None);
        }
        let app_id = app_id.context("expected --app-id: the file does not hold it")?;
        let algorithm = options.algorithm.unwrap_or(KeyAlgorithm::Secp256k1);
        let purpose = purpose.unwrap_or_default();
        let key = if let Some(file) = &self.app_keys {
            let path = path.unwrap_or_default();
            let wanted = options
                .domain
                .as_deref()
                .map_or(KeyRequest::V0 { path, purpose }, |domain| KeyRequest::V1 { domain });
            read_app_keys(file)?.claimed_key(algorithm, wanted)?
        } else {
            let file = self.response.as_ref().context("--domain and --algorithm do not go with --log")?;
            if path.is_some() {
                bail!(PATH_NEEDS_KEYS);
            }
            let claim = given.unwrap_or(KeyClaim::V0 { purpose: purpose.into() });
            ClaimedKey::parse(&text(file)?, algorithm, claim).with_context(|| file.display().to_string())?
        };
        let claim = key.claim.clone();
        Ok(Some(ClaimChain { proof: key.proof(&app_id.0), algorithm, claim, claim_is_given: true }))
    }

    /// What a log tells of, if the source is one.
    pub(super) fn served(&self) -> anyhow::Result<Option<Served>> {
        let Some(file) = &self.log else { return Ok(None) };
        let bytes = bytes_of_at_most(file, MAX_LOG)?;
        let mut lines: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
        // No newline follows the last one: who wrote it was killed, or who reads it copied too early.
        let last = lines.pop_if(|last| last.starts_with(b"{") && !is_json(last));
        let cut = last.map(|_| format!("{}:{}: the last line is cut off", file.display(), lines.len() + 1));
        let (mut keys, mut skipped) = (Vec::new(), 0);
        for (at, line) in lines.into_iter().enumerate() {
            // What else is said on stderr begins with another character.
            if !line.starts_with(b"{") {
                skipped += usize::from(!line.trim_ascii().is_empty());
                continue;
            }
            let line = str::from_utf8(line).map_err(|_| anyhow::anyhow!("expected text, which is UTF-8"));
            let served = line.and_then(|line| Ok(LogLine::served(line)?));
            keys.extend(served.with_context(|| format!("{}:{}", file.display(), at + 1))?);
        }
        if keys.is_empty() {
            let cut = cut.map_or(String::new(), |cut| format!(" ({cut})"));
            bail!("{}: no line tells of a key that was served{cut}", file.display());
        }
        if skipped > 0 {
            warn(&format!("{}: skipped lines that do not begin with `{{`: {skipped}", file.display()));
        }
        if let Some(cut) = &cut {
            warn(&format!("{cut}: a key that it tells of is left out"));
        }
        Ok(Some(Served { keys, is_cut: cut.is_some() }))
    }
}

const PATH_NEEDS_KEYS: &str = "--path needs --app-keys: in the other files the key is already derived";

impl Loaded {
    /// The chain; that of an `appkeys.json` with the claim for the key at a path.
    pub(super) fn chain(&self, path: Option<&str>, purpose: Option<&str>) -> anyhow::Result<LoadedChain> {
        let given = purpose.unwrap_or_default().as_bytes();
        if path.is_some() && !matches!(self, Self::Keys { .. }) {
            bail!(PATH_NEEDS_KEYS);
        }
        Ok(match self {
            Self::Keys { keys, app_id } => {
                let response = keys.get_key(path.unwrap_or_default(), given)?;
                LoadedChain { proof: response.proof(&app_id.0, given), purpose: given.into() }
            }
            Self::Response { response, app_id } => {
                LoadedChain { proof: response.proof(&app_id.0, given), purpose: given.into() }
            }
            Self::Proof(proof) => {
                let purpose = purpose.map_or_else(|| proof.purpose.clone(), |purpose| purpose.into());
                LoadedChain { proof: Ok(proof.clone()), purpose }
            }
        })
    }
}

/// Reads an `appkeys.json`.
pub(super) fn read_app_keys(file: &Path) -> anyhow::Result<AppKeys> {
    let keys = AppKeys::parse(&text(file)?).with_context(|| file.display().to_string())?;
    warn_of(&keys.unknown, file);
    Ok(keys)
}

fn warn_of(unknown: &[String], file: &Path) {
    for field in unknown {
        warn(&format!("{}: ignored the unknown field `{field}`", file.display()));
    }
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(text).is_ok()
}

/// Reads a file that may hold secrets.
pub(super) fn text(file: &Path) -> anyhow::Result<Zeroizing<String>> {
    let bytes = bytes_of_at_most(file, MAX_FILE)?;
    let text = str::from_utf8(&bytes).ok();
    let text = text.with_context(|| format!("{}: expected text, which is UTF-8", file.display()))?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn bytes_of_at_most(file: &Path, most: u64) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let cannot = || format!("{}: cannot be read", file.display());
    let metadata = fs::metadata(file).with_context(cannot)?;
    if !metadata.is_file() || metadata.len() > most {
        bail!("{}: expected a file of at most {most} bytes", file.display());
    }
    // Room for all, so that nothing is copied and left behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(metadata.len().min(most) as usize + 1));
    File::open(file).and_then(|file| file.take(most).read_to_end(&mut bytes)).with_context(cannot)?;
    Ok(bytes)
}

/// An app id of any length: whether it is right is for the verifier to say.
#[derive(Debug, Clone)]
pub(super) struct AppId(pub(super) Vec<u8>);

impl AppId {
    /// As whoever issues needs it.
    pub(super) fn twenty_bytes(&self) -> anyhow::Result<[u8; 20]> {
        let length = self.0.len();
        let bytes = self.0.as_slice().try_into();
        bytes.map_err(|_| anyhow::anyhow!("--app-id: expected 20 bytes (40 hex digits), found {length}"))
    }
}

impl std::str::FromStr for AppId {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        from_hex(text).map(Self)
    }
}
