//! Why a command, or a start, failed.

use std::io;
use std::path::PathBuf;

use types::Class;

/// A command could not be carried out, or the data directory not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperatorError {
    /// A database or the data directory.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// Accounts, keys or prices.
    #[error(transparent)]
    Budget(#[from] budget::Error),
    /// The cache.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// The providers.
    #[error(transparent)]
    Inference(#[from] inference::Error),
    /// The settings of the analysis of documents.
    #[error(transparent)]
    Analysis(#[from] ::analysis::Error),
    /// What is known.
    #[error(transparent)]
    Knowledge(#[from] crate::KnowledgeError),
    /// The model of this machine.
    #[error(transparent)]
    TextVectors(#[from] crate::TextVectorsError),
    /// There is something in the place of what would be written.
    #[error("{} exists already; {advice}", path.display())]
    Exists {
        /// What exists.
        path: PathBuf,
        /// What to do.
        advice: &'static str,
    },
    /// A file of a backup or of the data directory cannot be copied.
    #[error("could not copy a file")]
    Copy {
        /// What the file system said; names the path.
        #[source]
        source: io::Error,
    },
}

impl OperatorError {
    /// What the failure asks of whoever sees it.
    pub fn class(&self) -> Class {
        match self {
            Self::Storage(error) => error.class(),
            Self::Budget(error) => error.class(),
            Self::Cache(error) => error.class(),
            Self::Inference(error) => error.class(),
            Self::Analysis(error) => error.class(),
            Self::Exists { .. } => Class::Caller,
            Self::Knowledge(error) => error.class(),
            Self::TextVectors(error) => error.class(),
            Self::Copy { .. } => Class::Fault,
        }
    }
}
