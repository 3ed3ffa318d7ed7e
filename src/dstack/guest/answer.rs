//! Answering a call: the fields of dstack's responses, as JSON in ASCII. The JavaScript SDK compares the length in
//! bytes with a number of characters.

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::log::{LogLine, ServedKey};
use super::request::{Call, GuestApi};
use super::{GuestAgent, Refusal, signing};
use crate::dstack::claim::ClaimedKey;
use crate::dstack::issue::{hex, hex_list, object};

/// What a client receives.
#[derive(Debug)]
pub struct GuestResponse {
    /// The HTTP status.
    pub status: u16,
    /// The words after the status: the Python SDK shows them, and not the body.
    pub reason: String,
    /// JSON, in ASCII. It may hold a key.
    pub body: Zeroizing<String>,
}

impl GuestResponse {
    fn ok(body: Zeroizing<String>) -> Self {
        Self { status: 200, reason: "OK".to_owned(), body }
    }

    /// An error in dstack's shape, whose words stand in the reason too.
    pub(super) fn error(refusal: &Refusal) -> Self {
        let words: String = refusal.words.chars().filter(|c| (' '..='~').contains(c)).take(200).collect();
        let body = json!({"error": words}).to_string();
        Self { status: refusal.status, reason: words, body: Zeroizing::new(body) }
    }

    /// The answer to a body that is longer than [`MAX_BODY`](super::MAX_BODY) and was not read.
    pub fn too_large() -> Self {
        Self::error(&super::request::too_large())
    }

    /// The answer to a body that ended before its length.
    pub fn cut_off() -> Self {
        Self::error(&Refusal::bad("the body was cut off"))
    }

    /// The answer to a body that did not come in time.
    pub fn too_slow() -> Self {
        Self::error(&Refusal { status: 408, words: "the body did not come in time".to_owned() })
    }
}

pub(super) fn answer(agent: &GuestAgent, call: Call, line: &mut LogLine) -> Result<GuestResponse, Refusal> {
    Ok(GuestResponse::ok(match call {
        Call::GetKey { api, algorithm, name } => {
            let key = agent.keys.claimed_key(algorithm, name.wanted()).map_err(Refusal::bad)?;
            line.key = Some(agent.served(&key, name.wanted()));
            match api {
                GuestApi::Tappd => tappd_key(&key),
                _ => key.to_json(),
            }
        }
        Call::Sign { mode, data } => {
            let key = agent.keys.claimed_key(mode.algorithm(), signing::KEY).map_err(Refusal::bad)?;
            let signature = signing::sign(&key, mode, data.expose())?;
            line.key = Some(agent.served(&key, signing::KEY));
            let chain = hex_list(&[&signature, &key.claim_signature, &key.issued_signature]);
            let public_key = hex(&key.public_key);
            let fields =
                [("signature", hex(&signature)), ("signature_chain", chain), ("public_key", public_key)];
            object(&fields, 0)
        }
        Call::Verify { mode, data, signature, public_key } => {
            public(json!({"valid": signing::verify(mode, &data, &signature, &public_key)?}))
        }
        Call::Info(api) => public(agent.info(api)),
        Call::Version => public(json!({"version": VERSION, "rev": REVISION})),
        // As dstack's simulator: taken, and nothing comes of it.
        Call::EmitEvent => public(Value::Null),
        Call::NotSimulated { name, needs } => {
            let words = format!("{name} is not simulated: it needs {needs}");
            return Err(Refusal { status: 501, words });
        }
    }))
}

/// The version that Version tells: the first with both APIs.
const VERSION: &str = "0.6.0";
/// What stands in the place of a revision.
const REVISION: &str = concat!("ecrecheck-", env!("CARGO_PKG_VERSION"));
/// The name of the app.
const APP_NAME: &str = "ecrecheck-simulated";

impl GuestAgent {
    /// What a key's request leaves in the log.
    fn served(&self, key: &ClaimedKey, wanted: crate::dstack::claim::KeyRequest<'_>) -> ServedKey {
        ServedKey::new(wanted, key.proof_of(&self.app_id, &self.app_key), self.root)
    }

    /// What the app is. Of what a TEE measures there is nothing, and the texts are empty.
    fn info(&self, api: GuestApi) -> Value {
        let mut info = json!({
            "app_id": const_hex::encode(self.app_id),
            "instance_id": const_hex::encode(self.instance_id()),
            "app_name": APP_NAME,
            "device_id": "",
            "mr_aggregated": "",
            "os_image_hash": "",
            "compose_hash": "",
            "key_provider_info": r#"{"name":"none","id":""}"#,
            "vm_config": "",
            "cloud_vendor": "",
            "cloud_product": "",
        });
        if api == GuestApi::V1 {
            info["app_compose"] = "".into();
            return info;
        }
        let measured = [
            "mrtd",
            "rtmr0",
            "rtmr1",
            "rtmr2",
            "rtmr3",
            "mr_aggregated",
            "os_image_hash",
            "compose_hash",
            "device_id",
            "app_compose",
        ];
        let mut tcb_info: serde_json::Map<String, Value> =
            measured.map(|name| (name.to_owned(), "".into())).into_iter().collect();
        tcb_info.insert("event_log".to_owned(), json!([]));
        info["app_cert"] = "".into();
        info["tcb_info"] = Value::Object(tcb_info).to_string().into();
        info
    }

    /// 20 bytes that are always the same for an app.
    fn instance_id(&self) -> [u8; 20] {
        let hash = crate::input::hash::keccak256(&[b"ecrecheck instance", self.app_id.as_slice()].concat());
        let mut id = [0; 20];
        id.copy_from_slice(&hash[..20]);
        id
    }
}

impl ClaimedKey {
    /// The response to GetKey; of version 1 with the public key.
    pub fn to_json(&self) -> Zeroizing<String> {
        let mut fields = vec![("key", hex(self.key.expose()))];
        if let crate::dstack::claim::KeyClaim::V1 { .. } = self.claim {
            fields.push(("public_key", hex(&self.public_key)));
        }
        fields.push(("signature_chain", hex_list(&[&self.claim_signature, &self.issued_signature])));
        object(&fields, 0)
    }
}

/// The response of Tappd, whose fields have other names.
fn tappd_key(key: &ClaimedKey) -> Zeroizing<String> {
    let chain = hex_list(&[&key.claim_signature, &key.issued_signature]);
    object(&[("k256_key", hex(key.key.expose())), ("k256_signature_chain", chain)], 0)
}

fn public(value: Value) -> Zeroizing<String> {
    Zeroizing::new(value.to_string())
}
