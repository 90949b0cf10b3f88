//! What the data directory holds of a model.

use std::path::PathBuf;

use embeddings::Precision;
use serde::Serialize;

/// A model, or the library of an engine: whether it is there, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stored {
    /// Its name.
    pub name: String,
    /// Whether it is there.
    #[serde(flatten)]
    pub state: StoredState,
    /// Where it is, or would be.
    pub directory: PathBuf,
    /// What its folder takes on the disk.
    pub bytes: u64,
    /// The precisions that a model can be run in; none of a library.
    pub precisions: Vec<Precision>,
    /// Whether this program can use it: the library of an engine only where it was built with that
    /// engine.
    pub usable: bool,
}

/// Whether something is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum StoredState {
    /// All of it.
    Installed,
    /// Nothing of it.
    Missing,
    /// Some of it, or broken.
    Damaged {
        /// The first file that is not there or not as it must be.
        file: PathBuf,
    },
}
