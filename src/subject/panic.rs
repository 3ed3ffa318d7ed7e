//! Catching panics without printing them.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether this thread is inside [`catch`], where the panic hook stays silent.
    static QUIET: Cell<bool> = const { Cell::new(false) };
    /// Where the last panic was that the hook kept silent about.
    static AT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A panic.
#[derive(Debug)]
pub(crate) struct Panic {
    /// Its message.
    pub(crate) message: String,
    /// The file and the line.
    at: String,
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked at {}: {}", self.at, self.message)
    }
}

/// Runs `work`; a panic is given, and not printed. Panics elsewhere are printed as ever.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let outer = take_hook();
        set_hook(Box::new(move |info| {
            if QUIET.get() {
                AT.set(info.location().map(ToString::to_string).unwrap_or_default());
            } else {
                outer(info);
            }
        }));
    });
    let before = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    result.map_err(|payload| {
        let message = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let message = message
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "a panic without a message".into());
        Panic { message, at: AT.take() }
    })
}
