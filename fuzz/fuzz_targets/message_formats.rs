//! Expressions over fields, signed: see `ecrecheck::target`.
#![no_main]

use ecrecheck::target::MessageFormats;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: MessageFormats| examine("message_formats", &case));
