//! `ecrecheck load-library`: the process in which `--subject library:FILE` loads the library. Hidden: it is started
//! by this program.

use std::path::PathBuf;

use clap::Args;
use ecrecheck::outsider::library;

use super::Exit;

/// Loads a shared library and answers the protocol's requests with its function.
#[derive(Debug, Args)]
pub(super) struct LoadLibrary {
    file: PathBuf,
    symbol: String,
}

impl LoadLibrary {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        library::serve(&self.file, &self.symbol)?;
        Ok(Exit::Agreed)
    }
}
