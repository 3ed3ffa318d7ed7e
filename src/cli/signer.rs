//! An expected signer, as people write one.

#[cfg(feature = "identify")]
use ecrecheck::identify::Target;
use ecrecheck::input::key::{Address, PublicKey};

/// An address or a public key; with or without `0x`.
#[cfg(feature = "identify")]
pub(super) fn target(text: &str) -> Result<Target, String> {
    read(text, Target::PublicKey, Target::Address)
}

/// An address, or the address of a public key.
pub(super) fn signer(text: &str) -> Result<Address, String> {
    read(text, |key| key.address(), |address| address)
}

fn read<T>(text: &str, key: fn(PublicKey) -> T, address: fn(Address) -> T) -> Result<T, String> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let text = format!("0x{digits}");
    if digits.len() > 40 {
        text.parse::<PublicKey>().map(key).map_err(|error| error.to_string())
    } else {
        text.parse::<Address>().map(address).map_err(|error| error.to_string())
    }
}
