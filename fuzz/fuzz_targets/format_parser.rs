//! Any text as an expression: see `ecrecheck::target`.
#![no_main]

use ecrecheck::target::FormatParser;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: FormatParser| examine("format_parser", &case));
