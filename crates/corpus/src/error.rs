//! Failures of reading, analysing and reporting.

use std::io;
use std::path::PathBuf;

/// Failures of reading, analysing and reporting.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file, folder or stream cannot be read.
    #[error("could not read it")]
    Read {
        /// What the system said, with the path.
        #[source]
        source: io::Error,
    },
    /// A row of a JSONL corpus is not a document.
    #[error("the row is no document: {reason}")]
    Row {
        /// What is wrong with it and what would be right.
        reason: String,
    },
    /// The document was read but not analysed.
    #[error(transparent)]
    Analysis(#[from] analysis::Error),
    /// The analysis broke; this is a mistake in this program.
    #[error("the analysis of this document broke; please report it with the document")]
    Broken,
    /// The cache of reports cannot be opened or closed.
    #[error("the cache of reports failed")]
    Cache(#[from] storage::Error),
    /// A baseline is not one.
    #[error("{path} is not a baseline: {reason}; write it anew")]
    Baseline {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The report cannot be written.
    #[error("could not write the report")]
    Write {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The threads cannot be started.
    #[error("could not start the threads")]
    Start {
        /// What the system said.
        #[source]
        source: rayon::ThreadPoolBuildError,
    },
}

impl Error {
    /// A word for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Read { .. } => "read",
            Self::Row { .. } => "row",
            Self::Analysis(analysis::Error::TooLarge { .. }) => "too_large",
            Self::Analysis(analysis::Error::TimedOut { .. }) => "timed_out",
            Self::Analysis(_) => "analysis",
            Self::Broken => "broken",
            Self::Cache(_) => "cache",
            Self::Baseline { .. } => "baseline",
            Self::Write { .. } => "write",
            Self::Start { .. } => "start",
        }
    }

    /// What the failure asks of whoever sees it.
    pub fn class(&self) -> types::Class {
        match self {
            Self::Read { .. } | Self::Row { .. } | Self::Baseline { .. } => types::Class::Caller,
            Self::Analysis(error) => error.class(),
            Self::Cache(error) => error.class(),
            Self::Broken | Self::Write { .. } | Self::Start { .. } => types::Class::Fault,
        }
    }
}
