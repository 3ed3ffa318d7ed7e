//! ethers-core. A `v` of up to 26 is a recovery id there, 27 to 30 are 0 to 3; more says what nobody asked.

use adapter::{recover, Answer, Subject};
use ethers_core::types::{Signature, H256};

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let (name, package, code) = ("ethers-core", "ethers-core 2.", "k256 0.13.");
    recover(&Subject { lock, name, package, code }, |signed| {
        if signed.recovery_id > 30 {
            return Ok(Answer::Unsupported("a v above 30 has a compressed key or a chain id in it"));
        }
        let signature = Signature::try_from(&signed.rs_and_id()[..])?;
        Ok(Answer::Address(signature.recover(H256(signed.digest))?.0.into()))
    });
}
