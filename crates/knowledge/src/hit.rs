//! What was found, and why.

use serde::{Deserialize, Serialize};

use crate::{Item, Source};

/// What was found, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// The item.
    pub item: Item,
    /// Where it was learned.
    pub sources: Vec<Source>,
    /// From 0 to 1: the parts, weighted.
    pub score: f64,
    /// What the score is made of.
    pub parts: ScoreParts,
}

/// What a score is made of, each from 0 to 1 and before its weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScoreParts {
    /// BM25 as a share of the best one of this query.
    pub text: f64,
    /// Cosine, scaled so that the farthest candidate is 0 and the nearest 1.
    pub vector: f64,
    /// [`crate::Freshness::score`].
    pub freshness: f64,
    /// 1 where item and asker are about the same, one half where either is not known.
    pub intent: f64,
    /// 1 where item and asker belong together, one half where either is not known.
    pub project: f64,
}
