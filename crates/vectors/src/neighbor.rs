//! What a search finds.

use crate::PointId;

/// A point and how near it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbor {
    /// Its name within the tenant.
    pub id: PointId,
    /// The cosine of the angle to what was searched for, -1 to 1.
    pub score: f32,
}

impl Neighbor {
    /// Orders the nearest first, equally near ones by id.
    pub(crate) fn nearest_first(&self, other: &Self) -> std::cmp::Ordering {
        other.score.total_cmp(&self.score).then(self.id.cmp(&other.id))
    }
}
