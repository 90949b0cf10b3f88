//! Lines and paragraphs that were there before.

use rustc_hash::FxHashSet;

use super::{python, sheet::Places};
use crate::Span;

/// What occurs again: every occurrence after the first.
#[derive(Default)]
pub(crate) struct Duplicates {
    /// How many, and where.
    pub(crate) places: Places,
    /// Their code points.
    pub(crate) characters: usize,
    /// All parts that were looked at.
    pub(crate) parts: usize,
}

impl Duplicates {
    pub(crate) fn of(text: &str, parts: impl Iterator<Item = Span>) -> Self {
        let mut seen = FxHashSet::default();
        seen.reserve(std::cmp::min(text.len() / 32, 1 << 12));
        let mut duplicates = Self::default();
        for span in parts {
            duplicates.parts += 1;
            let part = span.of(text);
            if !seen.insert(part) {
                duplicates.places.push(span);
                duplicates.characters += python::length(part);
            }
        }
        duplicates
    }
}
