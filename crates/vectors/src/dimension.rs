//! How many components a vector has.

use std::fmt;

use crate::Error;

/// The number of components of every vector of an index, 1 to [`Dimension::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimension(usize);

impl Dimension {
    /// Twice what the largest common embedding models give.
    pub const MAX: usize = 8_192;

    /// Checks `components`.
    pub fn new(components: usize) -> Result<Self, Error> {
        if (1..=Self::MAX).contains(&components) {
            Ok(Self(components))
        } else {
            Err(Error::NoDimension { components })
        }
    }

    /// The number of components.
    pub fn get(self) -> usize {
        self.0
    }

    /// Whether `vector` has this many components.
    pub(crate) fn check(self, vector: &[f32]) -> Result<(), Error> {
        if vector.len() == self.0 {
            Ok(())
        } else {
            Err(Error::Dimension { expected: self.0, found: vector.len() })
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
