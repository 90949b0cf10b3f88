//! The local control socket: how commands reach a running daemon.
//!
//! One JSON object a line each way: a command, then its outcome or error. The socket lies in the
//! data directory, which its owner alone can enter, and has mode 0600 besides.

mod client;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use orchestrator::operator::{Command, Operator, Outcome};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use types::Class;

pub use client::ControlClient;

use crate::Error;

/// Its name in the data directory.
const NAME: &str = "control.sock";
/// Bytes of one command at most.
const COMMAND_BYTES_MAX: u64 = 64 * 1024;
/// How long a command line may take to read its answer.
const ANSWER_TAKEN_WITHIN: Duration = Duration::from_secs(5);

/// A socket that commands can be sent to.
#[derive(Debug)]
pub struct ControlSocket {
    path: PathBuf,
    listener: UnixListener,
}

/// What comes back for a command.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done(Outcome),
    Refused { class: Class, message: String },
}

impl ControlSocket {
    /// Binds the socket in `directory`, whose lock the caller holds; a socket that an earlier
    /// owner left is replaced.
    pub fn bind(directory: &Path) -> Result<Self, Error> {
        let path = directory.join(NAME);
        let failed = |source| Error::ControlSocket { path: path.clone(), source };
        match fs_err::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(source));
            }
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(&path).map_err(failed)?;
        fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(Self { path, listener })
    }

    /// Carries out commands until `stop`, then finishes those that have begun.
    pub async fn serve(self, operator: Operator, stop: CancellationToken) {
        let connections = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _peer)) => {
                    let (operator, stop) = (operator.clone(), stop.clone());
                    connections.spawn(async move {
                        if let Err(source) = serve_one(&operator, stream, &stop).await {
                            tracing::debug!(error = %source, "a control connection ended early");
                        }
                    });
                }
                Err(source) => tracing::warn!(error = %source, "could not accept a command"),
            }
        }
        connections.close();
        connections.wait().await;
        if let Err(source) = fs_err::remove_file(&self.path) {
            tracing::debug!(error = %source, "the control socket was already gone");
        }
    }
}

/// Carries out the command of one connection. A stop ends it only while there is no command yet.
async fn serve_one(
    operator: &Operator,
    stream: UnixStream,
    stop: &CancellationToken,
) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut line = Vec::new();
    let mut reader = BufReader::new(reader.take(COMMAND_BYTES_MAX));
    tokio::select! {
        read = reader.read_until(b'\n', &mut line) => read?,
        () = stop.cancelled() => return Ok(()),
    };
    let answer = match serde_json::from_slice::<Command>(&line) {
        Ok(command) => match operator.execute(command).await {
            Ok(outcome) => Answer::Done(outcome),
            Err(error) => Answer::Refused { class: error.class(), message: types::chain(&error) },
        },
        Err(error) => Answer::Refused {
            class: Class::Caller,
            message: format!("the daemon does not know this command: {error}"),
        },
    };
    let mut line = serde_json::to_vec(&answer)?;
    line.push(b'\n');
    // A command line that does not read must not keep the daemon from stopping.
    tokio::time::timeout(ANSWER_TAKEN_WITHIN, writer.write_all(&line)).await?
}
