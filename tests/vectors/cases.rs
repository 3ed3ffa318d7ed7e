use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use serde_json::Value;

fn recover(input: &Value) -> Option<String> {
    let bytes = |name: &str| const_hex::decode(input[name].as_str().unwrap()).unwrap();
    let id = RecoveryId::try_from(input["recovery_id"].as_i64().unwrap() as i32).ok()?;
    let signature = [bytes("r"), bytes("s")].concat();
    let signature = RecoverableSignature::from_compact(&signature, id).ok()?;
    let digest: [u8; 32] = bytes("digest").try_into().unwrap();
    let key = signature.recover_ecdsa(secp256k1::Message::from_digest(digest)).ok()?;
    Some(const_hex::encode_prefixed(key.serialize()))
}

/// Checks the text of cases.json: how many cases there are, and which fail.
pub fn check(text: &str) -> (usize, Vec<String>) {
    let file: Value = serde_json::from_str(text).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let cases: Vec<_> = cases.iter().filter(|case| case["input"]["surface"] == "scalar").collect();
    let right = |case: &&&Value| recover(&case["input"]).as_deref() == case["expect"]["public_key"].as_str();
    let failed = cases.iter().filter(|case| !right(case)).map(|case| case["id"].to_string());
    (cases.len(), failed.collect())
}
