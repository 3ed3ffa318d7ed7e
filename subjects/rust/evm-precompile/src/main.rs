//! evm-precompile: the precompiles of the crate `evm`, which Polkadot's Frontier runs.

use std::rc::Rc;

use adapter::{call, Answer, Subject};
use evm::backend::{InMemoryBackend, InMemoryEnvironment, OverlayedBackend};
use evm::interpreter::runtime::{Context, RuntimeState, TransactionContext};
use evm::standard::{Config, GasometerState, PrecompileSet, State};
use evm_precompile::StandardPrecompileSet;
use primitive_types::{H160, U256};

fn main() {
    let lock = include_str!("../../Cargo.lock");
    let (name, package, code) = ("evm-precompile", "evm-precompile 1.", "k256 0.13.");
    let config = Config::cancun();
    call(&Subject { lock, name, package, code }, |calldata, gas| {
        let mut state = state(&config, gas);
        let mut world = OverlayedBackend::new(nothing(), &config.runtime);
        let ecrecover = H160::from_low_u64_be(1);
        let done = StandardPrecompileSet.execute(ecrecover, calldata, &mut state, &mut world);
        match done.expect("0x01 is a precompile") {
            (Ok(_), data) => Answer::Returned(data, state.gasometer.total_used_gas()),
            (Err(_), _) => Answer::Failed,
        }
    });
}

/// A call with this much gas. The precompile looks at nothing else of it.
fn state(config: &Config, gas: u64) -> State<'_> {
    let context = Context { address: H160::zero(), caller: H160::zero(), apparent_value: U256::zero() };
    let transaction = TransactionContext { gas_price: U256::zero(), origin: H160::zero() };
    State {
        runtime: RuntimeState { context, transaction_context: Rc::new(transaction), retbuf: Vec::new() },
        gasometer: GasometerState::new(gas, false),
        config,
    }
}

/// A chain without accounts.
fn nothing() -> InMemoryBackend {
    let zero = U256::zero();
    let environment = InMemoryEnvironment {
        block_hashes: Default::default(),
        block_number: zero,
        block_coinbase: H160::zero(),
        block_timestamp: zero,
        block_difficulty: zero,
        block_randomness: None,
        block_gas_limit: zero,
        block_base_fee_per_gas: zero,
        blob_base_fee_per_gas: zero,
        blob_versioned_hashes: Vec::new(),
        chain_id: zero,
    };
    InMemoryBackend { environment, state: Default::default() }
}
