//! Failures of parsing a value.

use crate::Class;

/// A value from outside does not fit its type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An id is empty, longer than `max` bytes or holds a character outside
    /// `A-Z a-z 0-9 . _ : / @ + -`.
    #[error(
        "{kind} must be 1 to {max} characters of A-Z a-z 0-9 . _ : / @ + - (got {length} bytes)"
    )]
    Id {
        /// What the id names, in lower case.
        kind: &'static str,
        /// The most bytes an id may have.
        max: usize,
        /// How many bytes were given.
        length: usize,
    },
    /// An amount of money is not a decimal number of dollars with at most six decimals.
    #[error("an amount must be dollars with at most 6 decimals, such as 8.33")]
    Amount,
}

impl Error {
    /// Always the caller's to mend.
    pub fn class(&self) -> Class {
        Class::Caller
    }
}
