//! The guest agent, simulated: what dstack's SDKs ask it for, answered with test keys and signatures that are made
//! over the actual messages. Here are requests and responses; HTTP is in `serve`.
//!
//! Paths, fields and statuses are those of dstack's agent: `guest-agent/rpc/proto/agent_rpc.proto` and
//! `guest-agent/src/rpc_service.rs` at its branch `release/v0.5.x` (commit 40eaf35e), and for version 1
//! `agent_rpc_v1.proto` and `docs/guest-api-v1.md` (commit 0fcd31cd). What needs a TEE or a certificate authority is
//! answered with an error that says so.

mod answer;
mod log;
mod request;
mod signing;

use super::app_keys::AppKeys;
use super::chain::{Link, Signer, issued_digest};
use crate::input::ScalarInput;
use crate::input::bytes::to_hex;
use crate::input::key::{Address, PublicKey};

pub use answer::GuestResponse;
pub use log::{LogLine, LogLineError, ServedKey};
pub use request::GuestRequest;
pub(super) use request::{GuestApi, METHODS};

/// The largest body of a request, in bytes.
pub const MAX_BODY: usize = 64 << 10;
/// The longest path, purpose or domain of a key, in bytes.
pub const MAX_NAME: usize = 4 << 10;

/// An app's guest agent.
#[derive(Debug)]
pub struct GuestAgent {
    app_id: [u8; 20],
    keys: AppKeys,
    app_key: PublicKey,
    root: Option<Address>,
}

impl GuestAgent {
    /// The agent of an app with these keys.
    pub fn new(app_id: [u8; 20], keys: AppKeys) -> Self {
        let app_key = keys.k256_key.public_key();
        let digest = issued_digest(&app_id, &app_key);
        let recovery = ScalarInput::recover_by_reference;
        let signer = Signer::of(Link::Issued, digest, &keys.k256_signature.0, recovery);
        let root = signer.accepted.ok().map(|root| root.address());
        Self { app_id, keys, app_key, root }
    }

    /// The app.
    pub fn app_id(&self) -> [u8; 20] {
        self.app_id
    }

    /// The address of the app key.
    pub fn app_key(&self) -> Address {
        self.app_key.address()
    }

    /// The address of the KMS root that issued the app key; none where the signature is of nobody.
    pub fn root(&self) -> Option<Address> {
        self.root
    }

    /// Answers a request, whatever it is, and says what to log of it.
    pub fn respond(&self, request: &GuestRequest<'_>) -> (GuestResponse, LogLine) {
        let route = request.route();
        let mut line = LogLine::new(match &route {
            Ok(route) => route.to_string(),
            Err(_) => request.unknown_route(),
        });
        let read = route.and_then(|route| request.read(route));
        let answered = read.and_then(|read| {
            line.ignored = read.ignored;
            answer::answer(self, read.call, &mut line)
        });
        let response = answered.unwrap_or_else(|refusal| {
            line.error = Some(refusal.words.clone());
            GuestResponse::error(&refusal)
        });
        line.status = response.status;
        (response, line)
    }

    /// What is logged when the agent begins.
    pub fn first_line(&self) -> serde_json::Value {
        serde_json::json!({
            "serving": {"app_id": to_hex(self.app_id), "app_key": self.app_key(), "root": self.root},
        })
    }
}

/// Why a request is not answered: an HTTP status, and words that quote nothing of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    status: u16,
    words: String,
}

impl Refusal {
    /// What dstack's agent calls a bad request: whatever went wrong in a method.
    fn bad(words: impl ToString) -> Self {
        Self { status: 400, words: words.to_string() }
    }
}
