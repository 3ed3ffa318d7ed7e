//! revm_precompiles 0.4, the first with k256.

use adapter::{call, Answer, Subject};
use primitive_types::H160;
use revm_precompiles::{Precompile, Precompiles};

fn main() {
    let lock = include_str!("../Cargo.lock");
    let (name, package, code) = ("revm_precompiles-0.4-k256", "revm_precompiles 0.", "k256 0.10.");
    let Some(Precompile::Standard(ecrecover)) = Precompiles::default().get(&H160::from_low_u64_be(1)) else {
        panic!("no ecrecover");
    };
    call(&Subject { lock, name, package, code }, |calldata, gas| match ecrecover(calldata, gas) {
        Ok(done) => Answer::Returned(done.output, done.cost),
        Err(_) => Answer::Failed,
    });
}
