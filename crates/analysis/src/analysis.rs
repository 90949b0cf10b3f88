//! What comes of analysing a document.

use crate::{Report, Sketch};

/// What comes of analysing a document: the report, and what compares it with others.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// For readers.
    pub report: Report,
    /// For [`crate::NearDuplicates`].
    pub sketch: Sketch,
}
