//! Any text as an expression: see `ecrecheck::fuzz_target`.
#![no_main]

use ecrecheck::fuzz_target::FormatParser;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: FormatParser| examine("format_parser", &case));
