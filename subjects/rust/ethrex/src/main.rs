//! ethrex-crypto. `ethrex` and `ethrex-k256` are this file: the feature `secp256k1` chooses the backend.

use adapter::{recover, Answer, Subject};
use ethrex_crypto::{Crypto, NativeCrypto};

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let (name, code) = match env!("CARGO_PKG_NAME") {
        "ethrex" => ("ethrex-crypto", "secp256k1-sys 0.10."),
        _ => ("ethrex-crypto-k256", "k256 0.13."),
    };
    recover(&Subject { lock, name, package: "ethrex-crypto 31.", code }, |signed| {
        let hash = NativeCrypto.secp256k1_ecrecover(&signed.rs(), signed.recovery_id, &signed.digest)?;
        Ok(Answer::Address(hash[12..].into()))
    });
}
