//! `ecrecheck chain issue`.

use std::env;
use std::fmt;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use ecrecheck::dstack::{AppKeys, PrivateKey, test_key};
use ecrecheck::input::bytes::to_hex;
use serde_json::json;
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use super::source::{AppId, text};
use crate::cli::{Exit, print, print_json};

/// Makes an appkeys.json, a GetKey response and their proof for tests, as a KMS and a guest agent would.
///
/// Well-known test keys need no --exposed-root-key: label:TEXT, 32 bytes in hex that are a number below 2^32 or one byte repeated, the
/// accounts of Anvil and Hardhat, the published keys of dstack's simulators.
#[derive(Debug, Args)]
pub(super) struct Issue {
    /// The KMS root's private key: label:TEXT (a test key made of the text), @FILE, env:NAME, or a well-known
    /// test key in hex
    #[arg(long, value_name = "KEY")]
    root_key: RootKey,
    /// Take a key from a file or the environment that is not a well-known test key: treat it as compromised,
    /// the files that are written hold keys derived from it
    #[arg(long)]
    exposed_root_key: bool,
    /// The app id, 20 bytes in hex
    #[arg(long, value_name = "HEX")]
    app_id: AppId,
    /// The path of the derived key
    #[arg(long, value_name = "TEXT", default_value = "")]
    path: String,
    /// The purpose of the claim
    #[arg(long, value_name = "TEXT", default_value = "")]
    purpose: String,
    /// The folder that appkeys.json, get_key.json and proof.json are written to
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    out: PathBuf,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What --root-key was given. Its parser takes everything, so that clap has nothing to quote in an error, and
/// Debug does not show it.
#[derive(Clone)]
pub(super) struct RootKey(Zeroizing<String>);

impl From<String> for RootKey {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey")
    }
}

impl Issue {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let app_id = self.app_id.twenty_bytes()?;
        let root = self.root_key.key(self.exposed_root_key).context("--root-key")?;
        let app_keys = AppKeys::issue(&root, &app_id)?;
        let response = app_keys.get_key(&self.path, self.purpose.as_bytes())?;
        let proof = response.proof(&app_id, self.purpose.as_bytes())?;

        let files = ["appkeys.json", "get_key.json", "proof.json"].map(|name| self.out.join(name));
        // A dangling link exists too.
        let there = files.iter().find(|file| fs::symlink_metadata(file).is_ok());
        if let Some(file) = there.filter(|_| !self.force) {
            bail!(is_there(file));
        }
        if let Some(folder) = files.iter().find(|file| file.is_dir()) {
            bail!("{}: is a folder; nothing was written", folder.display());
        }
        fs::create_dir_all(&self.out)
            .with_context(|| format!("{}: cannot be created", self.out.display()))?;
        let contents =
            [app_keys.to_json(), response.to_json(), Zeroizing::new(format!("{:#}\n", proof.to_json()))];
        for (file, contents) in files.iter().zip(&contents) {
            write(file, contents, self.force)?;
        }

        let (root, app_key, derived_key) =
            (root.public_key(), app_keys.k256_key.public_key(), response.key.public_key());
        if self.json {
            let key =
                |key: ecrecheck::input::key::PublicKey| json!({"address": key.address(), "public_key": key});
            let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
            print_json(&json!({
                "files": files, "app_id": to_hex(app_id), "path": self.path, "purpose": self.purpose,
                "root": key(root), "app_key": key(app_key), "derived_key": key(derived_key),
            }))?;
        } else {
            let row = |name: &str, key: ecrecheck::input::key::PublicKey| {
                format!("{name:<12} {}  {key}\n", key.address())
            };
            let written: String =
                files.iter().map(|file| format!("wrote        {}\n", file.display())).collect();
            print(&format!(
                "{written}{}{}{}",
                row("root", root),
                row("app key", app_key),
                row("derived key", derived_key)
            ))?;
        }
        Ok(Exit::Agreed)
    }
}

impl RootKey {
    /// The root key. No error quotes what was given, except a variable's name that is too short for a key.
    pub(super) fn key(&self, exposed: bool) -> anyhow::Result<PrivateKey> {
        if let Some(label) = self.0.strip_prefix("label:") {
            return Ok(test_key::of_label(label)?);
        }
        let elsewhere = if let Some(file) = self.0.strip_prefix('@') {
            let file = Path::new(file);
            if !file.exists() {
                bail!("the file after the @ does not exist");
            }
            Some(text(file)?)
        } else if let Some(name) = self.0.strip_prefix("env:") {
            let value = env::var(name).ok().with_context(|| match name.len() {
                0..16 => format!("the variable {name} is not set"),
                _ => "the variable after env: is not set".to_owned(),
            })?;
            Some(Zeroizing::new(value))
        } else {
            None
        };
        let given = elsewhere.as_deref().map_or(self.0.as_str(), String::as_str);
        let key = PrivateKey::from_hex(given.trim())?;
        if test_key::is_known(&key) {
            return Ok(key);
        }
        match (elsewhere, exposed) {
            (Some(_), true) => Ok(key),
            (Some(_), false) => bail!(
                "not a well-known test key: use label:TEXT, or give --exposed-root-key if nothing depends on the key's secrecy"
            ),
            (None, _) => bail!(
                "not a well-known test key, and the shell's history keeps what is on the command line: use label:TEXT (or @FILE or env:NAME with --exposed-root-key)"
            ),
        }
    }
}

/// Writes a whole file, that its owner alone may read, or nothing: a new one, or one in the place of what is
/// there. A link there is never followed.
fn write(file: &Path, contents: &str, force: bool) -> anyhow::Result<()> {
    let cannot = || format!("{}: cannot be written", file.display());
    let folder = file.parent().with_context(cannot)?;
    let mut new = NamedTempFile::new_in(folder).with_context(cannot)?; // 0600
    new.write_all(contents.as_bytes()).with_context(cannot)?;
    let kept = if force { new.persist(file) } else { new.persist_noclobber(file) };
    match kept {
        Ok(_) => Ok(()),
        Err(error) if !force && error.error.kind() == ErrorKind::AlreadyExists => bail!(is_there(file)),
        Err(error) => Err(error.error).with_context(cannot),
    }
}

fn is_there(file: &Path) -> String {
    format!("{} exists already: name another folder with --out, or give --force", file.display())
}
