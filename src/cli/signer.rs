//! An expected signer, as people write one.

use ecrecheck::identify::Target;
use ecrecheck::input::key::{Address, PublicKey};

/// An address or a public key; with or without `0x`.
pub(super) fn target(text: &str) -> Result<Target, String> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let text = format!("0x{digits}");
    if digits.len() > 40 {
        text.parse::<PublicKey>().map(Target::PublicKey).map_err(|error| error.to_string())
    } else {
        text.parse::<Address>().map(Target::Address).map_err(|error| error.to_string())
    }
}

/// An address, or the address of a public key.
pub(super) fn signer(text: &str) -> Result<Address, String> {
    target(text).map(|target| target.address())
}
