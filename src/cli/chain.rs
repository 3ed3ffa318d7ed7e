//! `ecrecheck chain`: dstack's chain from a KMS root to a derived key.

mod audit;
mod explain;
mod hidden;
mod issue;
mod source;
mod verify;

use clap::{Args, Subcommand};

use super::{Exit, arguments};
pub(super) use hidden::without_keys;

/// Makes, verifies and explains dstack's chains (KMS root, app key, derived key), and audits contracts that
/// verify them.
#[derive(Debug, Args)]
pub(super) struct Chain {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Verify a chain under a KMS root, link by link
    Verify(verify::Verify),
    /// Name the mistake that gave an address which is not the KMS root
    Explain(explain::Explain),
    /// Make an appkeys.json and a GetKey response as a KMS would, for tests
    Issue(issue::Issue),
    /// Try a verifier contract: proofs that it must take, and proofs that it must refuse
    Audit(audit::Audit),
}

impl Chain {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let ended = match self.command {
            Command::Verify(verify) => verify.run(),
            Command::Explain(explain) => explain.run(),
            Command::Issue(issue) => issue.run(),
            Command::Audit(audit) => audit.run(),
        };
        ended.map_err(|error| anyhow::Error::msg(without_keys(&format!("{error:#}"), arguments())))
    }
}
