//! Why a text has no vector.

use types::Class;

/// The model of this machine could not be started or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TextVectorsError {
    /// The model.
    #[error(transparent)]
    Model(#[from] embeddings::Error),
    /// Its name, or that of its vectors.
    #[error(transparent)]
    Name(#[from] types::Error),
    /// The file of vectors.
    #[error("could not use the file of vectors; it may be deleted at any time")]
    File(#[from] storage::Error),
}

impl TextVectorsError {
    /// What the failure asks of whoever sees it.
    pub fn class(&self) -> Class {
        match self {
            Self::Model(error) => error.class(),
            Self::Name(_) => Class::Fault,
            Self::File(error) => error.class(),
        }
    }
}
