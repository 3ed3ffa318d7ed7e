//! go-ethereum's precompile tests: `core/vm/testdata/precompiles/ecRecover.json`, which other clients read too.

use serde::{Deserialize, Serialize};

use super::{Export, call, call_fails, returned};
use crate::corpus::vector::Vector;
use crate::input::CallInput;
use crate::reference::answer::{ECRECOVER_GAS, Expectation};

/// An entry of the list. Hex is without `0x`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GethTest {
    /// The calldata.
    pub input: String,
    /// The output; empty where there is none.
    pub expected: String,
    /// What a failure is reported as.
    pub name: String,
    /// What the call costs, and is given.
    pub gas: u64,
    /// Whether `go test -bench` leaves it out.
    pub no_benchmark: bool,
}

impl GethTest {
    /// An entry that calls with this calldata.
    pub fn new(name: &str, calldata: &[u8], output: Option<[u8; 32]>) -> Self {
        Self {
            input: const_hex::encode(calldata),
            expected: output.map(const_hex::encode).unwrap_or_default(),
            name: name.to_owned(),
            gas: ECRECOVER_GAS,
            no_benchmark: true,
        }
    }
}

pub(super) fn export(vectors: &[Vector], export: &mut Export) {
    let tests = export.hold(vectors, |vector| {
        let (call, expected) = held(vector)?;
        Ok(GethTest::new(&vector.id, &call.calldata.0, returned(&expected)))
    });
    export.add("ecRecover.json", &tests);
}

/// The call that an entry makes, and what must come out of it.
pub(super) fn held(vector: &Vector) -> Result<(CallInput, Expectation), &'static str> {
    let (call, expected) = call(vector)?;
    if call_fails(&expected) {
        return Err("a call without enough gas: an entry's call has what it costs");
    }
    if ![ECRECOVER_GAS, CallInput::AMPLE_GAS].contains(&call.gas) {
        return Err("a call with an amount of gas that matters: an entry's call has what it costs");
    }
    Ok((CallInput { gas: ECRECOVER_GAS, ..call }, expected))
}
