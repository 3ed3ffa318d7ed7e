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

/// Runs `work` with the thread's choice set to `backend`, and resets it, after a panic too.
///
/// # Errors
/// Another provider is installed in this process.
pub(crate) fn with_backend<T>(
    backend: &Arc<dyn Crypto>,
    work: impl FnOnce() -> T,
) -> Result<T, &'static str> {
    (*DISPATCH_INSTALLED)?;
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

/// Whether this process recovers through [`Dispatch`].
static DISPATCH_INSTALLED: LazyLock<Result<(), &'static str>> = LazyLock::new(|| {
    install_crypto(Dispatch).then_some(()).ok_or("another crypto provider is installed in this process")
});
