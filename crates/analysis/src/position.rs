//! Where something stands.

use serde::{Deserialize, Serialize};

/// A place in a document, as editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// From 1. Lines end with LF, CRLF or CR.
    pub line: usize,
    /// From 1, in Unicode scalar values.
    pub column: usize,
}
