//! The process's crypto provider, and the backends that it can be asked to use.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};

use revm::precompile::{Crypto, DefaultCrypto, PrecompileHalt, install_crypto, secp256k1};

/// revm's k256 backend as a provider.
#[derive(Debug)]
pub(crate) struct K256Crypto;

impl Crypto for K256Crypto {
    fn secp256k1_ecrecover(
        &self,
        sig: &[u8; 64],
        recid: u8,
        msg: &[u8; 32],
    ) -> Result<[u8; 32], PrecompileHalt> {
        let recovered = secp256k1::k256::ecrecover(sig.into(), recid, msg.into());
        recovered.map(|word| word.0).map_err(|_| PrecompileHalt::Secp256k1RecoverFailed)
    }
}

thread_local! {
    /// The backend that this thread has chosen.
    static CHOICE: RefCell<Option<Arc<dyn Crypto>>> = const { RefCell::new(None) };
}

/// revm has one crypto provider a process, and it is not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "revm takes one crypto provider a process, and this process had installed another, or run revm, before \
     ecrecheck came: run ecrecheck first, or in a process of its own (a test binary), and hand a provider \
     that is to be checked to `check_crypto` instead of installing it"
)]
pub struct OtherProvider;

impl From<OtherProvider> for String {
    fn from(error: OtherProvider) -> Self {
        error.to_string()
    }
}

/// Makes this process recover through [`Dispatch`], if it does not yet.
///
/// # Errors
/// Another provider is installed.
pub(crate) fn install() -> Result<(), OtherProvider> {
    static INSTALLED: LazyLock<bool> = LazyLock::new(|| install_crypto(Dispatch));
    if *INSTALLED { Ok(()) } else { Err(OtherProvider) }
}

/// Runs `work` with the thread's choice set to `backend`, and resets it, after a panic too.
///
/// # Errors
/// Another provider is installed in this process.
pub(crate) fn with_backend<T>(
    backend: &Arc<dyn Crypto>,
    work: impl FnOnce() -> T,
) -> Result<T, OtherProvider> {
    install()?;
    struct Reset(Option<Arc<dyn Crypto>>);
    impl Drop for Reset {
        fn drop(&mut self) {
            CHOICE.set(self.0.take());
        }
    }
    let _reset = Reset(CHOICE.replace(Some(Arc::clone(backend))));
    Ok(work())
}

/// Whether the thread has chosen none.
#[cfg(test)]
pub(super) fn no_choice() -> bool {
    CHOICE.with_borrow(Option::is_none)
}

/// The process's provider: recovers with the thread's choice, or with revm's default where there is none.
#[derive(Debug)]
struct Dispatch;

impl Crypto for Dispatch {
    fn secp256k1_ecrecover(
        &self,
        sig: &[u8; 64],
        recid: u8,
        msg: &[u8; 32],
    ) -> Result<[u8; 32], PrecompileHalt> {
        let choice = CHOICE.with_borrow(Clone::clone);
        match choice {
            Some(backend) => backend.secp256k1_ecrecover(sig, recid, msg),
            None => DefaultCrypto.secp256k1_ecrecover(sig, recid, msg),
        }
    }
}
