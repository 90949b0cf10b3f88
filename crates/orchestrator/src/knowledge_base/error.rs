//! Why something could not be learned or found.

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
            Self::Differs { .. } => Class::Fault,
        }
    }
}
