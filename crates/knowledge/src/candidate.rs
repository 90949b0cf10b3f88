//! A draft with what it is to be compared with.

use crate::{Draft, Embedding, ItemId};

/// A draft, its vector, and the items that an index found near it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What may become an item.
    pub draft: Draft,
    /// The vector of [`Draft::text`], where there is an engine.
    pub embedding: Option<Embedding>,
    /// Items of the same tenant and their cosines to the vector, in any order.
    pub neighbours: Vec<(ItemId, f32)>,
}

impl Candidate {
    /// A draft without a vector: only what is equal to it will be found.
    pub const fn plain(draft: Draft) -> Self {
        Self { draft, embedding: None, neighbours: Vec::new() }
    }
}
