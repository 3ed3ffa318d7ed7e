//! An expected signer, as people write one.

#[cfg(feature = "identify")]
use ecrecheck::identify::Target;
use ecrecheck::input::key::{Address, PublicKey};

/// An address or a public key, told apart by their lengths.
#[cfg(feature = "identify")]
pub(super) fn target(text: &str) -> Result<Target, String> {
    read(text, Target::PublicKey, Target::Address)
}

/// An address, or the address of a public key.
pub(super) fn signer(text: &str) -> Result<Address, String> {
    read(text, |key| key.address(), |address| address)
}

fn read<T>(text: &str, key: fn(PublicKey) -> T, address: fn(Address) -> T) -> Result<T, String> {
    if text.strip_prefix("0x").unwrap_or(text).len() > 40 {
        text.parse::<PublicKey>().map(key).map_err(|error| error.to_string())
    } else {
        text.parse::<Address>().map(address).map_err(|error| error.to_string())
    }
}
