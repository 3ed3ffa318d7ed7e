//! A compiled contract: what our build, Foundry and Hardhat write.

use std::str::FromStr;

use alloy_json_abi::JsonAbi;
use serde_json::Value;

/// A contract's code and its interface.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// The interface.
    pub abi: JsonAbi,
    /// The code that deploys it, without the constructor's arguments. Not empty.
    pub bytecode: Vec<u8>,
}

/// Why a text is no artifact that can be deployed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArtifactError {
    /// Not JSON.
    #[error("expected a compiler's JSON artifact: {0}")]
    Json(String),
    /// No interface.
    #[error("has no `abi`: expected an artifact of Foundry or Hardhat")]
    NoAbi,
    /// An interface that cannot be understood.
    #[error("its `abi` cannot be understood: {0}")]
    Abi(String),
    /// No code.
    #[error(
        "has no bytecode: expected a contract that can be deployed, not an interface or an abstract contract"
    )]
    NoBytecode,
    /// Code that a library is to be linked into.
    #[error("its bytecode is not linked (it holds the placeholder {placeholder}): link the library first")]
    Unlinked {
        /// What stands in the place of the library's address.
        placeholder: String,
    },
    /// Code that is not hex.
    #[error("its bytecode is not hex digits, two a byte")]
    NotHex,
}

impl FromStr for Artifact {
    type Err = ArtifactError;

    fn from_str(text: &str) -> Result<Self, ArtifactError> {
        let json = json(text)?;
        Ok(Self { abi: abi(json.get("abi"))?, bytecode: bytecode(&json)? })
    }
}

/// The interface of an artifact, or one that stands alone as a list.
///
/// # Errors
/// There is none, or it cannot be understood.
pub(super) fn interface_of(text: &str) -> Result<JsonAbi, ArtifactError> {
    let json = json(text)?;
    abi(if json.is_array() { Some(&json) } else { json.get("abi") })
}

fn json(text: &str) -> Result<Value, ArtifactError> {
    serde_json::from_str(text).map_err(|error| ArtifactError::Json(error.to_string()))
}

fn abi(abi: Option<&Value>) -> Result<JsonAbi, ArtifactError> {
    let abi = abi.filter(|abi| !abi.is_null()).ok_or(ArtifactError::NoAbi)?;
    serde_json::from_value(abi.clone()).map_err(|error| ArtifactError::Abi(error.to_string()))
}

/// `bytecode` is a text, or an object whose `object` is one (Foundry).
fn bytecode(json: &Value) -> Result<Vec<u8>, ArtifactError> {
    let bytecode = json.get("bytecode").map(|code| code.get("object").unwrap_or(code));
    let text = bytecode.and_then(Value::as_str).ok_or(ArtifactError::NoBytecode)?.trim();
    let digits = text.strip_prefix("0x").unwrap_or(text);
    if digits.is_empty() {
        return Err(ArtifactError::NoBytecode);
    }
    // solc: `__$` and 34 digits of a hash and `$__`; long ago `__`, the library's name, and `_` to 40 characters.
    if let Some(at) = digits.find("__") {
        return Err(ArtifactError::Unlinked { placeholder: digits[at..].chars().take(40).collect() });
    }
    const_hex::decode(digits).map_err(|_| ArtifactError::NotHex)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str) -> String {
        text.parse::<Artifact>().unwrap_err().to_string()
    }

    #[test]
    fn artifacts_of_three_builds_are_read() {
        for bytecode in [r#""0x6001""#, r#""6001""#, r#"{"object": "0x6001", "linkReferences": {}}"#] {
            let artifact: Artifact = format!(r#"{{"abi": [], "bytecode": {bytecode}}}"#).parse().unwrap();
            assert_eq!(artifact.bytecode, [0x60, 0x01]);
        }
    }

    #[test]
    fn what_cannot_be_deployed_is_named() {
        let no_bytecode = "has no bytecode: expected a contract that can be deployed, not an interface or an abstract contract";
        for text in [
            r#"{"abi": []}"#,
            r#"{"abi": [], "bytecode": "0x"}"#,
            r#"{"abi": [], "bytecode": null}"#,
            r#"{"abi": [], "bytecode": {"object": ""}}"#,
            r#"{"abi": [], "bytecode": {}}"#,
        ] {
            assert_eq!(says(text), no_bytecode, "{text}");
        }
        assert!(says("{").starts_with("expected a compiler's JSON artifact: EOF"));
        assert!(says("[]").starts_with("has no `abi`"));
        assert!(says(r#"{"bytecode": "0x60"}"#).starts_with("has no `abi`"));
        assert!(says(r#"{"abi": 1, "bytecode": "0x60"}"#).starts_with("its `abi` cannot be understood"));
        assert_eq!(says(r#"{"abi": [], "bytecode": "0x6"}"#), "its bytecode is not hex digits, two a byte");
        let unlinked = r#"{"abi": [], "bytecode": "0x60__$53aea86b7d70b31448b230b20ae141a537$__60"}"#;
        assert_eq!(
            says(unlinked),
            "its bytecode is not linked (it holds the placeholder \
             __$53aea86b7d70b31448b230b20ae141a537$__): link the library first"
        );
    }
}
