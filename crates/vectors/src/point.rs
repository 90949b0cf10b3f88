//! What an index holds.

use types::{ProjectId, TenantId};

use crate::{Kind, PointId};

/// A vector with its name and what it can be filtered by.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its name within the tenant.
    pub id: PointId,
    /// Whose it is. No search of another tenant finds it.
    pub tenant: TenantId,
    /// The project that it belongs to, if any.
    pub project: Option<ProjectId>,
    /// What it stands for.
    pub kind: Kind,
    /// As many components as the index has dimensions; of any length but zero.
    pub vector: Vec<f32>,
}
