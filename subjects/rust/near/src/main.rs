//! near-crypto. `near` and `near-18` are this file: an old release.

use adapter::{recover, Answer, Subject};
use near_crypto::Secp256K1Signature;

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let (name, package) = match env!("CARGO_PKG_NAME") {
        "near" => ("near-crypto", "near-crypto 0.38."),
        _ => ("near-crypto-0.18", "near-crypto 0.18."),
    };
    recover(&Subject { lock, name, package, code: "secp256k1-sys 0.8." }, |signed| {
        let signature = Secp256K1Signature::try_from(&signed.rs_and_id()[..])?;
        Ok(Answer::Key(signature.recover(signed.digest)?.as_ref().into()))
    });
}
