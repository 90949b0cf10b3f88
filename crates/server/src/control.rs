//! The local control socket: how commands reach a running daemon.
//!
//! One JSON object a line each way: a request, then its outcome or error. A connection that asks to
//! be an agent's is one from then on (MCP, a message a line). The socket lies in the data directory,
//! which its owner alone can enter, and has mode 0600 besides.

mod client;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use orchestrator::operator::{Command, Operator, Outcome};
use orchestrator::{Gateway, KnowledgeCommand, KnowledgeOutcome};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Take};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use types::{Class, Principal, ProjectId, TenantId};

pub use client::ControlClient;

use crate::{Agents, Error};

/// Its name in the data directory.
const NAME: &str = "control.sock";
/// Bytes of one request at most: a text to learn from is part of it.
const REQUEST_BYTES_MAX: u64 = 64 << 20;
/// How long a command line may take to read its answer.
const ANSWER_TAKEN_WITHIN: Duration = Duration::from_secs(5);

/// A socket that commands can be sent to.
#[derive(Debug)]
pub struct ControlSocket {
    path: PathBuf,
    listener: UnixListener,
}

/// What whoever owns the data directory asks for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Request {
    Operate(Command),
    Know(KnowledgeCommand),
    /// The rest of the connection is an agent's.
    Attend {
        tenant: TenantId,
        project: Option<ProjectId>,
    },
}

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done(Outcome),
    Known(KnowledgeOutcome),
    /// What comes behind this line is the agent's.
    Attending,
    Refused {
        class: Class,
        message: String,
    },
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

    /// Does what it is asked for until `stop`, then finishes what has begun.
    pub async fn serve(self, operator: Operator, agents: Agents, stop: CancellationToken) {
        let owner = Owner { operator, agents };
        let connections = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _peer)) => {
                    let (owner, stop) = (owner.clone(), stop.clone());
                    connections.spawn(async move {
                        if let Err(source) = serve_one(&owner, stream, &stop).await {
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

/// Does what one connection asks for. A stop ends it only while it has not asked yet.
async fn serve_one(
    owner: &Owner,
    stream: UnixStream,
    stop: &CancellationToken,
) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut line = Vec::new();
    let mut reader = BufReader::new(reader.take(REQUEST_BYTES_MAX));
    tokio::select! {
        read = reader.read_until(b'\n', &mut line) => read?,
        () = stop.cancelled() => return Ok(()),
    };
    let answer = match serde_json::from_slice::<Request>(&line) {
        Ok(Request::Operate(command)) => match owner.operator.execute(command).await {
            Ok(outcome) => Answer::Done(outcome),
            Err(error) => Answer::refused(error.class(), &error),
        },
        Ok(Request::Know(command)) => match owner.agents.gateway().carry_out(command).await {
            Ok(outcome) => Answer::Known(outcome),
            Err(error) => Answer::refused(error.class(), &error),
        },
        Ok(Request::Attend { tenant, project }) => {
            let principal = Gateway::owner(tenant, project);
            return attend(&owner.agents, principal, (reader, writer), stop).await;
        }
        Err(error) => Answer::Refused {
            class: Class::Caller,
            message: format!("the daemon does not know this command: {error}"),
        },
    };
    write(&mut writer, &answer).await
}

/// Serves an agent over what is left of a connection, until it leaves or a stop.
async fn attend(
    agents: &Agents,
    principal: Principal,
    (mut reader, mut writer): (BufReader<Take<OwnedReadHalf>>, OwnedWriteHalf),
    stop: &CancellationToken,
) -> std::io::Result<()> {
    let Some(place) = agents.place() else {
        let message = "too many agents are connected; end one, then start this one again";
        let (class, message) = (Class::Busy, message.to_owned());
        return write(&mut writer, &Answer::Refused { class, message }).await;
    };
    write(&mut writer, &Answer::Attending).await?;
    // The limit is that of a line; this connection may stay for days.
    reader.get_mut().set_limit(u64::MAX);
    agents.serve_session(principal, place, (reader, writer), stop).await;
    Ok(())
}

async fn write(writer: &mut OwnedWriteHalf, answer: &Answer) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    // A command line that does not read must not keep the daemon from stopping.
    tokio::time::timeout(ANSWER_TAKEN_WITHIN, writer.write_all(&line)).await?
}

/// What the owner of the data directory may use.
#[derive(Clone)]
struct Owner {
    operator: Operator,
    agents: Agents,
}

impl Answer {
    fn refused(class: Class, error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Refused { class, message: types::chain(error) }
    }
}
