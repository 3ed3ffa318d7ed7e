//! Planted bugs of the precompile: what gas, calldata and v decide, and what comes back.

use super::{OnCall, Plant, plant, sound};
use crate::generate::call_reading::VReading;
use crate::input::bytes::{Bytes, Word};
use crate::input::key::Address;
use crate::input::{CallInput, ScalarInput};
use crate::reference::answer::ECRECOVER_GAS;
use crate::subject::Outcome;

const MISREAD: &str = "class: a v of 256 bits read as something else";
const CUT: &str = "class: a length or an amount of gas in too few bits";

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
    plant("v-27-to-31", "takes v from 27 to 31", "NoirHQ/noir#114", |call| {
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
    plant("v-signed-byte", "takes the absolute value of v's last byte as a signed one", MISREAD, |call| {
        precompile(call, |v| misread(VReading::Signed(8), v).filter(|_| v.0[..31] == [0; 31]))
    }),
    plant("v-signed", "takes the absolute value of v as a signed number of 256 bits", MISREAD, |call| {
        precompile(call, |v| misread(VReading::Signed(256), v))
    }),
    plant("v-16-bits", "looks at v's last 16 bits only", MISREAD, |call| {
        precompile(call, |v| misread(VReading::Cut(16), v))
    }),
    plant("v-128-bits", "looks at v's last 128 bits only", MISREAD, |call| {
        precompile(call, |v| misread(VReading::Cut(128), v))
    }),
    plant("v-little-endian", "reads v from its other end too", MISREAD, |call| {
        precompile(call, |v| strict_v(v).or(misread(VReading::Swapped(256), v)))
    }),
    plant("v-word-little-endian", "reads the last 32 bits of v from their other end too", MISREAD, |call| {
        precompile(call, |v| {
            let swapped = || misread(VReading::Swapped(32), v).filter(|_| v.0[..28] == [0; 28]);
            strict_v(v).or_else(swapped)
        })
    }),
    plant("v-bytes-summed", "adds up v's bytes", MISREAD, |call| {
        precompile(call, |v| misread(VReading::Summed(8), v))
    }),
    plant("v-limbs-summed", "adds up v's limbs of 64 bits", MISREAD, |call| {
        precompile(call, |v| misread(VReading::Summed(64), v))
    }),
    plant("length-8-bits", "keeps the calldata's length in 8 bits", CUT, |call| cut_length(call, 8)),
    plant("length-16-bits", "keeps the calldata's length in 16 bits", CUT, |call| cut_length(call, 16)),
    plant("gas-16-bits", "keeps the gas in 16 bits", CUT, |call| {
        precompile(&CallInput { gas: call.gas & 0xffff, ..call.clone() }, strict_v)
    }),
    plant("gas-32-bits", "keeps the gas in 32 bits", CUT, |call| {
        precompile(&CallInput { gas: call.gas & 0xffff_ffff, ..call.clone() }, strict_v)
    }),
    plant("gas-signed-32-bits", "takes gas of 2^31 to 2^32 for less than none", CUT, |call| {
        if call.gas >> 31 == 1 { out_of_gas() } else { precompile(call, strict_v) }
    }),
    plant("gas-signed-64-bits", "takes gas of 2^63 and more for less than none", CUT, |call| {
        if call.gas >> 63 == 1 { out_of_gas() } else { precompile(call, strict_v) }
    }),
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

/// The recovery id that v stands for by a wrong reading.
fn misread(reading: VReading, v: Word) -> Option<u8> {
    strict_v(Word::from(reading.read(v.number())))
}

fn cut_length(call: &CallInput, bits: u32) -> Outcome {
    let length = call.calldata.0.len() & ((1 << bits) - 1);
    let calldata = Bytes(call.calldata.0[..length].to_vec());
    precompile(&CallInput { calldata, gas: call.gas }, strict_v)
}

fn recovery_id(v: u8, taken: std::ops::RangeInclusive<u8>) -> Option<u8> {
    taken.contains(&v).then(|| (v - 27) & 3)
}
