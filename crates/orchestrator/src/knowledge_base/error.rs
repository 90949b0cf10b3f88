//! Why something could not be learned or found.

use std::io;
use std::path::PathBuf;

use types::Class;

/// Something could not be learned, found or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KnowledgeError {
    /// The store.
    #[error(transparent)]
    Store(#[from] ::knowledge::Error),
    /// The model.
    #[error(transparent)]
    TextVectors(#[from] crate::TextVectorsError),
    /// The index of vectors.
    #[error(transparent)]
    Vectors(#[from] vectors::Error),
    /// No model is installed, and this cannot be done without one.
    #[error("no embedding model is installed: `forebay models pull` brings one")]
    NoModel,
    /// There is nothing to keep.
    #[error("the content is empty; say what is to be kept")]
    Nothing,
    /// A file of the caller's.
    #[error("could not {operation}")]
    File {
        /// What was tried, as a verb.
        operation: &'static str,
        /// What the file system said; names the path.
        #[source]
        source: io::Error,
    },
    /// There is something in the place of what would be written.
    #[error("{} exists already; name a file that does not exist yet", path.display())]
    Exists {
        /// What exists.
        path: PathBuf,
    },
    /// The index of vectors holds something else than the store.
    #[error(
        "the index differs from the store: {missing} missing, {different} different, \
         {unexpected} unexpected"
    )]
    Differs {
        /// In the store and not in the index.
        missing: usize,
        /// Different in both.
        different: usize,
        /// In the index and not in the store.
        unexpected: usize,
    },
}

impl KnowledgeError {
    /// What the failure asks of whoever sees it.
    pub fn class(&self) -> Class {
        match self {
            Self::Store(error) => error.class(),
            Self::TextVectors(error) => error.class(),
            Self::Vectors(error) => error.class(),
            Self::NoModel | Self::Nothing | Self::Exists { .. } | Self::File { .. } => {
                Class::Caller
            }
            Self::Differs { .. } => Class::Fault,
        }
    }

    /// Whether what was asked for is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Store(::knowledge::Error::Missing { .. }))
    }

    pub(crate) fn file(operation: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self::File { operation, source }
    }
}
