//! Any text as a file of the corpus: see `ecrecheck::fuzz_target`.
#![no_main]

use ecrecheck::fuzz_target::CaseFiles;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: CaseFiles| examine("case_files", &case));
