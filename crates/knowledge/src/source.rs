//! Where an item was learned.

use serde::{Deserialize, Serialize};
use types::Timestamp;

/// Where an item was learned. An item that was found in several places has several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    /// What it was read from: a path, an address, or who said it.
    pub name: String,
    /// Where in it: a line counted from 1; 0 for the whole.
    pub line: u64,
    /// The heading above it, or who spoke; empty where there is none.
    pub section: String,
    /// When it was said or written there.
    pub seen_at: Timestamp,
}
