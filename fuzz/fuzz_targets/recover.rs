//! Scalars and prehashes: see `ecrecheck::target`.
#![no_main]

use ecrecheck::target::Recover;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: Recover| examine("recover", &case));
