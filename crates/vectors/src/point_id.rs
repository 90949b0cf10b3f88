//! The name of a point.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names a point within its tenant; usually the id of the row that holds the vector's truth.
///
/// Two tenants may use the same id without ever meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PointId(u64);

impl PointId {
    /// The id `value`.
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// The id as a number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for PointId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
