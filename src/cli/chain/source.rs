//! Where a chain comes from, and the values that go with it. What is read may be secret: it is wiped, and no
//! message quotes it.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use ecrecheck::dstack::chain::{Proof, ProofFault};
use ecrecheck::dstack::{AppKeys, KeyResponse};
use ecrecheck::input::bytes::{HexError, from_hex};
use zeroize::Zeroizing;

use crate::cli::warn;

/// The largest file that is read, in bytes: one of keys has about two thousand.
const MAX_FILE: u64 = 1 << 20;

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

impl Loaded {
    /// The chain; that of an `appkeys.json` with the claim for the key at a path.
    pub(super) fn chain(&self, path: Option<&str>, purpose: Option<&str>) -> anyhow::Result<LoadedChain> {
        let given = purpose.unwrap_or_default().as_bytes();
        if path.is_some() && !matches!(self, Self::Keys { .. }) {
            bail!("--path needs --app-keys: in the other files the key is already derived");
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

/// Reads a file that may hold secrets.
pub(super) fn text(file: &Path) -> anyhow::Result<Zeroizing<String>> {
    let cannot = || format!("{}: cannot be read", file.display());
    let metadata = fs::metadata(file).with_context(cannot)?;
    if !metadata.is_file() || metadata.len() > MAX_FILE {
        bail!("{}: expected a file of at most {MAX_FILE} bytes", file.display());
    }
    // Room for all, so that nothing is copied and left behind.
    let mut text = Zeroizing::new(String::with_capacity(MAX_FILE as usize + 1));
    File::open(file).and_then(|file| file.take(MAX_FILE).read_to_string(&mut text)).with_context(cannot)?;
    Ok(text)
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
