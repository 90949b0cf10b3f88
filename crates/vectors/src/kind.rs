//! What sort of thing a point stands for.

use std::fmt;
use std::sync::Arc;

use crate::Error;

/// The type of what a point stands for, such as `bug_solution`; the crate above says which exist.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(Arc<str>);

impl Kind {
    /// The most bytes a kind may have.
    pub const MAX_BYTES: usize = 128;

    /// Checks and keeps `value`: 1 to [`Kind::MAX_BYTES`] bytes.
    pub fn new(value: &str) -> Result<Self, Error> {
        if (1..=Self::MAX_BYTES).contains(&value.len()) {
            Ok(Self(value.into()))
        } else {
            Err(Error::Kind { bytes: value.len() })
        }
    }

    /// The kind as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
