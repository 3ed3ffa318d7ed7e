//! zk_evm_abstractions: the inner function of ZKsync's precompile.

use adapter::{recover, Answer, Subject};
use zk_evm_abstractions::precompiles::ecrecover::ecrecover_inner;

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let (name, package, code) = ("zk_evm_abstractions", "zk_evm_abstractions 0.", "k256 0.13.");
    recover(&Subject { lock, name, package, code }, |signed| {
        let key = ecrecover_inner(&signed.digest, &signed.r, &signed.s, signed.recovery_id)?;
        Ok(Answer::Key(key.to_encoded_point(false).as_bytes().into()))
    });
}
