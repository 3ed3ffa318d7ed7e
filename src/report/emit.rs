//! Reproducers for other projects: a case as a Rust test, as an entry of geth's precompile tests, as calldata.

use serde_json::json;

use crate::input::bytes::{Word, to_hex};
use crate::input::hash::keccak256;
use crate::input::{Input, ScalarInput};
use crate::reference::answer::{Answer, Expectation, Refusal};
use crate::report::export::geth::GethTest;
use crate::report::export::returned;

/// The case as a Rust test of k256; its `recover` is the place for another implementation.
pub fn rust(id: &str, input: &Input) -> Option<String> {
    let (signed, ScalarInput { r, s, recovery_id, .. }) = match input {
        Input::Scalar(scalar) => (bytes(&scalar.digest.0), *scalar),
        Input::Prehash(prehash) => (bytes(&prehash.prehash.0), prehash.leftmost()),
        Input::Call(_) => return None,
    };
    let (expected, why) = match Answer::to(input).expectation {
        Expectation::Recovered { address, public_key } => {
            (format!("Some(vec!{})", bytes(&public_key.compressed())), format!("the key of {address}"))
        }
        Expectation::Rejected(refusal) => ("None".to_owned(), refusal.to_string()),
    };
    let (r, s) = (bytes(&r.0), bytes(&s.0));
    let body = format!(
        r#"    use k256::ecdsa::{{RecoveryId, Signature, VerifyingKey}};

    fn recover(prehash: &[u8], r: [u8; 32], s: [u8; 32], recovery_id: u8) -> Option<Vec<u8>> {{
        let id = RecoveryId::from_byte(recovery_id)?;
        let signature = Signature::from_scalars(r, s).ok()?;
        let key = VerifyingKey::recover_from_prehash(prehash, &signature, id).ok()?;
        Some(key.to_sec1_point(true).as_bytes().to_vec())
    }}

    let signed: &[u8] = &{signed};
    let r = {r};
    let s = {s};
    let expected: Option<Vec<u8>> = {expected};
    assert_eq!(recover(signed, r, s, {recovery_id}), expected);
"#
    );
    let name = test_name(id, &body);
    Some(format!("/// {id}: {why}\n#[test]\nfn {name}() {{\n{body}}}\n"))
}

/// A name for the test of a case, with a hash of both: ids that differ in punctuation alone, and inputs that
/// are all called after their fuzz target, stand in one file.
fn test_name(id: &str, body: &str) -> String {
    let words = id.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words = words.map(|word| word.to_ascii_lowercase() + "_").collect::<String>();
    let hash = keccak256(format!("{id}\n{body}").as_bytes());
    format!("case_{words}{}", const_hex::encode(&hash[..4]))
}

fn bytes(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().map(|byte| format!("0x{byte:02x}")).collect();
    format!("[{}]", digits.join(", "))
}

/// The case as an entry of the list in geth's `core/vm/testdata/precompiles/ecRecover.json`.
pub fn geth_json(id: &str, input: &Input) -> Option<serde_json::Value> {
    let calldata = calldata(input)?;
    let expected = ecrecover(input);
    // geth's entries call with ample gas: a lack of gas is not expressible there.
    let expressible = expected.refusal() != Some(Refusal::OutOfGas);
    expressible.then(|| json!(GethTest::new(id, &calldata, returned(&expected))))
}

/// The case as calldata of ecrecover: digest, v = 27 + recovery id, r, s.
pub fn calldata(input: &Input) -> Option<Vec<u8>> {
    match input {
        Input::Scalar(scalar) => {
            let v = Word::from(ruint::aliases::U256::from(27 + u32::from(scalar.recovery_id)));
            Some([scalar.digest.0, v.0, scalar.r.0, scalar.s.0].concat())
        }
        Input::Call(call) => Some(call.calldata.0.clone()),
        Input::Prehash(_) => None,
    }
}

/// What ecrecover makes of the case: a scalar's recovery ids 2 and 3 are not expressible there.
fn ecrecover(input: &Input) -> Expectation {
    match input {
        Input::Scalar(ScalarInput { recovery_id: 2.., .. }) => Expectation::Rejected(Refusal::VNot27Or28),
        other => Answer::to(other).expectation,
    }
}

/// The calldata in hex.
pub fn calldata_hex(input: &Input) -> Option<String> {
    calldata(input).map(to_hex)
}
