//! Chains of dstack, sound and with each mistake: see `ecrecheck::target`.
#![no_main]

use ecrecheck::target::Chain;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: Chain| examine("chain", &case));
