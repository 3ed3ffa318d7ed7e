//! Chains of dstack, sound and with each mistake: see `ecrecheck::dstack::fuzz_target`.
#![no_main]

use ecrecheck::dstack::fuzz_target::ChainTarget;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: ChainTarget| examine("chain", &case));
