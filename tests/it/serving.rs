//! A `chain serve` for a test: started as its users start it, with what it printed and logged, and ended by a signal.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::ecrecheck;

pub(crate) struct Serving {
    child: Child,
    /// What was printed when it was ready.
    pub(crate) printed: Vec<String>,
    log: Option<JoinHandle<String>>,
    folder: TempDir,
}

impl Serving {
    /// Serves on a socket in a folder of its own, and on a free port.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let socket = folder.path().join("dstack.sock");
        let mut command = ecrecheck();
        command.args(["chain", "serve", "--socket"]).arg(&socket).args(["--tcp", "127.0.0.1:0"]);
        let mut child =
            command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let printed = [(), ()].map(|()| {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        });
        let mut stderr = child.stderr.take().unwrap();
        let log = thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        Self { child, printed: printed.into(), log: Some(log), folder }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("dstack.sock")
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn url(&self) -> &str {
        self.printed[1].strip_prefix("listening on ").unwrap()
    }

    /// Where an SDK is pointed to, both ways.
    pub(crate) fn endpoints(&self) -> [String; 2] {
        [self.socket().display().to_string(), self.url().to_owned()]
    }

    pub(crate) fn connect(&self) -> UnixStream {
        connect(&self.socket())
    }

    pub(crate) fn connect_tcp(&self) -> TcpStream {
        let stream = TcpStream::connect(self.url().strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// Asks for a method with a JSON body, on a connection of its own.
    pub(crate) fn post(&self, method: &str, body: &str) -> (u16, Value) {
        let mut stream = self.connect();
        stream.write_all(&request(method, body)).unwrap();
        response(&mut stream)
    }

    /// Ends it; gives how, the lines of the log, and how long it took.
    pub(crate) fn end(mut self, signal: Signal) -> (ExitStatus, String, Duration) {
        let began = Instant::now();
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        let status = self.child.wait().unwrap();
        assert!(!self.socket().exists(), "the socket is removed");
        (status, self.log.take().unwrap().join().unwrap(), began.elapsed())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn connect(socket: &Path) -> UnixStream {
    let stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

pub(crate) fn request(method: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST /{method} HTTP/1.1\r\nHost: dstack\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// Reads one response, and no more: the connection can be used again.
pub(crate) fn response(stream: &mut impl std::io::Read) -> (u16, Value) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    assert!(body.is_ascii(), "the JavaScript SDK counts characters");
    (status, if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() })
}
