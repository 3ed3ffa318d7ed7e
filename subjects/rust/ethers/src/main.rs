//! ethers-core. A `v` of 0 to 3 is a recovery id there.

use adapter::{recover, Answer, Subject};
use ethers_core::types::{Signature, H256};

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let (name, package, code) = ("ethers-core", "ethers-core 2.", "k256 0.13.");
    recover(&Subject { lock, name, package, code }, |signed| {
        let signature = Signature::try_from(&signed.rs_and_id()[..])?;
        Ok(Answer::Address(signature.recover(H256(signed.digest))?.0.into()))
    });
}
