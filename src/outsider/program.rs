//! A program as a subject. It may be wrong in every way: each is an outcome of one input, the program is killed
//! with all that it started, started again, and asked on.

use std::borrow::Cow;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::process::{MAX_LINE, NoLine, Process};
use super::protocol::{Answer, Hello, Operation, Question, Request};
use super::{OutsiderError, Settings, Spec, quoted, words};
use crate::format::Message;
use crate::input::bytes::Word;
use crate::input::{CallInput, Input, PrehashInput, ScalarInput};
use crate::subject::{Identity, Outcome, Subject};

/// How many questions a program has at most before it has answered the first of them.
const IN_FLIGHT: usize = 64;
/// How many bytes of questions wait here at most before the next is written down.
const UNWRITTEN: usize = 64 << 10;
/// How many bytes of what it said are shown.
const QUOTED: usize = 120;

/// A program that speaks [`super::protocol`].
pub struct Program {
    identity: Identity,
    spec: String,
    hello: Hello,
    settings: Settings,
    asked: Mutex<Asked>,
}

/// The program as it is asked: by one at a time.
struct Asked {
    command: Command,
    /// Nobody, after it was wrong.
    process: Option<Process>,
    /// Why it is not started again.
    given_up: Option<String>,
    restarts: u32,
    /// The next question's.
    id: u64,
}

/// What ends a conversation. The first question without an answer is blamed.
struct Wrong {
    what: WrongWith,
    /// In words.
    how: String,
    /// How many questions had no answer.
    in_flight: usize,
    /// Whether the question that was answered last is blamed instead.
    of_last: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum WrongWith {
    /// It is gone.
    Died,
    /// It says nothing.
    Hung,
    /// It says what is no answer.
    Malformed,
}

impl Program {
    /// Starts a program, and reads its hello. The specification says what to call it, the command how to start it.
    ///
    /// # Errors
    /// It cannot be started, or its hello is not what it should be.
    pub fn start(spec: &Spec, mut command: Command, settings: &Settings) -> Result<Self, OutsiderError> {
        let error = |why: String| OutsiderError::new(format!("subject `{spec}`"), why);
        let (process, hello) = greeted(&mut command, settings).map_err(error)?;
        let name = spec.name.as_deref().unwrap_or(&hello.name);
        let identity = hello.identity(name).through(&spec.to_string());
        let asked = Asked { command, process: Some(process), given_up: None, restarts: 0, id: 1 };
        let (settings, asked) = (settings.clone(), Mutex::new(asked));
        Ok(Self { identity, spec: spec.to_string(), hello, settings, asked })
    }

    /// The input as it can be asked: a scalar one as a call, where it has the precompile alone.
    fn asks<'a>(&self, input: &'a Input) -> Result<Cow<'a, Input>, Outcome> {
        let has = |operation| self.hello.operations.contains(&operation);
        let unsupported = |what: &str| Err(Outcome::unsupported(what));
        match input {
            _ if has(Question::from(input).operation()) => Ok(Cow::Borrowed(input)),
            Input::Scalar(input) if has(Operation::Call) => match CallInput::of(input) {
                Some(call) => Ok(Cow::Owned(Input::Call(call))),
                None => unsupported("a recovery id above 1, in a call"),
            },
            Input::Scalar(_) => unsupported("digest, r, s and recovery id"),
            Input::Prehash(_) => unsupported("a prehash"),
            Input::Call(_) => unsupported("an EVM call"),
        }
    }

    /// What came of each, in their order.
    fn ask_all<A: Ask>(&self, asked: &[A]) -> Vec<A::Said> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).answers(asked, self)
    }

    fn answer(&self, input: Input) -> Outcome {
        let mut outcomes = self.answer_all(&[&input]);
        outcomes.pop().unwrap_or_else(|| unreachable!("one input has one outcome"))
    }
}

impl Subject for Program {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn recover(&self, input: &ScalarInput) -> Outcome {
        self.answer(Input::Scalar(*input))
    }

    fn recover_prehash(&self, input: &PrehashInput) -> Outcome {
        self.answer(Input::Prehash(input.clone()))
    }

    fn call(&self, input: &CallInput) -> Outcome {
        self.answer(Input::Call(input.clone()))
    }

    fn spec(&self) -> Option<String> {
        Some(quoted(&self.spec))
    }

    fn answer_all(&self, inputs: &[&Input]) -> Vec<Outcome> {
        let asks: Vec<_> = inputs.iter().map(|input| self.asks(input)).collect();
        let asked: Vec<&Input> = asks.iter().flatten().map(AsRef::as_ref).collect();
        let mut answers = self.ask_all(&asked).into_iter();
        let answer = |asks: Result<_, _>| match asks {
            Ok(_) => answers.next().unwrap_or_else(|| unreachable!("what is asked has an outcome")),
            Err(unsupported) => unsupported,
        };
        asks.into_iter().map(answer).collect()
    }

    fn digest_all(&self, messages: &[&Message]) -> Vec<Result<Word, Outcome>> {
        if self.hello.operations.contains(&Operation::Digest) {
            self.ask_all(messages)
        } else {
            messages.iter().map(|_| Err(Outcome::unsupported("a message"))).collect()
        }
    }
}

/// What a program can be asked.
trait Ask: Copy {
    /// What comes of it.
    type Said;
    fn question(self) -> Question;
    fn said(self, answer: &Answer) -> Self::Said;
    /// It did this instead of an answer.
    fn wrong(outcome: Outcome) -> Self::Said;
}

impl Ask for &Input {
    type Said = Outcome;

    fn question(self) -> Question {
        self.into()
    }

    fn said(self, answer: &Answer) -> Outcome {
        answer.outcome(self)
    }

    fn wrong(outcome: Outcome) -> Outcome {
        outcome
    }
}

impl Ask for &Message {
    type Said = Result<Word, Outcome>;

    fn question(self) -> Question {
        self.into()
    }

    fn said(self, answer: &Answer) -> Result<Word, Outcome> {
        answer.digest()
    }

    fn wrong(outcome: Outcome) -> Result<Word, Outcome> {
        Err(outcome)
    }
}

impl Asked {
    /// What came of each question, in their order.
    fn answers<A: Ask>(&mut self, asked: &[A], program: &Program) -> Vec<A::Said> {
        let mut said = Vec::with_capacity(asked.len());
        while said.len() < asked.len() {
            let mut process = match self.running(program) {
                Ok(process) => process,
                Err(how) => {
                    said.push(A::wrong(Outcome::Died { how }));
                    continue;
                }
            };
            match converse(&mut process, &mut self.id, asked, &mut said, program.settings.timeout) {
                Ok(()) => self.process = Some(process),
                Err(wrong) => {
                    if wrong.of_last {
                        said.pop();
                    }
                    said.push(A::wrong(wrong.outcome(process)));
                }
            }
        }
        said
    }

    /// The process, started again if the last one was wrong.
    fn running(&mut self, program: &Program) -> Result<Process, String> {
        if let Some(process) = self.process.take() {
            return Ok(process);
        }
        if let Some(why) = &self.given_up {
            return Err(why.clone());
        }
        let again = if self.restarts == program.settings.restarts {
            Err(format!("it was started again {} times, and is not once more", self.restarts))
        } else {
            self.restarts += 1;
            match greeted(&mut self.command, &program.settings) {
                Ok((process, hello)) if hello == program.hello => Ok(process),
                Ok(_) => Err("started again, it said another hello".into()),
                Err(why) => Err(format!("started again, {why}")),
            }
        };
        again.map_err(|why| self.given_up.insert(format!("not asked: {why}")).clone())
    }
}

/// Asks what has no outcome yet, several questions ahead, until all have one or something is wrong.
fn converse<A: Ask>(
    process: &mut Process,
    next_id: &mut u64,
    asked: &[A],
    said: &mut Vec<A::Said>,
    timeout: Duration,
) -> Result<(), Wrong> {
    match process.unasked() {
        Ok([]) => {}
        Ok(unasked) => {
            return Err(Wrong::new(
                WrongWith::Malformed,
                format!("spoke before it was asked: {}", quote(unasked)),
            ));
        }
        Err(_) => return Err(Wrong::new(WrongWith::Died, "before it was asked")),
    }
    let (begin, first_id) = (said.len(), *next_id);
    let id_of = |at: usize| first_id + (at - begin) as u64;
    let mut written = begin;
    let mut since = Instant::now();
    while said.len() < asked.len() {
        let first = said.len();
        while written < asked.len() && written - first < IN_FLIGHT && process.unwritten() < UNWRITTEN {
            let request = Request { id: id_of(written), question: asked[written].question() };
            process.write(&request.line());
            written += 1;
            *next_id += 1;
        }
        let wrong = |what, how| Wrong { in_flight: written - first, ..Wrong::new(what, how) };
        let line = process.line(since + timeout).map_err(|no_line| match no_line {
            NoLine::Late => wrong(WrongWith::Hung, format!("no answer within {} s", timeout.as_secs_f64())),
            NoLine::Closed => wrong(WrongWith::Died, String::new()),
            NoLine::TooLong => wrong(WrongWith::Malformed, format!("a line of more than {MAX_LINE} bytes")),
        })?;
        since = Instant::now();
        let answer = serde_json::from_slice::<Answer>(&line);
        let id = answer.as_ref().map_or_else(|_| id_in(&line), |answer| answer.id);
        said.push(match (id, answer) {
            (Some(id), Ok(answer)) if id == id_of(first) => asked[first].said(&answer),
            // It can be told which question this is about: no reason to part.
            (Some(id), Err(error)) if id == id_of(first) => {
                A::wrong(Outcome::Malformed { how: format!("{}: {error}", quote(&line)) })
            }
            (Some(id), _) if first > begin && id == id_of(first - 1) => {
                return Err(Wrong::of_last(format!("answered twice: {}", quote(&line))));
            }
            (Some(id), _) => {
                let how = format!("answered id {id}, expected {}: {}", id_of(first), quote(&line));
                return Err(wrong(WrongWith::Malformed, how));
            }
            (None, _) => return Err(wrong(WrongWith::Malformed, format!("no answer: {}", quote(&line)))),
        });
    }
    match process.left() {
        [] => Ok(()),
        left => Err(Wrong::of_last(format!("said more than its answer: {}", quote(left)))),
    }
}

/// The id of a line that is an answer in nothing else.
fn id_in(line: &[u8]) -> Option<u64> {
    serde_json::from_slice::<serde_json::Value>(line).ok()?.get("id")?.as_u64()
}

/// The beginning of what it said.
fn quote(said: &[u8]) -> String {
    let beginning = &said[..said.len().min(QUOTED)];
    let more = if said.len() > QUOTED { "…" } else { "" };
    format!("`{}{more}`", words(&String::from_utf8_lossy(beginning)))
}

impl Wrong {
    fn new(what: WrongWith, how: impl Into<String>) -> Self {
        Self { what, how: how.into(), of_last: false, in_flight: 1 }
    }

    fn of_last(how: String) -> Self {
        Self { of_last: true, ..Self::new(WrongWith::Malformed, how) }
    }

    /// Ends the process, and says all that is known.
    fn outcome(self, process: Process) -> Outcome {
        let Self { what, how, of_last: _, in_flight } = self;
        let (status, complaints) = process.end(what != WrongWith::Died);
        let mut parts = match (what, status) {
            (WrongWith::Died, Some(status)) => vec![status.to_string()],
            (WrongWith::Died, None) => vec!["closed its output".to_owned()],
            (_, Some(status)) => vec![how.clone(), format!("and ended with {status}")],
            (_, None) => vec![how.clone()],
        };
        if what == WrongWith::Died && !how.is_empty() {
            parts.push(how);
        }
        if in_flight > 1 {
            parts.push(format!("the first of {in_flight} in flight"));
        }
        let how = with_complaints(parts.join(", "), &complaints);
        match what {
            WrongWith::Died => Outcome::Died { how },
            WrongWith::Hung => Outcome::Hung { how },
            WrongWith::Malformed => Outcome::Malformed { how },
        }
    }
}

fn with_complaints(what: String, complaints: &str) -> String {
    if complaints.is_empty() { what } else { format!("{what}; stderr: {complaints}") }
}

/// Starts it and reads its hello; or why that failed, in words that follow its name.
fn greeted(command: &mut Command, settings: &Settings) -> Result<(Process, Hello), String> {
    let mut process = Process::start(command).map_err(|error| cannot_start(command, &error))?;
    let no_hello = match process.line(Instant::now() + settings.start) {
        Ok(line) => match Hello::read(&line) {
            Ok(hello) => return Ok((process, hello)),
            Err(why) => format!("{why}: {}", quote(&line)),
        },
        Err(NoLine::Late) => format!("it said no hello within {} s", settings.start.as_secs_f64()),
        Err(NoLine::TooLong) => format!("its first line has more than {MAX_LINE} bytes: expected its hello"),
        Err(NoLine::Closed) => {
            let (status, complaints) = process.end(false);
            let how = status.map_or_else(|| "it closed its output".to_owned(), |status| status.to_string());
            return Err(with_complaints(format!("it ended before its hello ({how})"), &complaints));
        }
    };
    let (_, complaints) = process.end(true);
    Err(with_complaints(no_hello, &complaints))
}

fn cannot_start(command: &Command, error: &io::Error) -> String {
    let program = Path::new(command.get_program());
    match error.kind() {
        // A name is looked up in PATH, a path is there or not.
        ErrorKind::NotFound if program.components().count() > 1 && program.exists() => {
            "the interpreter that its first line names is missing".into()
        }
        ErrorKind::NotFound => "there is no such program".into(),
        ErrorKind::PermissionDenied => "it is not executable".into(),
        _ => format!("it cannot be started: {error}"),
    }
}
