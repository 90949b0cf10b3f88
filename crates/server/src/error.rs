//! Failures of the server itself; failures of requests are answers.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use orchestrator::operator::OperatorError;
use types::Class;

/// The server could not start or a control command could not be carried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be listened on.
    #[error("could not listen on {address}; is another program using it?")]
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// What the machine said.
        #[source]
        source: io::Error,
    },
    /// The address is reachable by others and there is no key to ask for.
    #[error(
        "refusing to listen on {address}, which others can reach, without keys; \
         create one with `forebay keys create --developer NAME`, or listen on 127.0.0.1"
    )]
    Unprotected {
        /// What was asked for.
        address: SocketAddr,
    },
    /// The data directory, a database, the providers or the cache cannot be opened or closed.
    #[error(transparent)]
    Open(#[from] OperatorError),
    /// Metrics cannot be set up.
    #[error(transparent)]
    Telemetry(#[from] telemetry::Error),
    /// A task of the server panicked.
    #[error("a task of the server panicked")]
    Panicked {
        /// What the runtime knows of it.
        #[source]
        source: tokio::task::JoinError,
    },
    /// The control socket cannot be made or used.
    #[error("could not use the control socket {}", path.display())]
    ControlSocket {
        /// Where it is.
        path: PathBuf,
        /// What the machine said.
        #[source]
        source: io::Error,
    },
    /// The other side of the control socket does not speak this version's language.
    #[error("the running daemon answered in a form this version does not know; restart it")]
    ControlLanguage {
        /// What could not be read.
        #[source]
        source: serde_json::Error,
    },
    /// The daemon answered something else than was asked.
    #[error("the running daemon answered something else than was asked; restart it")]
    ControlMismatch,
    /// The daemon could not carry a command out; the message is its own.
    #[error("{message}")]
    Refused {
        /// What the refusal asks of the caller.
        class: Class,
        /// The daemon's words.
        message: String,
    },
}

impl Error {
    /// An unprotected or taken address is the operator's to mend.
    pub fn class(&self) -> Class {
        match self {
            Self::Bind { .. } | Self::Unprotected { .. } => Class::Caller,
            Self::Refused { class, .. } => *class,
            Self::Open(error) => error.class(),
            Self::Telemetry(error) => error.class(),
            Self::Panicked { .. }
            | Self::ControlSocket { .. }
            | Self::ControlLanguage { .. }
            | Self::ControlMismatch => Class::Fault,
        }
    }
}
