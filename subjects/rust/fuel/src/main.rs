//! fuel-crypto. `fuel` and `fuel-no-std` are this file: the feature `std` chooses the backend.

use adapter::{recover, Answer, Subject};
use fuel_crypto::{Message, Signature};

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let (name, code) = match env!("CARGO_PKG_NAME") {
        "fuel" => ("fuel-crypto", "secp256k1-sys 0.10."),
        _ => ("fuel-crypto-no-std", "k256 0.13."),
    };
    recover(&Subject { lock, name, package: "fuel-crypto 0.", code }, |signed| {
        if signed.recovery_id > 1 || signed.s[0] >= 0x80 {
            return Ok(Answer::Unsupported("the recovery id is the top bit of s"));
        }
        let mut signature = signed.rs();
        signature[32] |= signed.recovery_id << 7;
        let key = Signature::from_bytes(signature).recover(&Message::from_bytes(signed.digest))?;
        Ok(Answer::Key(key.to_vec()))
    });
}
