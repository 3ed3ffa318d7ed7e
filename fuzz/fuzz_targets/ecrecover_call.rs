//! Calls of the precompile: see `ecrecheck::fuzz_target`.
#![no_main]

use ecrecheck::fuzz_target::EcrecoverCall;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: EcrecoverCall| examine("ecrecover_call", &case));
