//! Whether an index holds what it should.

/// How an index compares with the points that it should hold. Counts are of points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// How many it should hold.
    pub expected: usize,
    /// Not in the index.
    pub missing: usize,
    /// In the index with another vector, project or kind.
    pub different: usize,
    /// In the index without being expected.
    pub unexpected: usize,
}

impl Verification {
    /// Whether the index holds exactly what it should.
    pub fn is_whole(&self) -> bool {
        self.missing == 0 && self.different == 0 && self.unexpected == 0
    }
}
