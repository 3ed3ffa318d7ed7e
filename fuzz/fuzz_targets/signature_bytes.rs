//! Signatures on the wire: see `ecrecheck::fuzz_target`.
#![no_main]

use ecrecheck::fuzz_target::SignatureBytes;
use ecrecheck_fuzz::{examine, start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: start(), |case: SignatureBytes| examine("signature_bytes", &case));
