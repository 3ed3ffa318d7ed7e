//! A program's process: a group of its own that is killed and reaped, and pipes that nobody waits for longer than
//! he wants to.
//!
//! A process group's number is its leader's, and stays taken until the leader is reaped. So a group is always
//! killed before that.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionbio;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// The longest line that is read.
pub(super) const MAX_LINE: usize = 64 << 10;
/// How much is read at a time.
const AT_A_TIME: usize = 16 << 10;
/// How much of stderr's end is kept.
const KEPT_OF_STDERR: usize = 8 << 10;
/// How long one that ends by itself may take to be gone.
const GRACE: Duration = Duration::from_millis(500);

/// A running program.
pub(super) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
    stderr: Option<ChildStderr>,
    /// What is still to be written.
    unwritten: Vec<u8>,
    /// What was read and is no whole line yet.
    unread: Vec<u8>,
    /// The end of what it wrote to stderr.
    complaints: Vec<u8>,
    reaped: bool,
}

/// A program that is not spoken to: it runs until it is dropped.
pub(super) struct Server(Child);

impl Server {
    /// Starts it in a process group of its own. What it says is not kept.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut running = running();
        if running.closed {
            return Err(io::Error::new(ErrorKind::Interrupted, "the run was interrupted"));
        }
        let child = command.spawn()?;
        running.groups.insert(Pid::from_child(&child).as_raw_pid());
        Ok(Self(child))
    }

    /// Whether it runs no longer. It is not reaped.
    pub(super) fn has_ended(&mut self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(Pid::from_child(&self.0)), options), Ok(None))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let group = Pid::from_child(&self.0);
        let _ = kill_process_group(group, Signal::KILL); // of one that is gone: those that it left behind
        let mut running = running();
        let _ = self.0.wait(); // at once: it is dead
        running.groups.remove(&group.as_raw_pid());
    }
}

/// Why there is no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoLine {
    /// None came in time.
    Late,
    /// Its output is closed: it ended, most likely.
    Closed,
    /// It is longer than [`MAX_LINE`].
    TooLong,
}

/// Who is running, so that an interrupted run leaves nobody behind.
static RUNNING: Mutex<Running> = Mutex::new(Running { groups: BTreeSet::new(), closed: false });

struct Running {
    groups: BTreeSet<i32>,
    closed: bool,
}

fn running() -> MutexGuard<'static, Running> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// See [`super::kill_all`].
pub(super) fn kill_all() {
    let mut running = running();
    running.closed = true;
    for group in running.groups.iter().filter_map(|group| Pid::from_raw(*group)) {
        let _ = kill_process_group(group, Signal::KILL); // if it is gone already, that is what is wanted
    }
}

impl Process {
    /// Starts it in a process group of its own.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = running();
        if running.closed {
            return Err(io::Error::new(ErrorKind::Interrupted, "the run was interrupted"));
        }
        let mut child = command.spawn()?;
        running.groups.insert(Pid::from_child(&child).as_raw_pid());
        drop(running);
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = (stdin, stdout, stderr) else {
            unreachable!("all three are pipes")
        };
        let (unwritten, unread, complaints) = (Vec::new(), Vec::new(), Vec::new());
        let (stdin, stderr) = (Some(stdin), Some(stderr));
        let process = Self { child, stdin, stdout, stderr, unwritten, unread, complaints, reaped: false };
        ioctl_fionbio(&process.stdout, true)?;
        process.stdin.as_ref().map_or(Ok(()), |stdin| ioctl_fionbio(stdin, true))?;
        process.stderr.as_ref().map_or(Ok(()), |stderr| ioctl_fionbio(stderr, true))?;
        Ok(process)
    }

    /// Hands it these bytes, as soon as it takes them.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.unwritten.extend_from_slice(bytes);
    }

    /// How many bytes it has not taken yet.
    pub(super) fn unwritten(&self) -> usize {
        self.unwritten.len()
    }

    /// Its next line, without its end, if it comes in time.
    pub(super) fn line(&mut self, deadline: Instant) -> Result<Vec<u8>, NoLine> {
        let mut searched = 0;
        loop {
            let end = self.unread[searched..].iter().position(|byte| *byte == b'\n').map(|at| searched + at);
            match end {
                _ if end.unwrap_or(self.unread.len()) > MAX_LINE => return Err(NoLine::TooLong),
                Some(end) => {
                    let rest = self.unread.split_off(end + 1);
                    let mut line = std::mem::replace(&mut self.unread, rest);
                    line.pop();
                    return Ok(line);
                }
                None => searched = self.unread.len(),
            }
            self.write_and_read(deadline)?;
        }
    }

    /// What it wrote and nobody took, without waiting.
    pub(super) fn unasked(&mut self) -> Result<&[u8], NoLine> {
        match self.read() {
            Err(NoLine::Late) | Ok(()) => Ok(&self.unread),
            Err(closed) if self.unread.is_empty() => Err(closed),
            Err(_) => Ok(&self.unread),
        }
    }

    /// What it wrote and nobody took, as far as it was read already.
    pub(super) fn left(&self) -> &[u8] {
        &self.unread
    }

    /// Waits until it takes or gives something, and lets it.
    fn write_and_read(&mut self, deadline: Instant) -> Result<(), NoLine> {
        self.flush();
        let mut pipes = vec![PollFd::new(&self.stdout, PollFlags::IN)];
        pipes.extend(self.stderr.as_ref().map(|stderr| PollFd::new(stderr, PollFlags::IN)));
        let unwritten = self.stdin.as_ref().filter(|_| !self.unwritten.is_empty());
        pipes.extend(unwritten.map(|stdin| PollFd::new(stdin, PollFlags::OUT)));
        wait(&mut pipes, deadline.saturating_duration_since(Instant::now()));
        self.flush();
        self.drain_stderr();
        match self.read() {
            Err(NoLine::Late) if Instant::now() < deadline => Ok(()),
            result => result,
        }
    }

    /// Writes as much as it takes now. What it will never take is forgotten.
    fn flush(&mut self) {
        let Some(stdin) = &mut self.stdin else { return self.unwritten.clear() };
        while !self.unwritten.is_empty() {
            match stdin.write(&self.unwritten) {
                Ok(written) => drop(self.unwritten.drain(..written)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.stdin = None;
                    return self.unwritten.clear();
                }
            }
        }
    }

    /// Reads what is there, of a bounded size; late if nothing is.
    fn read(&mut self) -> Result<(), NoLine> {
        match some(&mut self.stdout, &mut self.unread) {
            Some(0) => Err(NoLine::Closed),
            Some(_) => Ok(()),
            None => Err(NoLine::Late),
        }
    }

    /// Keeps the end of what it complains about. Whether there was something.
    fn drain_stderr(&mut self) -> bool {
        let Some(stderr) = &mut self.stderr else { return false };
        let read = some(stderr, &mut self.complaints);
        if read == Some(0) {
            self.stderr = None;
        }
        let surplus = self.complaints.len().saturating_sub(KEPT_OF_STDERR);
        self.complaints.drain(..surplus);
        read.is_some_and(|read| read > 0)
    }

    /// Ends it: at once, or after the time that one takes which ends by itself. Its exit status, unless it had to
    /// be killed, and its last words.
    pub(super) fn end(mut self, at_once: bool) -> (Option<ExitStatus>, String) {
        let status = self.finish(if at_once { Duration::ZERO } else { GRACE });
        // What those wrote who are dead now; bounded, as somebody who left the group may write still.
        for _ in 0..64 {
            if !self.drain_stderr() {
                break;
            }
        }
        (status, last_words(&self.complaints))
    }

    fn finish(&mut self, grace: Duration) -> Option<ExitStatus> {
        if self.reaped {
            return None;
        }
        self.stdin = None;
        let group = Pid::from_child(&self.child);
        let gone = self.is_gone_within(group, grace);
        let _ = kill_process_group(group, Signal::KILL); // of one that is gone: those that it left behind
        let _ = waitid(WaitId::Pid(group), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        let mut running = running();
        let status = self.child.wait(); // at once: it is dead
        running.groups.remove(&group.as_raw_pid());
        self.reaped = true;
        status.ok().filter(|_| gone)
    }

    /// Whether it ends by itself within this time. It is not reaped.
    fn is_gone_within(&mut self, pid: Pid, grace: Duration) -> bool {
        let deadline = Instant::now() + grace;
        loop {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            if !matches!(waitid(WaitId::Pid(pid), options), Ok(None)) {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            // It may have to say something before it ends.
            let mut pipes =
                self.stderr.iter().map(|stderr| PollFd::new(stderr, PollFlags::IN)).collect::<Vec<_>>();
            wait(&mut pipes, left.min(Duration::from_millis(5)));
            self.drain_stderr();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.finish(GRACE);
    }
}

/// Waits until one of the pipes is ready, or for so long.
fn wait(pipes: &mut [PollFd<'_>], time: Duration) {
    let time = Timespec::try_from(time).ok();
    let _ = poll(pipes, time.as_ref()); // interrupted: the caller looks at its clock
}

/// Reads what is there, at most [`AT_A_TIME`]: how many, 0 at the end, and nothing where nothing is there.
fn some(pipe: &mut impl Read, buffer: &mut Vec<u8>) -> Option<usize> {
    let begin = buffer.len();
    buffer.resize(begin + AT_A_TIME, 0);
    let read = loop {
        match pipe.read(&mut buffer[begin..]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break None,
            Err(_) => break Some(0),
            Ok(read) => break Some(read),
        }
    };
    buffer.truncate(begin + read.unwrap_or(0));
    read
}

/// The last three lines of a complaint, without those that belong to the one above: a stack's are indented.
fn last_words(complaints: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaints);
    let says = |line: &&str| {
        line.starts_with(|c: char| !c.is_whitespace()) && line.contains(|c: char| c.is_alphanumeric())
    };
    let mut last: Vec<_> = text.lines().rev().filter(says).take(3).map(str::trim_end).collect();
    last.reverse();
    super::words(&last.join(" | "))
}
