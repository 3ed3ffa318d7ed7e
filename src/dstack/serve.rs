//! The [guest agent](super::guest) over HTTP/1.1, on a Unix socket and on loopback TCP. hyper speaks HTTP; here are
//! the limits, the socket's file, and an end that lets nobody wait.
//!
//! A client that sends nonsense, too much, or nothing, gets an error or is cut off, and the others go on.
//!
//! ```
//! use ecrecheck::dstack::guest::GuestAgent;
//! use ecrecheck::dstack::serve::{Endpoints, GuestServer};
//! use ecrecheck::dstack::{AppKeys, test_key};
//!
//! let root = test_key::of_label("docs")?;
//! let agent = GuestAgent::new([0x11; 20], AppKeys::issue(&root, &[0x11; 20])?);
//! let server = GuestServer::bind(agent, &Endpoints { socket: None, tcp: Some("127.0.0.1:0".parse()?) })?;
//! let (address, stopper) = (server.address(), server.stopper());
//! let answering = std::thread::spawn(move || server.run(|line| assert_eq!(line.status, 200)));
//! // … what dstack's SDK does at this address …
//! stopper.stop();
//! answering.join().expect("it ends");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod connection;
mod socket_file;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, UnixListener};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

use super::guest::{GuestAgent, LogLine};
use socket_file::SocketFile;

/// How many connections are served at once; others wait to be accepted.
pub const MAX_CONNECTIONS: usize = 64;
/// How long a request's head may take, from the beginning of the connection or the end of the request before.
pub const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long its body may take.
pub const BODY_TIME: Duration = Duration::from_secs(10);
/// How long a connection may last.
pub const CONNECTION_TIME: Duration = Duration::from_secs(300);
/// The longest head of a request, in bytes, and its most header fields.
pub const MAX_HEAD: usize = 16 << 10;
/// See [`MAX_HEAD`].
pub const MAX_HEADERS: usize = 64;
/// How much of a body that is too large is read, so that its client sees the answer, in bytes.
pub const MAX_DISCARDED: u64 = 16 << 20;
/// How long the end waits for what is in flight.
const END_TIME: Duration = Duration::from_secs(2);

/// Where to listen: one of both at least.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    /// The path of a Unix socket.
    pub socket: Option<PathBuf>,
    /// A loopback address; port 0 is any free one.
    pub tcp: Option<SocketAddr>,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Nowhere to listen.
    #[error("expected a socket or an address to listen on")]
    Nowhere,
    /// An address that others can reach: the server hands out keys.
    #[error("{0}: expected a loopback address (127.0.0.1:PORT)")]
    NotLoopback(SocketAddr),
    /// A server that is alive.
    #[error("{}: another server listens on this socket", .0.display())]
    Taken(PathBuf),
    /// A file, a folder, a link, …
    #[error("{}: exists and is no socket", .0.display())]
    NotASocket(PathBuf),
    /// Something else.
    #[error("{place}: cannot listen: {why}")]
    Io {
        /// The socket or the address.
        place: String,
        /// Why.
        why: io::Error,
    },
}

/// A server that listens. Clients may connect; [`run`](GuestServer::run) answers them. Its socket's file is removed when it
/// is dropped.
pub struct GuestServer {
    agent: GuestAgent,
    unix: Option<(UnixListener, SocketFile)>,
    tcp: Option<(TcpListener, SocketAddr)>,
    stop: watch::Sender<bool>,
    // Dropped after what belongs to it.
    runtime: Runtime,
}

/// Ends a server, from any thread.
#[derive(Debug, Clone)]
pub struct Stopper(watch::Sender<bool>);

impl Stopper {
    /// Ends the server.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl GuestServer {
    /// Listens. A socket's file that a dead server left is replaced.
    ///
    /// # Errors
    /// See [`ServeError`]; what is at the socket's path is not touched then.
    pub fn bind(agent: GuestAgent, endpoints: &Endpoints) -> Result<Self, ServeError> {
        if endpoints.socket.is_none() && endpoints.tcp.is_none() {
            return Err(ServeError::Nowhere);
        }
        if let Some(address) = endpoints.tcp.filter(|address| !address.ip().is_loopback()) {
            return Err(ServeError::NotLoopback(address));
        }
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|why| ServeError::Io { place: "the runtime".to_owned(), why })?;
        // The address first: a socket's file must not be replaced in vain.
        let tcp = endpoints.tcp.map(|address| {
            let cannot = |why| ServeError::Io { place: address.to_string(), why };
            let listener = runtime.block_on(TcpListener::bind(address)).map_err(cannot)?;
            let bound = listener.local_addr().map_err(cannot)?;
            Ok((listener, bound))
        });
        let tcp = tcp.transpose()?;
        let unix = endpoints.socket.as_deref();
        let unix = unix.map(|path| runtime.block_on(socket_file::bind(path))).transpose()?;
        Ok(Self { agent, unix, tcp, stop: watch::Sender::new(false), runtime })
    }

    /// The path of the socket.
    pub fn socket(&self) -> Option<&Path> {
        self.unix.as_ref().map(|(_, file)| file.path())
    }

    /// The address, with the real port.
    pub fn address(&self) -> Option<SocketAddr> {
        self.tcp.as_ref().map(|(_, address)| *address)
    }

    /// Who answers.
    pub fn agent(&self) -> &GuestAgent {
        &self.agent
    }

    /// What ends it.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.stop.clone())
    }

    /// Answers until it is stopped. Each request is logged when its answer is known.
    pub fn run(self, log: impl Fn(&LogLine) + Send + Sync + 'static) {
        let Self { agent, unix, tcp, stop, runtime } = self;
        let (unix, _file) = unix.map_or((None, None), |(listener, file)| (Some(listener), Some(file)));
        let shared = Arc::new(Shared { agent, log: Box::new(log) });
        let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let open = Arc::new(GracefulShutdown::new());
        let listeners =
            unix.map(Listener::Unix).into_iter().chain(tcp.map(|(listener, _)| Listener::Tcp(listener)));
        runtime.block_on(async {
            let mut accepting = Vec::new();
            for listener in listeners {
                let accept =
                    accept(listener, Arc::clone(&shared), Arc::clone(&connections), Arc::clone(&open));
                accepting.push(tokio::spawn(accept));
            }
            // It ends with its sender, which is held here.
            let _ = stop.subscribe().wait_for(|stop| *stop).await;
            for task in accepting {
                task.abort();
                let _ = task.await;
            }
            // The tasks are gone, and with them the other owners.
            if let Some(open) = Arc::into_inner(open) {
                let _ = timeout(END_TIME, open.shutdown()).await;
            }
        });
        // What a client would not let go of.
        runtime.shutdown_background();
    }
}

/// What all connections have.
struct Shared {
    agent: GuestAgent,
    log: Box<dyn Fn(&LogLine) + Send + Sync>,
}

enum Listener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

/// Accepts connections, as many as may be open. Each is a task of its own.
async fn accept(
    listener: Listener,
    shared: Arc<Shared>,
    connections: Arc<Semaphore>,
    open: Arc<GracefulShutdown>,
) {
    // It is never closed.
    while let Ok(permit) = Arc::clone(&connections).acquire_owned().await {
        let (shared, watcher) = (Arc::clone(&shared), open.watcher());
        let accepted = match &listener {
            Listener::Unix(listener) => listener.accept().await.map(|(stream, _)| {
                tokio::spawn(connection::serve(stream, shared, watcher, permit));
            }),
            Listener::Tcp(listener) => listener.accept().await.map(|(stream, _)| {
                tokio::spawn(connection::serve(stream, shared, watcher, permit));
            }),
        };
        if accepted.is_err() {
            // Its client is gone, or there are no more files: neither ends the server.
            sleep(Duration::from_millis(50)).await;
        }
    }
}
