//! Who a limit is for.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use types::{DeveloperId, ProjectId, TeamId, TenantId};

use crate::AccountKind;

/// A budget of a tenant or of a team, project or developer inside one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountId {
    tenant: TenantId,
    kind: AccountKind,
    name: Arc<str>,
}

impl AccountId {
    /// The account of a whole organisation.
    pub fn tenant(tenant: &TenantId) -> Self {
        Self::named(tenant, AccountKind::Tenant, tenant.as_str())
    }

    /// The account of a team.
    pub fn team(tenant: &TenantId, team: &TeamId) -> Self {
        Self::named(tenant, AccountKind::Team, team.as_str())
    }

    /// The account of a project.
    pub fn project(tenant: &TenantId, project: &ProjectId) -> Self {
        Self::named(tenant, AccountKind::Project, project.as_str())
    }

    /// The account of a person or service.
    pub fn developer(tenant: &TenantId, developer: &DeveloperId) -> Self {
        Self::named(tenant, AccountKind::Developer, developer.as_str())
    }

    pub(crate) fn named(tenant: &TenantId, kind: AccountKind, name: &str) -> Self {
        Self { tenant: tenant.clone(), kind, name: name.into() }
    }

    /// What the account belongs to.
    pub fn kind(&self) -> AccountKind {
        self.kind
    }

    /// The organisation that the account is in.
    pub fn tenant_id(&self) -> &TenantId {
        &self.tenant
    }

    /// The name of the team, project, developer or tenant.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.kind.as_str(), self.name)
    }
}
