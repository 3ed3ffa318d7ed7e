//! Any text as a file of dstack: see `ecrecheck::dstack::fuzz_target`.
#![no_main]

use ecrecheck::dstack::fuzz_target::AppKeysFile;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: AppKeysFile| examine("app_keys", &case));
