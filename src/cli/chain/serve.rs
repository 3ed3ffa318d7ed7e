//! `ecrecheck chain serve`.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use ecrecheck::dstack::guest::GuestAgent;
use ecrecheck::dstack::serve::{Endpoints, GuestServer};
use ecrecheck::dstack::{AppKeys, test_key};

use super::source::{AppId, read_app_keys};
use crate::cli::watch::on_interrupt;
use crate::cli::{Exit, print};

/// Serves an app's guest agent, simulated with test keys: what dstack's SDKs call, with signatures made over the
/// actual messages.
///
/// When it listens it prints where, a line each. It logs a line of JSON for each request on stderr, without secrets:
/// `chain explain --log` reads them. Ctrl-C or SIGTERM ends it and removes the socket.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    keys: Keys,
    /// The app id, 20 bytes in hex; required with --app-keys but for the keys of dstack's simulators [default: 11…11]
    #[arg(long, value_name = "HEX")]
    app_id: Option<AppId>,
    /// Take an appkeys.json whose keys are not well-known test keys: treat them as compromised, who connects gets them
    #[arg(long, requires = "app_keys")]
    exposed_app_keys: bool,
    /// The Unix socket to listen on [default: dstack.sock, unless --tcp is given]
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// The loopback address to listen on; port 0 is any free one
    #[arg(long, value_name = "127.0.0.1:PORT")]
    tcp: Option<SocketAddr>,
}

/// Whose keys: exactly one.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Keys {
    /// An appkeys.json
    #[arg(long, value_name = "FILE")]
    app_keys: Option<PathBuf>,
    /// The label of a KMS root, as in `chain issue --root-key label:LABEL`
    #[arg(long, value_name = "LABEL")]
    root_label: Option<String>,
}

/// The app where nobody names one.
const APP_ID: [u8; 20] = [0x11; 20];

impl Serve {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let agent = self.agent()?;
        let socket = self.socket.or_else(|| self.tcp.is_none().then(|| "dstack.sock".into()));
        let server = GuestServer::bind(agent, &Endpoints { socket, tcp: self.tcp })?;
        let stopper = server.stopper();
        on_interrupt(move || {
            stopper.stop();
            true
        });
        let mut ready = String::new();
        if let Some(socket) = server.socket() {
            let _ = writeln!(ready, "listening on unix:{}", socket.display());
        }
        if let Some(address) = server.address() {
            let _ = writeln!(ready, "listening on http://{address}");
        }
        log(&server.agent().first_line());
        print(&ready)?;
        server.run(|line| log(&line.to_json()));
        Ok(Exit::Agreed)
    }

    fn agent(&self) -> anyhow::Result<GuestAgent> {
        let app_id = self.app_id.as_ref().map(AppId::twenty_bytes).transpose()?;
        if let Some(label) = &self.keys.root_label {
            let root = test_key::of_label(label)?;
            let app_id = app_id.unwrap_or(APP_ID);
            return Ok(GuestAgent::new(app_id, AppKeys::issue(&root, &app_id)?));
        }
        let file = self.keys.app_keys.as_ref().context("expected --app-keys or --root-label")?;
        let keys = read_app_keys(file)?;
        if !self.exposed_app_keys && !test_key::are_known(&keys) {
            bail!(
                "{}: not well-known test keys: give --root-label LABEL, a file that `chain issue` made, or --exposed-app-keys if nothing depends on the keys' secrecy",
                file.display()
            );
        }
        let app_id = app_id.or_else(|| test_key::simulator_app_id(&keys.k256_key));
        let agent = GuestAgent::new(app_id.context("expected --app-id: the file does not hold it")?, keys);
        if agent.root().is_none() {
            bail!(
                "{}: `k256_signature` is no signature of a KMS root over the app id and `k256_key`",
                file.display()
            );
        }
        Ok(agent)
    }
}

/// Writes a line to stderr. Where nobody reads it, requests are answered all the same.
fn log(line: &serde_json::Value) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
