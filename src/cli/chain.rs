//! `ecrecheck chain`: dstack's chain from a KMS root to a derived key.

mod audit;
#[cfg(feature = "outsiders")]
mod deployed;
mod explain;
mod hidden;
mod issue;
#[cfg(all(unix, feature = "serve"))]
mod serve;
mod source;
mod verify;
mod verify_claim;

use clap::{Args, Subcommand};

use super::{Exit, arguments};
pub(super) use hidden::without_keys;

/// Issues, verifies and explains dstack's key chains, and audits contracts that verify them.
///
/// A chain has two signatures: the KMS root signs the app key, the app key signs a claim for a derived key.
#[derive(Debug, Args)]
pub(super) struct ChainCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(about = "Verify a chain under a KMS root, signature by signature")]
    Verify(verify::Verify),
    #[command(about = "Name the mistake behind an address that should have been the KMS root")]
    Explain(explain::Explain),
    #[command(about = "Make an appkeys.json and a GetKey response for tests, as a KMS would")]
    Issue(issue::Issue),
    #[cfg(all(unix, feature = "serve"))]
    #[command(about = "Serve a guest agent that is simulated with test keys, as dstack's SDKs call it")]
    Serve(serve::Serve),
    #[command(about = "Test a verifier contract with proofs that it must accept or refuse")]
    Audit(audit::Audit),
}

impl ChainCommand {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let ended = match self.command {
            Command::Verify(verify) => verify.run(),
            Command::Explain(explain) => explain.run(),
            Command::Issue(issue) => issue.run(),
            #[cfg(all(unix, feature = "serve"))]
            Command::Serve(serve) => serve.run(),
            Command::Audit(audit) => audit.run(),
        };
        ended.map_err(|error| anyhow::Error::msg(without_keys(&format!("{error:#}"), arguments())))
    }
}
