//! cosmwasm-crypto: what a CosmWasm contract's `secp256k1_recover_pubkey` calls.

use adapter::{recover, Answer, Subject};
use cosmwasm_crypto::secp256k1_recover_pubkey;

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let (name, package, code) = ("cosmwasm-crypto", "cosmwasm-crypto 3.", "k256 0.13.");
    recover(&Subject { lock, name, package, code }, |signed| {
        Ok(Answer::Key(secp256k1_recover_pubkey(&signed.digest, &signed.rs(), signed.recovery_id)?))
    });
}
