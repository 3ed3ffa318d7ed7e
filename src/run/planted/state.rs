//! Planted bugs of implementations that remember: an answer depends on what was asked before, or at the same
//! time. Right answers are remembered soundly by some clients (nethermind#12296, nimbus-eth1#4607, reth#15536);
//! these are the ways to get it wrong. They are classes, unless a thread is named.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::{Plant, Wrong, call, plant, sound};
use crate::input::ScalarInput;
use crate::subject::Outcome;

const SMALL_KEY: &str = "class: a cache whose key is not the whole input";
const LAST_CALL: &str = "class: the last call's result, kept under a key that is not the whole input";
const STALE: &str = "class: a result that a failure does not clear";
const SHARED: &str = "class: a scratch buffer that threads share";

/// How long a thread that is not alone waits, again and again, between writing the shared buffer and reading it.
const WAIT: Duration = Duration::from_micros(100);
/// How often it waits at most for one answer: several times as long as a busy machine keeps a thread waiting.
const WAITS: usize = 300;
/// How often threads wait in vain altogether.
const PATIENCE: usize = 6_000;

pub(super) static BUGS: &[Plant<fn() -> Wrong>] = &[
    plant("cached-by-r", "keeps results by r", SMALL_KEY, || cache(Keeps::All, |input| input.r)),
    plant("cached-by-digest", "keeps results by the digest", SMALL_KEY, || {
        cache(Keeps::All, |input| input.digest)
    }),
    plant("cached-by-r-s", "keeps results by r and s, without the recovery id", SMALL_KEY, || {
        cache(Keeps::All, |input| (input.r, input.s))
    }),
    plant("cached-by-beginnings", "keeps results by the first 8 bytes of digest, r and s", SMALL_KEY, || {
        cache(Keeps::All, |input| {
            let parts = [input.digest, input.r, input.s].map(|word| word.number() >> 192);
            (parts, input.recovery_id)
        })
    }),
    plant("cached-by-ends", "keeps results by the last 8 bytes of digest, r and s", SMALL_KEY, || {
        cache(Keeps::All, |input| {
            let parts = [input.digest, input.r, input.s].map(|word| word.number().as_limbs()[0]);
            (parts, input.recovery_id)
        })
    }),
    plant(
        "last-without-a-bit",
        "gives the last result again where the digest's top bit alone is new",
        LAST_CALL,
        || {
            cache(Keeps::Last, |input| {
                let digest = input.digest.number() << 1;
                (digest, input.r, input.s, input.recovery_id)
            })
        },
    ),
    plant("last-by-r", "gives the last result again for the same r", LAST_CALL, || {
        cache(Keeps::Last, |input| input.r)
    }),
    plant("last-by-digest", "gives the last result again for the same digest", LAST_CALL, || {
        cache(Keeps::Last, |input| input.digest)
    }),
    plant("last-by-r-s", "gives the last result again for the same r and s", LAST_CALL, || {
        cache(Keeps::Last, |input| (input.r, input.s))
    }),
    plant(
        "call-cached-without-gas",
        "keeps a call's result by its calldata, whatever its gas",
        SMALL_KEY,
        || {
            let kept = Mutex::new(HashMap::new());
            Wrong::Call(Box::new(move |input| {
                let outcome = || call::sound_around(input, sound);
                lock(&kept).entry(input.calldata.0.clone()).or_insert_with(outcome).clone()
            }))
        },
    ),
    plant("failure-gives-last-key", "gives the last key where there is none", STALE, || {
        let last = Mutex::new(None);
        scalar(move |input| or_last(sound(input), &last))
    }),
    plant(
        "failure-gives-stale-output",
        "leaves the last address in a call's output where there is no key",
        "solcore#543, eth-infinitism/account-abstraction#8",
        || {
            let last = Mutex::new(None);
            Wrong::Call(Box::new(move |input| or_last(call::sound_around(input, sound), &last)))
        },
    ),
    plant(
        "failure-fails-next",
        "rejects what is asked after a failure",
        "class: a context that a failure leaves in an error state",
        || {
            let failed = AtomicBool::new(false);
            scalar(move |input| {
                let outcome = sound(input);
                let fails = matches!(outcome, Outcome::Rejected { .. });
                let failed_before = failed.swap(fails, Ordering::SeqCst);
                if failed_before && !fails { Outcome::rejected("error state") } else { outcome }
            })
        },
    ),
    plant("threads-share-digest", "reads the digest of another thread", SHARED, || {
        shared(|input| input.digest, |input, digest| ScalarInput { digest, ..*input })
    }),
    plant("threads-share-r-s", "reads r and s of another thread", SHARED, || {
        shared(|input| (input.r, input.s), |input, (r, s)| ScalarInput { r, s, ..*input })
    }),
    plant("threads-share-recovery-id", "reads the recovery id of another thread", SHARED, || {
        shared(|input| input.recovery_id, |input, recovery_id| ScalarInput { recovery_id, ..*input })
    }),
];

/// A sound cache: its key is the whole input. Who finds fault with it takes any memory for a bug.
pub(super) static HONEST_CACHE: Plant<fn() -> Wrong> =
    plant("honest-cache", "nothing", "", || cache(Keeps::All, |input| *input));

/// The last key in the place of a rejection.
fn or_last(outcome: Outcome, last: &Mutex<Option<Outcome>>) -> Outcome {
    match outcome {
        rejected @ Outcome::Rejected { .. } => lock(last).clone().unwrap_or(rejected),
        recovered @ Outcome::Recovered { .. } => lock(last).insert(recovered).clone(),
        other => other,
    }
}

/// What a cache keeps.
#[derive(PartialEq)]
enum Keeps {
    All,
    Last,
}

/// A recovery that answers as before where the key is the same.
fn cache<K: Eq + Hash + Send + 'static>(keeps: Keeps, key: fn(&ScalarInput) -> K) -> Wrong {
    let kept = Mutex::new(HashMap::new());
    scalar(move |input| {
        let (mut kept, key) = (lock(&kept), key(input));
        if keeps == Keeps::Last && !kept.contains_key(&key) {
            kept.clear();
        }
        kept.entry(key).or_insert_with(|| sound(input)).clone()
    })
}

/// What threads write and read.
struct Buffer<T> {
    part: T,
    writer: ThreadId,
    /// How often it was written.
    writes: u64,
    /// Whether more than one thread wrote it.
    shared: bool,
}

/// A recovery that writes a part of its input to a buffer of all threads, and reads it back.
///
/// Once two threads wrote it, each is slow to read, as if it was interrupted, until another writes again. So the
/// bug shows where threads ask at once, on a busy machine too, and never to one thread alone.
fn shared<T: Copy + Send + 'static>(
    part: fn(&ScalarInput) -> T,
    with: fn(&ScalarInput, T) -> ScalarInput,
) -> Wrong {
    let buffer: Mutex<Option<Buffer<T>>> = Mutex::new(None);
    let patience = AtomicUsize::new(PATIENCE);
    scalar(move |input| {
        let (part, writer) = (part(input), thread::current().id());
        let mut guard = lock(&buffer);
        let shared = guard.as_ref().is_some_and(|before| before.shared || before.writer != writer);
        let writes = guard.as_ref().map_or(1, |before| before.writes + 1);
        *guard = Some(Buffer { part, writer, writes, shared });
        drop(guard);
        let untouched = || lock(&buffer).as_ref().is_some_and(|now| now.writes == writes);
        let less = |left: usize| left.checked_sub(1);
        let is_patient = || patience.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok();
        for _ in 0..if shared { WAITS } else { 0 } {
            if !untouched() || !is_patient() {
                break;
            }
            thread::sleep(WAIT);
        }
        let read = lock(&buffer).as_ref().map_or(part, |now| now.part);
        sound(&with(input, read))
    })
}

fn scalar(recover: impl Fn(&ScalarInput) -> Outcome + Send + Sync + 'static) -> Wrong {
    Wrong::Scalar(Box::new(recover))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
