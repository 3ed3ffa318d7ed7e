//! A subject that is asked in threads of its own, each of which is given up when it does not answer in time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::input::bytes::Word;
use crate::input::signature::Signature;
use crate::input::{CallInput, PrehashInput, ScalarInput};
use crate::subject::panic::catch;
use crate::subject::{Identity, Outcome, Subject};

type Job = Box<dyn FnOnce(&dyn Subject) + Send>;

/// See the module. A thread cannot be ended from outside: one that is given up goes on for as long as the
/// subject does.
pub(super) struct Watched {
    subject: Arc<dyn Subject>,
    limit: Duration,
    /// Threads that wait for a job: one for each that was asked at the same time as others.
    idle: Mutex<Vec<Sender<Job>>>,
    /// Whether a thread was given up since [`Watched::next_case`].
    hung: AtomicBool,
}

impl Watched {
    pub(super) fn new(subject: Arc<dyn Subject>, limit: Duration) -> Self {
        Self { subject, limit, idle: Mutex::default(), hung: AtomicBool::new(false) }
    }

    /// From here on it is asked again, where it was not any more.
    pub(super) fn next_case(&self) {
        self.hung.store(false, Ordering::Relaxed);
    }

    /// Whether it hung in this case. What else the case would ask is not asked, and unsupported.
    pub(super) fn hung(&self) -> bool {
        self.hung.load(Ordering::Relaxed)
    }

    /// What the subject makes of it in time, or what it did instead.
    fn within<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn Subject) -> T + Send + 'static,
    ) -> Result<T, Outcome> {
        if self.hung() {
            return Err(Outcome::unsupported("not asked: the subject hung in this case"));
        }
        let (answers, answer) = mpsc::channel();
        let job: Job = Box::new(move |subject| {
            // Nobody waits any more for the answer of a thread that was given up.
            let _ = answers.send(catch(|| ask(subject)));
        });
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let worker = idle().pop().unwrap_or_else(|| worker(Arc::clone(&self.subject)));
        // A worker that is gone drops the job, and so does not answer.
        let _ = worker.send(job);
        match answer.recv_timeout(self.limit) {
            Ok(answer) => {
                idle().push(worker);
                answer.map_err(|panic| Outcome::Panicked { message: panic.message })
            }
            Err(RecvTimeoutError::Timeout) => {
                self.hung.store(true, Ordering::Relaxed);
                Err(Outcome::Hung { how: format!("no answer within {:?}", self.limit) })
            }
            Err(RecvTimeoutError::Disconnected) => {
                Err(Outcome::Died { how: "its thread ended without an answer".into() })
            }
        }
    }
}

/// A thread that does jobs until nobody has more.
fn worker(subject: Arc<dyn Subject>) -> Sender<Job> {
    let (jobs, queue) = mpsc::channel::<Job>();
    thread::spawn(move || queue.into_iter().for_each(|job| job(&subject)));
    jobs
}

impl Subject for Watched {
    fn identity(&self) -> &Identity {
        self.subject.identity()
    }

    fn recover(&self, input: &ScalarInput) -> Outcome {
        let input = *input;
        self.within(move |subject| subject.recover(&input)).unwrap_or_else(|instead| instead)
    }

    fn recover_prehash(&self, input: &PrehashInput) -> Outcome {
        let input = input.clone();
        self.within(move |subject| subject.recover_prehash(&input)).unwrap_or_else(|instead| instead)
    }

    fn call(&self, input: &CallInput) -> Outcome {
        let input = input.clone();
        self.within(move |subject| subject.call(&input)).unwrap_or_else(|instead| instead)
    }

    fn sign(&self, key: &Word, digest: &Word) -> Result<Signature, Outcome> {
        let (key, digest) = (*key, *digest);
        self.within(move |subject| subject.sign(&key, &digest)).flatten()
    }
}
