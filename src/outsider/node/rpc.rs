//! JSON-RPC: requests in batches, no more of them a second than are allowed, and patience with a node that limits
//! them. What can be asked is a type, and writes nothing.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::http::{Http, Trouble};
use crate::input::bytes::Bytes;
use crate::input::key::Address;
use crate::outsider::Settings;

/// The most requests of a batch.
const MAX_BATCH: usize = 64;
/// The most bytes of a batch, unless one request alone has more.
const MAX_BODY: usize = 1 << 20;
/// How often a node that limits requests is asked again without one answer.
const PATIENCE: u32 = 6;
/// The first wait for a node that limits requests and does not say for how long; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait for a node that limits requests: one that asks for more is given up.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// After how many requests in a row without an answer no further one is sent.
const SILENCES: u32 = 3;

/// The code of a call that reverts: geth's, and of most nodes since.
pub(super) const REVERTED: i64 = 3;

/// What a node is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    /// `web3_clientVersion`.
    ClientVersion,
    /// `eth_chainId`.
    ChainId,
    /// `eth_getCode` of an address.
    Code(Address),
    /// `eth_call` to an address, or of a contract's creation.
    Call {
        /// Who calls; none is the node's choice, mostly the zero address.
        from: Option<Address>,
        /// None for a creation.
        to: Option<Address>,
        /// The calldata, or the creation's code.
        data: Bytes,
    },
}

impl Request {
    fn json(&self, id: u64) -> Value {
        let (method, parameters) = match self {
            Self::ClientVersion => ("web3_clientVersion", json!([])),
            Self::ChainId => ("eth_chainId", json!([])),
            Self::Code(address) => ("eth_getCode", json!([address, "latest"])),
            Self::Call { from, to, data } => {
                let addresses = [("from", from), ("to", to)];
                let addresses =
                    addresses.iter().filter_map(|(name, address)| Some((*name, json!(address.as_ref()?))));
                let call: Map<_, _> = addresses
                    .chain([("data", json!(data))])
                    .map(|(name, value)| (name.into(), value))
                    .collect();
                ("eth_call", json!([call, "latest"]))
            }
        };
        json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters })
    }

    /// About how many bytes its JSON has.
    fn bytes(&self) -> usize {
        match self {
            Self::ClientVersion | Self::ChainId | Self::Code(_) => 100,
            Self::Call { data, .. } => 300 + 2 * data.0.len(),
        }
    }
}

/// An error that the node gives as its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RpcError {
    pub(super) code: i64,
    pub(super) message: String,
    /// What came with it: for a call that reverts what the contract said, in a shape of the node's own.
    pub(super) data: Value,
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error {}: {}", self.code, self.message)
    }
}

impl RpcError {
    /// Whether it asks to slow down: EIP-1474's code for a limit and those of providers, or such words.
    fn is_limit(&self) -> bool {
        let message = self.message.to_lowercase();
        // A contract that reverts may say anything.
        self.code != REVERTED
            && (matches!(self.code, 429 | -32005 | -32016 | -32029)
                || ["rate limit", "too many requests", "request limit"]
                    .iter()
                    .any(|words| message.contains(words)))
    }
}

/// What a node answers to a request: a result, or an error; or the trouble with asking.
pub(super) type Answer = Result<Result<Value, RpcError>, Trouble>;

/// Asks a node.
#[derive(Debug)]
pub(super) struct Client {
    http: Http,
    next_id: AtomicU64,
    batch: AtomicUsize,
    pace: Mutex<Pace>,
    silence: Mutex<Silence>,
}

/// When the next request may be sent.
#[derive(Debug)]
struct Pace {
    next: Instant,
    gap: Duration,
}

/// How many requests in a row were not answered, and what the last of them came to.
#[derive(Debug, Default)]
struct Silence {
    requests: u32,
    last: String,
}

impl Client {
    /// `None`: it is no URL of a host.
    pub(super) fn new(url: &str, settings: &Settings) -> Option<Self> {
        let per_second = settings.requests_per_second.max(1);
        Some(Self {
            http: Http::new(url, settings.timeout)?,
            next_id: AtomicU64::new(1),
            batch: AtomicUsize::new(MAX_BATCH.min(per_second as usize)),
            pace: Mutex::new(Pace { next: Instant::now(), gap: Duration::from_secs(1) / per_second }),
            silence: Mutex::default(),
        })
    }

    /// Scheme, host and port.
    pub(super) fn place(&self) -> String {
        self.http.place()
    }

    /// See [`Http::quoted`].
    pub(super) fn quoted(&self, text: &str) -> String {
        self.http.quoted(text)
    }

    /// Asks one thing.
    pub(super) fn ask(&self, request: Request) -> Answer {
        let mut answers = self.ask_all(&[request]);
        answers.pop().unwrap_or_else(|| unreachable!("one request has one answer"))
    }

    /// Asks all of these, and gives the answers in their order.
    pub(super) fn ask_all(&self, requests: &[Request]) -> Vec<Answer> {
        let mut answers: Vec<Option<Answer>> = vec![None; requests.len()];
        let mut asked: Vec<usize> = (0..requests.len()).collect();
        let mut patience = 0;
        loop {
            self.ask_once(requests, &asked, &mut answers);
            let mut limit = None;
            let is_limited = |number: &usize| match &answers[*number] {
                Some(Err(Trouble::Limited { words, wait })) => {
                    limit = Some((words.clone(), *wait));
                    true
                }
                _ => false,
            };
            let limited: Vec<usize> = asked.iter().copied().filter(is_limited).collect();
            let Some((words, wait)) = limit else { break };
            // A node that answers some of them goes on doing so.
            patience = if limited.len() < asked.len() { 0 } else { patience + 1 };
            let wait = wait.unwrap_or(FIRST_WAIT * 2_u32.pow(patience));
            asked = limited;
            if patience >= PATIENCE || wait > LONGEST_WAIT {
                let lost = Trouble::Lost(format!(
                    "rate limit: {words}; given up, it would be asked again in {wait:?}"
                ));
                for number in asked {
                    self.went_silent(&lost);
                    answers[number] = Some(Err(lost.clone()));
                }
                break;
            }
            self.slow_down(wait);
        }
        let answer = |answer: Option<Answer>| answer.unwrap_or_else(|| unreachable!("each was asked"));
        answers.into_iter().map(answer).collect()
    }

    /// Asks those of these numbers, one batch after the other.
    ///
    /// A batch that is not answered as one halves the size of all that follow, and is asked again; where nothing
    /// came back, request by request, so that the one which silences the node is known.
    fn ask_once(&self, requests: &[Request], numbers: &[usize], answers: &mut [Option<Answer>]) {
        let mut queue: VecDeque<usize> = numbers.iter().copied().collect();
        let mut alone = 0_usize;
        while !queue.is_empty() {
            if let Some(gone) = self.gone() {
                queue.drain(..).for_each(|number| answers[number] = Some(Err(gone.clone())));
                break;
            }
            let size =
                if alone > 0 { 1 } else { self.fitting(queue.iter().map(|number| &requests[*number])) };
            alone = alone.saturating_sub(1);
            let batch: Vec<usize> = queue.drain(..size).collect();
            let asked: Vec<&Request> = batch.iter().map(|number| &requests[*number]).collect();
            match self.exchange(&asked) {
                Ok(found) => {
                    self.silence().requests = 0;
                    batch.iter().zip(found).for_each(|(number, answer)| answers[*number] = Some(answer));
                }
                Err(trouble) if size == 1 => {
                    if trouble.is_silence() {
                        self.went_silent(&trouble);
                    }
                    answers[batch[0]] = Some(Err(trouble));
                }
                Err(trouble) => {
                    self.batch.fetch_min(size / 2, Ordering::Relaxed);
                    if let Trouble::Limited { .. } = trouble {
                        batch.iter().for_each(|number| answers[*number] = Some(Err(trouble.clone())));
                    } else {
                        alone = if trouble.is_silence() { size } else { 0 };
                        batch.iter().rev().for_each(|number| queue.push_front(*number));
                    }
                }
            }
        }
    }

    /// How many of these are asked together: one at the least.
    fn fitting<'a>(&self, requests: impl Iterator<Item = &'a Request>) -> usize {
        let mut bytes = 0;
        let fit = |request: &&Request| {
            bytes += request.bytes();
            bytes <= MAX_BODY
        };
        requests.take(self.batch.load(Ordering::Relaxed)).take_while(fit).count().max(1)
    }

    /// Sends requests together, and reads the answers.
    ///
    /// # Errors
    /// There is no answer for each of them.
    fn exchange(&self, requests: &[&Request]) -> Result<Vec<Answer>, Trouble> {
        let first = self.next_id.fetch_add(requests.len() as u64, Ordering::Relaxed);
        let body = match requests {
            [request] => request.json(first),
            _ => requests.iter().zip(first..).map(|(request, id)| request.json(id)).collect(),
        };
        self.wait_for_turn(requests.len());
        let answer = self.http.post(&body.to_string())?;
        match (requests, answer) {
            ([_], answer) => Ok(vec![self.read(&answer, first)]),
            (_, Value::Array(answers)) => {
                let of = |id: u64| {
                    let found = answers.iter().find(|answer| answer["id"] == id);
                    found.ok_or_else(|| Trouble::Foreign("leaves out an answer of a batch".into()))
                };
                (first..).take(requests.len()).map(|id| Ok(self.read(of(id)?, id))).collect()
            }
            (_, answer) => Err(match self.read(&answer, first) {
                Err(trouble) => trouble,
                Ok(_) => Trouble::Foreign("answers a batch with one answer".into()),
            }),
        }
    }

    /// Reads the answer to one request.
    fn read(&self, answer: &Value, id: u64) -> Answer {
        let foreign = |words: &str| Err(Trouble::Foreign(words.to_owned()));
        let there = |name: &str| answer.get(name).filter(|value| !value.is_null());
        match (there("error"), answer.get("result")) {
            (Some(error), _) => {
                let (code, message) = (error["code"].as_i64(), error["message"].as_str());
                let (Some(code), Some(message)) = (code, message) else {
                    return foreign("answers JSON that is no JSON-RPC");
                };
                let data = error.get("data").cloned().unwrap_or_default();
                let error = RpcError { code, message: self.quoted(message), data };
                if error.is_limit() {
                    return Err(Trouble::Limited { words: error.to_string(), wait: None });
                }
                Ok(Err(error))
            }
            (None, Some(result)) if answer["id"] == id => Ok(Ok(result.clone())),
            (None, Some(_)) => foreign("answers with the id of another request"),
            (None, None) => foreign("answers JSON that is no JSON-RPC"),
        }
    }

    /// Waits until so many requests may be sent.
    fn wait_for_turn(&self, requests: usize) {
        let now = Instant::now();
        let mut pace = locked(&self.pace);
        let turn = pace.next.max(now);
        pace.next = turn + pace.gap * u32::try_from(requests).unwrap_or(u32::MAX);
        drop(pace);
        thread::sleep(turn - now);
    }

    /// Lets nobody send anything for so long, and sends half as many requests a second from then on.
    fn slow_down(&self, wait: Duration) {
        let mut pace = locked(&self.pace);
        pace.gap = (pace.gap * 2).min(Duration::from_secs(1));
        pace.next = pace.next.max(Instant::now() + wait);
    }

    fn silence(&self) -> MutexGuard<'_, Silence> {
        locked(&self.silence)
    }

    fn went_silent(&self, trouble: &Trouble) {
        let mut silence = self.silence();
        silence.requests += 1;
        silence.last = trouble.to_string();
    }

    /// Why nothing more is asked, if that is so.
    fn gone(&self) -> Option<Trouble> {
        let Silence { requests, last } = &*self.silence();
        let words = || format!("not asked: the node left {requests} requests in a row unanswered ({last})");
        (*requests >= SILENCES).then(|| Trouble::Lost(words()))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
