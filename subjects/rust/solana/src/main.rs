//! solana-secp256k1-recover, outside a program. `solana-30` has another version 3.

use std::env;

use adapter::{recover, Answer, Subject};

fn main() {
    let lock = include_str!("../../Cargo.lock");
    match env::args().nth(1).as_deref() {
        Some("2.2") => {
            let (package, code) = ("solana-secp256k1-recover 2.2.", "libsecp256k1 0.6.");
            recover(&Subject { lock, name: "solana-2.2", package, code }, |signed| {
                let key = solana_2::secp256k1_recover(&signed.digest, signed.recovery_id, &signed.rs())?;
                Ok(Answer::Key(key.to_bytes().into()))
            });
        }
        Some("3.3") => {
            let (package, code) = ("solana-secp256k1-recover 3.3.", "k256 0.14.");
            recover(&Subject { lock, name: "solana-3.3", package, code }, |signed| {
                let key = solana_3::secp256k1_recover(&signed.digest, signed.recovery_id, &signed.rs())?;
                Ok(Answer::Key(key.to_bytes().into()))
            });
        }
        _ => panic!("usage: solana 2.2|3.3"),
    }
}
