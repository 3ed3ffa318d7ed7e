//! Scalars and prehashes: see `ecrecheck::fuzz_target`.
#![no_main]

use ecrecheck::fuzz_target::Recover;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: Recover| examine("recover", &case));
