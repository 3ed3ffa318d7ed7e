//! Aurora's `ecrecover`, outside a contract: the function, and the precompile.

use std::env;

use adapter::{call, recover, Answer, Subject};
use aurora_engine_precompiles::secp256k1::ECRecover;
use aurora_engine_precompiles::{Context, EthGas, Precompile};
use aurora_engine_types::{H160, H256, U256};

fn main() {
    let (lock, code) = (include_str!("../../Cargo.lock"), "libsecp256k1 0.7.");
    match env::args().nth(1).as_deref() {
        Some("sdk") => {
            let (name, package) = ("aurora-engine-sdk", "aurora-engine-sdk 2.");
            recover(&Subject { lock, name, package, code }, |signed| {
                let address = aurora_engine_sdk::ecrecover(H256(signed.digest), &signed.rs_and_id());
                let address = address.map_err(|error| error.as_str().to_owned())?;
                Ok(Answer::Address(address.as_bytes().into()))
            });
        }
        Some("precompile") => {
            let context = Context {
                address: H160::from_low_u64_be(1),
                caller: H160::zero(),
                apparent_value: U256::zero(),
            };
            let (name, package) = ("aurora-engine-precompiles", "aurora-engine-precompiles 2.");
            call(&Subject { lock, name, package, code }, |calldata, gas| {
                match ECRecover.run(calldata, Some(EthGas::new(gas)), &context, false) {
                    Ok(done) => Answer::Returned(done.output, done.cost.as_u64()),
                    Err(_) => Answer::Failed,
                }
            });
        }
        _ => panic!("usage: aurora sdk|precompile"),
    }
}
