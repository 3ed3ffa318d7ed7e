//! Any text as a file of groups: see `ecrecheck::identify::fuzz_target`.
#![no_main]

use ecrecheck::identify::fuzz_target::GroupFiles;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: GroupFiles| examine("group_files", &case));
