//! Planted bugs of the precompile: what gas, calldata and v decide, and what comes back.

use std::cell::RefCell;

use super::{OnCall, Plant, plant, sound};
use crate::input::bytes::{Bytes, Word};
use crate::input::key::Address;
use crate::input::{CallInput, ScalarInput};
use crate::reference::answer::ECRECOVER_GAS;
use crate::subject::Outcome;

pub(super) static BUGS: &[Plant<OnCall>] = &[
    plant(
        "call-short-refused",
        "returns nothing for fewer than 128 bytes",
        "ethereum/go-ethereum#1195",
        |call| {
            if call.calldata.0.len() < 128 { charged(call, nothing()) } else { precompile(call, strict_v) }
        },
    ),
    plant("call-short-padded-left", "pads short calldata on the left", "neonlabsorg/neon-evm#795", |call| {
        let missing = 128usize.saturating_sub(call.calldata.0.len());
        let padded = [vec![0; missing], call.calldata.0.clone()].concat();
        precompile(&CallInput { calldata: Bytes(padded), gas: call.gas }, strict_v)
    }),
    plant(
        "call-long-refused",
        "returns nothing for more than 128 bytes",
        "ethereum/execution-specs#461",
        |call| {
            if call.calldata.0.len() > 128 { charged(call, nothing()) } else { precompile(call, strict_v) }
        },
    ),
    plant("v-unchecked", "takes any v, by its parity", "ethereum/ethereumj#353", |call| {
        precompile(call, |v| Some((v.0[31] & 1) ^ 1))
    }),
    plant("v-one-byte", "looks at v's last byte only", "rust-ethereum/frontier#590", |call| {
        precompile(call, |v| recovery_id(v.0[31], 27..=28))
    }),
    plant("v-64-bits", "looks at v's last 64 bits only", "solana-labs/solana#23621", |call| {
        precompile(call, |v| if v.0[24..31] == [0; 7] { recovery_id(v.0[31], 27..=28) } else { None })
    }),
    plant("v-27-to-31", "takes v from 27 to 31", "noir-lang/noir#114", |call| {
        precompile(call, |v| if v.0[..31] == [0; 31] { recovery_id(v.0[31], 27..=31) } else { None })
    }),
    plant("v-0-1-accepted", "takes v 0 and 1 too", "v 0/1 given to ecrecover unadjusted", |call| {
        precompile(call, |v| strict_v(v).or((v.number() <= ruint::aliases::U256::ONE).then_some(v.0[31])))
    }),
    plant(
        "failure-gives-zeros",
        "returns 32 zero bytes where there is no key",
        "PegaSysEng/pantheon#227, ethereum/aleth#2128",
        |call| match precompile(call, strict_v) {
            Outcome::Rejected { .. } => Outcome::Recovered { address: Address([0; 20]), public_key: None },
            other => other,
        },
    ),
    plant(
        "failure-gives-stale-output",
        "leaves the last address in the output where there is no key",
        "solcore#543, eth-infinitism/account-abstraction#8",
        |call| {
            thread_local!(static LAST: RefCell<Option<Outcome>> = const { RefCell::new(None) });
            match precompile(call, strict_v) {
                rejected @ Outcome::Rejected { .. } => LAST.with_borrow(Clone::clone).unwrap_or(rejected),
                recovered @ Outcome::Recovered { .. } => {
                    LAST.set(Some(recovered.clone()));
                    recovered
                }
                other => other,
            }
        },
    ),
    plant(
        "failure-fails-call",
        "fails the call where there is no key",
        "a failed recovery returns nothing",
        |call| match precompile(call, strict_v) {
            Outcome::Rejected { words } => Outcome::CallFailed { how: words },
            other => other,
        },
    ),
    plant("gas-not-charged", "runs with any gas", "Yellow Paper, appendix E.1", |call| {
        precompile(&CallInput { gas: ECRECOVER_GAS, ..call.clone() }, strict_v)
    }),
    plant("gas-one-too-much", "asks for more than 3000 gas", "Yellow Paper, appendix E.1", |call| {
        if call.gas == ECRECOVER_GAS { out_of_gas() } else { precompile(call, strict_v) }
    }),
    plant(
        "gas-short-gives-nothing",
        "returns nothing, and succeeds, where gas is short",
        "Yellow Paper, appendix E.1",
        |call| {
            if call.gas < ECRECOVER_GAS { nothing() } else { precompile(call, strict_v) }
        },
    ),
    plant("address-unpadded", "returns 20 bytes", "an address is a word", |call| {
        match precompile(call, strict_v) {
            Outcome::Recovered { address, .. } => Outcome::Malformed { how: format!("returndata {address}") },
            other => other,
        }
    }),
];

/// A sound precompile around a recovery.
pub(super) fn sound_around(call: &CallInput, recover: impl Fn(&ScalarInput) -> Outcome) -> Outcome {
    around(call, strict_v, recover)
}

/// The precompile with a reading of v: the recovery id that it stands for, if any.
fn precompile(call: &CallInput, v: impl Fn(Word) -> Option<u8>) -> Outcome {
    around(call, v, sound)
}

fn around(
    call: &CallInput,
    v: impl Fn(Word) -> Option<u8>,
    recover: impl Fn(&ScalarInput) -> Outcome,
) -> Outcome {
    if call.gas < ECRECOVER_GAS {
        return out_of_gas();
    }
    let [digest, v_word, r, s] = call.words();
    match v(v_word).map(|recovery_id| recover(&ScalarInput { digest, r, s, recovery_id })) {
        None => nothing(),
        Some(Outcome::Recovered { address, .. }) => Outcome::Recovered { address, public_key: None },
        Some(other) => other,
    }
}

fn charged(call: &CallInput, outcome: Outcome) -> Outcome {
    if call.gas < ECRECOVER_GAS { out_of_gas() } else { outcome }
}

fn out_of_gas() -> Outcome {
    Outcome::CallFailed { how: "out of gas".into() }
}

fn nothing() -> Outcome {
    Outcome::rejected("no returndata")
}

fn strict_v(v: Word) -> Option<u8> {
    if v.0[..31] == [0; 31] { recovery_id(v.0[31], 27..=28) } else { None }
}

fn recovery_id(v: u8, taken: std::ops::RangeInclusive<u8>) -> Option<u8> {
    taken.contains(&v).then(|| (v - 27) & 3)
}
