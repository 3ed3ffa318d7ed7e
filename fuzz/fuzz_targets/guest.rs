//! Any bytes as a request to the simulated guest agent: see `ecrecheck::dstack::fuzz_target`.
#![no_main]

use ecrecheck::dstack::fuzz_target::GuestTarget;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: GuestTarget| examine("guest", &case));
