//! On whose behalf a request is made.

use serde::{Deserialize, Serialize};

use crate::{DeveloperId, KeyId, ProjectId, TeamId, TenantId};

/// Who asks, as authentication established it; never taken from a request's body.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Principal {
    /// The organisation.
    pub tenant: TenantId,
    /// The developer's team, where there is one.
    pub team: Option<TeamId>,
    /// The project that the key belongs to, where there is one.
    pub project: Option<ProjectId>,
    /// The person or service.
    pub developer: DeveloperId,
    /// The key that was shown; none for the built-in developer of a loopback listener.
    pub key: Option<KeyId>,
}
