//! dstack's fuzz targets: its files, its chains, and requests to its guest agent.

mod app_keys;
mod chain;
mod guest;

pub use app_keys::AppKeysFile;
pub use chain::ChainTarget;
pub use guest::GuestTarget;

use crate::fuzz_target::FuzzTarget;

/// dstack's fuzz targets.
pub(crate) static TARGETS: &[FuzzTarget] = &[app_keys::TARGET, chain::TARGET, guest::TARGET];
