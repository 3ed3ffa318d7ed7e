//! dstack's fuzz targets: its files, and its chains.

mod app_keys;
mod chain;

pub use app_keys::AppKeysFile;
pub use chain::ChainTarget;

use crate::fuzz_target::FuzzTarget;

/// dstack's fuzz targets.
pub(crate) static TARGETS: &[FuzzTarget] = &[app_keys::TARGET, chain::TARGET];
