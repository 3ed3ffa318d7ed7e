//! Long work, watched: a progress bar on stderr, and Ctrl-C (or what ends a job: SIGTERM, SIGHUP).

use std::io::{self, IsTerminal as _, Write as _};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Calls `stop` at Ctrl-C, which says whether there is something to stop. Where there is not, and for who asks twice
/// and does not want to wait for what is left to do, the program ends.
pub(super) fn on_interrupt(stop: impl Fn() -> bool + Send + 'static) {
    let asked = AtomicBool::new(false);
    // Where no handler can be had, Ctrl-C ends the program without a result: no reason not to begin.
    let _ = ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::Relaxed) || !stop() {
            end();
        }
        // Elsewhere nobody presses Ctrl-C, and stderr may be a log of JSON lines.
        if io::stderr().is_terminal() {
            let _ = writeln!(io::stderr(), "stopping after what is in flight; Ctrl-C again ends at once");
        }
    });
}

/// Ends the program at Ctrl-C, unless [`on_interrupt`] was there first. Programs under test are in process groups
/// of their own: a terminal does not interrupt them.
#[cfg(feature = "outsiders")]
pub(super) fn end_on_interrupt() {
    let _ = ctrlc::set_handler(|| end());
}

fn end() -> ! {
    #[cfg(feature = "outsiders")]
    ecrecheck::outsider::kill_all();
    process::exit(130)
}

/// A bar on stderr, where that is a terminal.
pub(super) fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    let bar = match length {
        _ if !io::stderr().is_terminal() => ProgressBar::hidden(),
        Some(length) => ProgressBar::new(length),
        None => ProgressBar::no_length(),
    };
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// Runs `work`, while `show` brings the bar up to date.
pub(super) fn watched<T>(
    bar: &ProgressBar,
    show: impl Fn(&ProgressBar) + Sync,
    work: impl FnOnce() -> T,
) -> T {
    let done = AtomicBool::new(false);
    let result = thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                show(bar);
                thread::sleep(Duration::from_millis(50));
            }
        });
        // Set whichever way the work ends: the watcher must end too.
        let _ended = Ended(&done);
        work()
    });
    bar.finish_and_clear();
    result
}

/// Says so when it is dropped.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
