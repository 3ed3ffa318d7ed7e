//! Expressions over fields, signed: see `ecrecheck::fuzz_target`.
#![no_main]

use ecrecheck::fuzz_target::MessageFormats;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: MessageFormats| examine("message_formats", &case));
