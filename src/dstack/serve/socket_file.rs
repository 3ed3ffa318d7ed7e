//! The file of a Unix socket: nobody else's is taken, and ours is removed.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use super::ServeError;

/// How long a server that may be there has to take a connection.
const KNOCK: Duration = Duration::from_secs(2);

/// Our socket's file: removed when this is dropped, if it is still ours.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Device and inode.
    own: (u64, u64),
}

impl SocketFile {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_some_and(|found| found == self.own) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Device and inode of what is there; a link is not followed.
fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::symlink_metadata(path).ok().map(|there| (there.dev(), there.ino()))
}

/// Listens at a path. A socket that refuses connections is of a dead server, and is replaced.
pub(super) async fn bind(path: &Path) -> Result<(UnixListener, SocketFile), ServeError> {
    let cannot = |why| ServeError::Io { place: path.display().to_string(), why };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(cannot(error)),
        Ok(there) if !there.file_type().is_socket() => return Err(ServeError::NotASocket(path.into())),
        Ok(_) => match timeout(KNOCK, UnixStream::connect(path)).await {
            Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => {
                fs::remove_file(path).map_err(cannot)?;
            }
            Ok(Err(error)) if error.kind() == ErrorKind::NotFound => {}
            // One that takes nothing is alive too: its queue is full.
            Ok(Ok(_)) | Err(_) => return Err(ServeError::Taken(path.into())),
            Ok(Err(error)) if error.kind() == ErrorKind::WouldBlock => {
                return Err(ServeError::Taken(path.into()));
            }
            Ok(Err(error)) => return Err(cannot(error)),
        },
    }
    let listener = UnixListener::bind(path).map_err(|error| match error.kind() {
        // Another server was faster.
        ErrorKind::AddrInUse => ServeError::Taken(path.into()),
        _ => cannot(error),
    })?;
    let own = identity(path).ok_or_else(|| cannot(ErrorKind::NotFound.into()))?;
    Ok((listener, SocketFile { path: path.into(), own }))
}
