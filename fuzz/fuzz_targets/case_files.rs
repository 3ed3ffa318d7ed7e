//! Any text as a file of the corpus: see `ecrecheck::target`.
#![no_main]

use ecrecheck::target::CaseFiles;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: CaseFiles| examine("case_files", &case));
