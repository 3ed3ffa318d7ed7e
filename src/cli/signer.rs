//! An expected signer, as people write one.

use ecrecheck::identify::Target;
use ecrecheck::input::key::{Address, PublicKey};

/// An address or a public key, told apart by their lengths.
pub(super) fn target(text: &str) -> Result<Target, String> {
    if text.strip_prefix("0x").unwrap_or(text).len() > 40 {
        text.parse::<PublicKey>().map(Target::PublicKey).map_err(|error| error.to_string())
    } else {
        text.parse::<Address>().map(Target::Address).map_err(|error| error.to_string())
    }
}

/// An address, or the address of a public key.
pub(super) fn signer(text: &str) -> Result<Address, String> {
    target(text).map(|target| target.address())
}
