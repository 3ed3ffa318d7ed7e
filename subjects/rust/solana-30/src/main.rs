//! solana-secp256k1-recover 3.0, outside a program.

use adapter::{recover, Answer, Subject};
use solana_secp256k1_recover::secp256k1_recover;

fn main() {
    let lock = include_str!("../Cargo.lock");
    let (package, code) = ("solana-secp256k1-recover 3.0.", "k256 0.13.");
    recover(&Subject { lock, name: "solana-3.0", package, code }, |signed| {
        let key = secp256k1_recover(&signed.digest, signed.recovery_id, &signed.rs())?;
        Ok(Answer::Key(key.to_bytes().into()))
    });
}
