//! near-crypto.

use adapter::{recover, Answer, Subject};
use near_crypto::Secp256K1Signature;

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let (name, package, code) = ("near-crypto", "near-crypto 0.", "secp256k1-sys 0.8.");
    recover(&Subject { lock, name, package, code }, |signed| {
        let signature = Secp256K1Signature::try_from(&signed.rs_and_id()[..])?;
        Ok(Answer::Key(signature.recover(signed.digest)?.as_ref().into()))
    });
}
