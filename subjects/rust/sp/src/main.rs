//! sp-core, of Substrate. `sp` and `sp-no-std` are this file: the feature `std` chooses the backend.

use adapter::{recover, Answer, Subject};
use sp_core::ecdsa::Signature;

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let (name, code) = match env!("CARGO_PKG_NAME") {
        "sp" => ("sp-core", "secp256k1-sys 0.9."),
        _ => ("sp-core-no-std", "k256 0.13."),
    };
    recover(&Subject { lock, name, package: "sp-core 43.", code }, |signed| {
        let key = Signature::from_raw(signed.rs_and_id()).recover_prehashed(&signed.digest);
        Ok(Answer::Key(key.ok_or("no key")?.0.into()))
    });
}
