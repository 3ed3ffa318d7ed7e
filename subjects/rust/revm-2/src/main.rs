//! revm-precompile 2.2, the last before k256 got normalised signatures there (revm #870).
//! `revm-2` and `revm-2-k256` are this file: the feature `secp256k1` chooses the backend.

use adapter::{call, Answer, Subject};
use revm_precompile::{Precompile, Precompiles};

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let (name, code) = match env!("CARGO_PKG_NAME") {
        "revm-2" => ("revm-precompile-2.2", "secp256k1-sys 0.8."),
        _ => ("revm-precompile-2.2-k256", "k256 0.13."),
    };
    let mut address = [0; 20];
    address[19] = 1;
    let Some(Precompile::Standard(ecrecover)) = Precompiles::latest().get(&address) else {
        panic!("no ecrecover");
    };
    call(&Subject { lock, name, package: "revm-precompile 2.", code }, |calldata, gas| {
        match ecrecover(calldata, gas) {
            Ok((gas, data)) => Answer::Returned(data, gas),
            Err(_) => Answer::Failed,
        }
    });
}
