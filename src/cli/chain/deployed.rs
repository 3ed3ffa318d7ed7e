//! `ecrecheck chain audit --node`: the options of a contract that is deployed.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use ecrecheck::dstack::audit::{AuditReport, USUAL_PURPOSE, run_deployed};
use ecrecheck::dstack::registry::{Deployed, DeployedAt, Interface, ours};
use ecrecheck::input::key::Address;
use ecrecheck::outsider::Settings;

use super::audit::About;
use super::issue::RootKey;

#[derive(Debug, Args)]
#[command(next_help_heading = "A contract on a node")]
pub(super) struct OnNode {
    /// Audit a contract that is deployed, by `eth_call` of this node: nothing is sent
    #[arg(long, value_name = "URL", requires = "address")]
    node: Option<String>,
    /// The contract's address
    #[arg(long, value_name = "ADDRESS", requires = "node")]
    address: Option<Address>,
    /// The private key of the contract's KMS root, a well-known test key: label:TEXT, @FILE, env:NAME or hex. Chains
    /// are issued with it; without it only what must be refused under any root is asked
    #[arg(long, value_name = "KEY", requires = "node")]
    root_key: Option<RootKey>,
    /// Take a key from a file or the environment that is not a well-known test key: treat it as compromised
    #[arg(long, requires = "root_key")]
    exposed_root_key: bool,
    /// The contract's KMS root, where the mapping names no function that gives it
    #[arg(long, value_name = "ADDRESS", requires = "node", conflicts_with = "root_key")]
    root: Option<Address>,
    /// The purpose that the contract asks for [default: the mapping's policy.purpose, or ethereum]
    #[arg(long, value_name = "TEXT", requires = "node")]
    purpose: Option<String>,
    /// Who calls [default: the node's choice]
    #[arg(long, value_name = "ADDRESS", requires = "node")]
    from: Option<Address>,
    /// The id of the chain that it must be
    #[arg(long, value_name = "NUMBER", requires = "node")]
    chain_id: Option<u64>,
    /// How long the node may take for an answer, in seconds
    #[arg(long, value_name = "SECONDS", requires = "node", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// How many requests the node is sent in a second at most
    #[arg(long, value_name = "NUMBER", requires = "node", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    requests_per_second: u32,
}

impl OnNode {
    /// What was audited, and what came of it; none if no node is named.
    pub(super) fn audited(
        &self,
        (artifact, mapping): (Option<&Path>, Option<&Path>),
    ) -> anyhow::Result<Option<(Vec<About>, AuditReport)>> {
        let (Some(node), Some(address)) = (&self.node, self.address) else { return Ok(None) };
        let interface = match mapping {
            Some(mapping) => Interface::load(artifact, mapping)?,
            None => ours().interface.clone(),
        };
        let key = self
            .root_key
            .as_ref()
            .map(|key| key.key(self.exposed_root_key))
            .transpose()
            .context("--root-key")?;
        let purpose = match (&self.purpose, &interface.policy.purpose) {
            (Some(given), Some(policy)) if given != policy => {
                bail!("--purpose is {given:?}, the mapping's policy.purpose {policy:?}")
            }
            (given, policy) => given.as_ref().or(policy.as_ref()).map_or(USUAL_PURPOSE, String::as_str),
        };
        let at = DeployedAt { node: node.clone(), address, from: self.from, chain: self.chain_id };
        let root = key.as_ref().map(|key| key.public_key().address()).or(self.root);
        let settings = Settings {
            timeout: Duration::from_secs(self.timeout),
            requests_per_second: self.requests_per_second,
            ..Settings::default()
        };
        let contract = Deployed::open(&interface, &at, root, purpose.as_bytes(), &settings)?;
        let report = run_deployed(&contract, key.as_ref())?;
        let whose = if report.foreign_root { "foreign: no key of it is known here" } else { "of --root-key" };
        let of = vec![
            ("audited", contract.describe()),
            ("root", format!("{}, {whose}", contract.root)),
            ("purpose", format!("{purpose:?}")),
        ];
        Ok(Some((of, report)))
    }
}
