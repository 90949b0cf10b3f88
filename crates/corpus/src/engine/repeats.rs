//! Documents of a batch that nearly repeat an earlier one.

use analysis::{Bands, NearDuplicates};

use crate::{Duplicate, Origin, Outcome};

/// Documents that are compared with each other at most, which bounds the memory; those after them
/// are not looked at.
const COMPARED_MAX: usize = 1 << 20;

/// Compares documents in the order of the input.
#[derive(Debug)]
pub(super) struct Repeats {
    seen: NearDuplicates,
    origins: Vec<Origin>,
}

impl Repeats {
    pub(super) fn new() -> Self {
        Self { seen: NearDuplicates::new(Bands::AT_80), origins: Vec::new() }
    }

    /// Which earlier document this one nearly repeats.
    pub(super) fn add(&mut self, outcome: &Outcome) -> Option<Duplicate> {
        let found = outcome.found.as_ref().ok()?;
        if self.origins.len() >= COMPARED_MAX {
            return None;
        }
        let of = self.seen.add(self.origins.len(), found.sketch.clone());
        self.origins.push(outcome.origin.clone());
        let of = of?;
        let origin = self.origins.get(of.of)?.clone();
        Some(Duplicate { origin, similarity: of.similarity })
    }
}
