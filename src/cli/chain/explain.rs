//! `ecrecheck chain explain`.

use clap::Args;

use crate::cli::Exit;

/// Later.
#[derive(Debug, Args)]
pub(super) struct Explain {}

impl Explain {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        Ok(Exit::Broken)
    }
}
