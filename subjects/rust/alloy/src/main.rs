//! alloy-primitives. `alloy` and `alloy-k256` are this file: a feature chooses the backend.

use adapter::{recover, Answer, Subject};
use alloy_primitives::{Signature, B256};

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let (name, code) = match env!("CARGO_PKG_NAME") {
        "alloy" => ("alloy-primitives", "secp256k1-sys 0.11."),
        _ => ("alloy-primitives-k256", "k256 0.13."),
    };
    recover(&Subject { lock, name, package: "alloy-primitives 1.", code }, |signed| {
        if signed.recovery_id > 1 {
            return Ok(Answer::Unsupported("the parity is a bool"));
        }
        let [r, s, digest] = [signed.r, signed.s, signed.digest].map(B256::from);
        let signature = Signature::from_scalars_and_parity(r, s, signed.recovery_id == 1);
        Ok(Answer::Address(signature.recover_address_from_prehash(&digest)?.to_vec()))
    });
}
