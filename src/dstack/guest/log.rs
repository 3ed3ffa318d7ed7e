//! The log: a line of JSON for each request, without secrets. Whoever has the lines can verify and explain what was
//! served.

use serde_json::{Map, Value, json};

use crate::dstack::claim::{ClaimProof, KeyAlgorithm, KeyRequest};
use crate::dstack::json::KeyFileError;
use crate::input::key::{Address, PublicKey};

/// What is logged of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The method, or what may be shown of an unknown one.
    pub method: String,
    /// The HTTP status.
    pub status: u16,
    /// Why it was not answered.
    pub error: Option<String>,
    /// The names of fields that have no meaning.
    pub ignored: Vec<String>,
    /// The key that was served, or that signed.
    pub key: Option<ServedKey>,
}

/// What is logged of a key: public data only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedKey {
    /// The path, or the domain, where it may be shown.
    pub name: Option<String>,
    /// What a verifier is handed; none where the purpose or the domain may not be shown.
    pub proof: Option<ClaimProof>,
    /// The KMS root, where there is one.
    pub root: Option<Address>,
}

/// What is wrong with a line of a log.
#[derive(Debug, thiserror::Error)]
pub enum LogLineError {
    /// Not JSON.
    #[error("not JSON: {}", in_one_line(.0))]
    Json(serde_json::Error),
    /// A proof that is none.
    #[error("`proof`: {0}")]
    Proof(KeyFileError),
    /// No line of a log.
    #[error("not a line of `chain serve`: expected an object with `method` and `status`, or `serving`")]
    Other,
}

impl LogLine {
    pub(super) fn new(method: String) -> Self {
        Self { method, status: 0, error: None, ignored: Vec::new(), key: None }
    }

    /// The line of a request that HTTP refused before it was one.
    pub fn refused(method: &str, status: u16, error: &str) -> Self {
        let error = Some(error.to_owned());
        Self { status, error, ..Self::new(method.to_owned()) }
    }

    /// The line, without its end.
    pub fn to_json(&self) -> Value {
        let mut line = json!({"method": self.method, "status": self.status});
        if let Some(error) = &self.error {
            line["error"] = error.as_str().into();
        }
        if !self.ignored.is_empty() {
            line["ignored"] = self.ignored.as_slice().into();
        }
        if let (Some(key), Value::Object(line)) = (&self.key, &mut line) {
            line.extend(key.to_json());
        }
        line
    }

    /// Reads a line. Of a request that was refused, or is about no key, there is nothing to explain: none.
    ///
    /// # Errors
    /// Another text.
    pub fn served(text: &str) -> Result<Option<ServedKey>, LogLineError> {
        let line: Value = serde_json::from_str(text).map_err(LogLineError::Json)?;
        let is_first = line.get("serving").is_some_and(Value::is_object);
        let is_line = line.get("method").is_some_and(Value::is_string) && line.get("status").is_some();
        if !is_first && !is_line {
            return Err(LogLineError::Other);
        }
        let Some(proof) = line.get("proof") else { return Ok(None) };
        if proof.is_null() {
            return Ok(Some(ServedKey { name: None, proof: None, root: None }));
        }
        let proof = ClaimProof::parse(&proof.to_string()).map_err(LogLineError::Proof)?;
        let text = |name: &str| line.get(name).and_then(Value::as_str);
        Ok(Some(ServedKey {
            name: text("path").or(text("domain")).map(str::to_owned),
            proof: Some(proof),
            root: text("root").and_then(|root| root.parse().ok()),
        }))
    }
}

impl ServedKey {
    pub(super) fn new(wanted: KeyRequest<'_>, proof: ClaimProof, root: Option<Address>) -> Self {
        let (name, claimed) = match wanted {
            KeyRequest::V0 { path, purpose } => (path, purpose),
            KeyRequest::V1 { domain } => (domain, domain),
        };
        Self {
            name: may_be_shown(name).then(|| name.to_owned()),
            proof: may_be_shown(claimed).then_some(proof),
            root,
        }
    }

    fn to_json(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        let Some(proof) = &self.proof else {
            // A key was served, and what it was asked for may not be shown.
            fields.insert("proof".to_owned(), Value::Null);
            return fields;
        };
        let (of_name, purpose) = match &proof.claim {
            crate::dstack::claim::KeyClaim::V0 { purpose } => {
                ("path", Some(String::from_utf8_lossy(purpose).into_owned()))
            }
            crate::dstack::claim::KeyClaim::V1 { .. } => ("domain", None),
        };
        fields.insert("algorithm".to_owned(), proof.algorithm.name().into());
        fields.insert(of_name.to_owned(), json!(self.name));
        if let Some(purpose) = purpose {
            fields.insert("purpose".to_owned(), purpose.into());
        }
        if let (KeyAlgorithm::Secp256k1, Ok(key)) =
            (proof.algorithm, PublicKey::from_sec1(&proof.derived_key))
        {
            fields.insert("key".to_owned(), json!(key.address()));
        }
        if let Ok(key) = PublicKey::from_sec1(&[&[4], proof.app_key.as_slice()].concat()) {
            fields.insert("app_key".to_owned(), json!(key.address()));
        }
        fields.insert("root".to_owned(), json!(self.root));
        fields.insert("proof".to_owned(), proof.to_json());
        fields
    }
}

/// What is wrong with a line, and where in it: that it is the first line of its own text says nothing.
fn in_one_line(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column ", " at column ")
}

/// Whether a text of a request may stand in a log: it holds nothing that could be a private key in hex, and is of a
/// length that people read.
fn may_be_shown(text: &str) -> bool {
    let holds_key = text.split(|c: char| !c.is_ascii_hexdigit()).any(|digits| digits.len() >= 64);
    text.len() <= 512 && !holds_key
}
