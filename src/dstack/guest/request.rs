//! Reading a request: which method of which API, and its fields.

use std::fmt;

use zeroize::Zeroizing;

use super::{MAX_BODY, MAX_NAME, Refusal};
use crate::dstack::claim::{KeyAlgorithm, KeyRequest};
use crate::dstack::json::{Json, Object, shown};
use crate::dstack::secret::Secret;

/// A request, as HTTP brings it.
#[derive(Debug, Clone, Copy)]
pub struct GuestRequest<'a> {
    /// `POST`, `GET`, …
    pub verb: &'a str,
    /// The path of its target, without the query.
    pub path: &'a str,
    /// What follows the `?`.
    pub query: &'a str,
    /// Its media type, where it has one.
    pub content_type: Option<&'a str>,
    /// Its body.
    pub body: &'a [u8],
}

/// The APIs, each with its paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dstack) enum GuestApi {
    /// `/GetKey` and `/v0/GetKey`.
    V0,
    /// `/v1/GetKey`.
    V1,
    /// `/prpc/Tappd.DeriveKey`: dstack 0.3.
    Tappd,
}

/// What can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::dstack) enum Method {
    GetKey,
    DeriveK256Key,
    Sign,
    Verify,
    Info,
    Version,
    EmitEvent,
    /// What needs a certificate authority.
    Certificate(&'static str),
    /// What needs a TEE.
    Attestation(&'static str),
}

/// The methods of each API, by their names.
pub(in crate::dstack) const METHODS: &[(GuestApi, &str, Method)] = &[
    (GuestApi::V0, "GetKey", Method::GetKey),
    (GuestApi::V0, "Sign", Method::Sign),
    (GuestApi::V0, "Verify", Method::Verify),
    (GuestApi::V0, "Info", Method::Info),
    (GuestApi::V0, "Version", Method::Version),
    (GuestApi::V0, "EmitEvent", Method::EmitEvent),
    (GuestApi::V0, "GetTlsKey", Method::Certificate("GetTlsKey")),
    (GuestApi::V0, "GetQuote", Method::Attestation("GetQuote")),
    (GuestApi::V0, "Attest", Method::Attestation("Attest")),
    (GuestApi::V1, "GetKey", Method::GetKey),
    (GuestApi::V1, "Info", Method::Info),
    (GuestApi::V1, "Version", Method::Version),
    (GuestApi::V1, "IssueCert", Method::Certificate("IssueCert")),
    (GuestApi::V1, "Attest", Method::Attestation("Attest")),
    (GuestApi::V1, "AttestGpu", Method::Attestation("AttestGpu")),
    (GuestApi::Tappd, "DeriveK256Key", Method::DeriveK256Key),
    (GuestApi::Tappd, "Info", Method::Info),
    (GuestApi::Tappd, "Version", Method::Version),
    (GuestApi::Tappd, "DeriveKey", Method::Certificate("DeriveKey")),
    (GuestApi::Tappd, "TdxQuote", Method::Attestation("TdxQuote")),
    (GuestApi::Tappd, "RawQuote", Method::Attestation("RawQuote")),
];

/// A method of an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) api: GuestApi,
    name: &'static str,
    method: Method,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = match self.api {
            GuestApi::V0 => "",
            GuestApi::V1 => "v1/",
            GuestApi::Tappd => "Tappd.",
        };
        write!(f, "{before}{}", self.name)
    }
}

/// A name of a key, as the request has it.
#[derive(Debug)]
pub(super) enum WantedName {
    V0 { path: Zeroizing<String>, purpose: Zeroizing<String> },
    V1 { domain: Zeroizing<String> },
}

impl WantedName {
    pub(super) fn wanted(&self) -> KeyRequest<'_> {
        match self {
            Self::V0 { path, purpose } => KeyRequest::V0 { path, purpose },
            Self::V1 { domain } => KeyRequest::V1 { domain },
        }
    }
}

/// How Sign and Verify make a digest, and with which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Secp256k1,
    Secp256k1Prehashed,
    Ed25519,
}

/// What is asked.
#[derive(Debug)]
pub(super) enum Call {
    GetKey { api: GuestApi, algorithm: KeyAlgorithm, name: WantedName },
    Sign { mode: Mode, data: Secret },
    Verify { mode: Mode, data: Secret, signature: Secret, public_key: Secret },
    Info(GuestApi),
    Version,
    EmitEvent,
    NotSimulated { name: &'static str, needs: &'static str },
}

/// What was read.
pub(super) struct ReadCall {
    pub(super) call: Call,
    /// The names of fields that have no meaning here, as they may be shown.
    pub(super) ignored: Vec<String>,
}

impl GuestRequest<'_> {
    /// The method, as dstack's agent mounts it.
    pub(super) fn route(&self) -> Result<Route, Refusal> {
        let path = self.path.strip_prefix('/').unwrap_or(self.path);
        let (api, name) = match path.split_once('/') {
            None => (GuestApi::V0, path),
            Some(("v0", name)) => (GuestApi::V0, name),
            Some(("v1", name)) => (GuestApi::V1, name),
            Some(("prpc", name)) => (GuestApi::Tappd, name.strip_prefix("Tappd.").unwrap_or(name)),
            Some(_) => return Err(not_found("no API here")),
        };
        let known = METHODS.iter().find(|(of, known, _)| *of == api && *known == name);
        let known = known.map(|(_, name, method)| Route { api, name, method: *method });
        known.ok_or_else(|| not_found(&format!("Service not found: {}", shown(name))))
    }

    /// What is shown of a path that leads nowhere.
    pub(super) fn unknown_route(&self) -> String {
        shown(self.path.rsplit('/').next().unwrap_or_default())
    }

    /// The call, with all its fields.
    pub(super) fn read(&self, route: Route) -> Result<ReadCall, Refusal> {
        let mut fields = self.fields(route.method)?;
        let call = match route.method {
            Method::GetKey | Method::DeriveK256Key => get_key(route, &mut fields)?,
            Method::Sign => Call::Sign { mode: mode(&mut fields)?, data: bytes(&mut fields, "data")? },
            Method::Verify => Call::Verify {
                mode: mode(&mut fields)?,
                data: bytes(&mut fields, "data")?,
                signature: bytes(&mut fields, "signature")?,
                public_key: bytes(&mut fields, "public_key")?,
            },
            Method::Info => Call::Info(route.api),
            Method::Version => Call::Version,
            Method::EmitEvent => {
                if text(&mut fields, "event")?.is_empty() {
                    return Err(Refusal::bad("`event`: the name of an event is required"));
                }
                bytes(&mut fields, "payload")?;
                Call::EmitEvent
            }
            // What they ask for does not matter.
            Method::Certificate(name) => {
                return Ok(not_simulated(name, "a certificate authority"));
            }
            Method::Attestation(name) => return Ok(not_simulated(name, "a TEE")),
        };
        Ok(ReadCall { call, ignored: fields.rest() })
    }

    /// The fields of a body, or of a query.
    fn fields(&self, method: Method) -> Result<Object, Refusal> {
        match self.verb {
            "GET" => {
                let mut fields: Vec<(String, Json)> = Vec::new();
                for (name, value) in form_urlencoded::parse(self.query.as_bytes()) {
                    if fields.iter().any(|(seen, _)| *seen == name) {
                        return Err(Refusal::bad(format!("the field `{}` is given twice", shown(&name))));
                    }
                    fields.push((name.into_owned(), Json::Text(Zeroizing::new(value.into_owned()))));
                }
                return Ok(Object::of_fields(fields));
            }
            "POST" => {}
            _ => return Err(Refusal { status: 405, words: "expected POST, or GET with a query".to_owned() }),
        }
        if self.body.len() > MAX_BODY {
            return Err(too_large());
        }
        let no_arguments = matches!(method, Method::Info | Method::Version);
        if self.body.is_empty() && no_arguments {
            return Ok(Object::of_fields(Vec::new()));
        }
        // dstack's agent reads anything else as protobuf.
        if !self.content_type.is_some_and(is_json) {
            let words = "expected Content-Type: application/json (dstack's protobuf is not simulated)";
            return Err(Refusal { status: 415, words: words.to_owned() });
        }
        let text = str::from_utf8(self.body).map_err(|_| Refusal::bad("the body is not UTF-8"))?;
        Object::parse(text).map_err(|error| Refusal::bad(error.to_string().replace("the file", "the body")))
    }
}

/// The refusal of a body that is not read.
pub(super) fn too_large() -> Refusal {
    Refusal { status: 413, words: format!("expected a body of at most {MAX_BODY} bytes") }
}

fn not_found(words: &str) -> Refusal {
    Refusal { status: 404, words: words.to_owned() }
}

fn not_simulated(name: &'static str, needs: &'static str) -> ReadCall {
    ReadCall { call: Call::NotSimulated { name, needs }, ignored: Vec::new() }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn get_key(route: Route, fields: &mut Object) -> Result<Call, Refusal> {
    let name = text(fields, "algorithm")?;
    let algorithm = match (route.api, name.as_str()) {
        (GuestApi::V1, name) => KeyAlgorithm::of_name(name)
            .ok_or_else(|| Refusal::bad("`algorithm`: expected `secp256k1` or `ed25519`"))?,
        (_, "" | "k256") => KeyAlgorithm::Secp256k1,
        // dstack's words.
        (_, name) => KeyAlgorithm::of_name(name).ok_or_else(|| Refusal::bad("Unsupported algorithm"))?,
    };
    let name = match route.api {
        GuestApi::V1 => WantedName::V1 { domain: bounded(fields, "domain")? },
        _ => WantedName::V0 { path: bounded(fields, "path")?, purpose: bounded(fields, "purpose")? },
    };
    Ok(Call::GetKey { api: route.api, algorithm, name })
}

fn mode(fields: &mut Object) -> Result<Mode, Refusal> {
    match text(fields, "algorithm")?.as_str() {
        "secp256k1" | "k256" => Ok(Mode::Secp256k1),
        "secp256k1_prehashed" => Ok(Mode::Secp256k1Prehashed),
        "ed25519" => Ok(Mode::Ed25519),
        _ => Err(Refusal::bad("Unsupported algorithm")),
    }
}

/// A text; the empty one where the field is not there, as in protobuf.
fn text(fields: &mut Object, name: &str) -> Result<Zeroizing<String>, Refusal> {
    if fields.has(name) { fields.text(name).map_err(Refusal::bad) } else { Ok(Zeroizing::default()) }
}

fn bounded(fields: &mut Object, name: &str) -> Result<Zeroizing<String>, Refusal> {
    let text = text(fields, name)?;
    if text.len() > MAX_NAME {
        return Err(Refusal::bad(format!(
            "`{name}`: expected at most {MAX_NAME} bytes, found {}",
            text.len()
        )));
    }
    Ok(text)
}

/// Bytes in hex.
fn bytes(fields: &mut Object, name: &str) -> Result<Secret, Refusal> {
    Secret::from_hex(&text(fields, name)?).map_err(|why| Refusal::bad(format!("`{name}`: {why}")))
}
