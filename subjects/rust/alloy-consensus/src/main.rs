//! alloy-consensus, the signer of a transaction: EIP-2's rule for s.

use adapter::{recover, Answer, Subject};
use alloy_primitives::{Signature, B256};
use consensus::crypto::secp256k1::recover_signer;

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let (package, code) = ("alloy-consensus 2.", "secp256k1-sys 0.11.");
    recover(&Subject { lock, name: "alloy-consensus", package, code }, |signed| {
        if signed.recovery_id > 1 {
            return Ok(Answer::Unsupported("the parity is a bool"));
        }
        let [r, s, digest] = [signed.r, signed.s, signed.digest].map(B256::from);
        let signature = Signature::from_scalars_and_parity(r, s, signed.recovery_id == 1);
        Ok(Answer::Address(recover_signer(&signature, digest)?.to_vec()))
    });
}
