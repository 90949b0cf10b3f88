//! Which points a search looks at.

use types::{ProjectId, TenantId};

use crate::Kind;

/// A tenant, and within it any number of projects and kinds. There is none without a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    tenant: TenantId,
    projects: Vec<ProjectId>,
    kinds: Vec<Kind>,
}

impl Filter {
    /// All points of `tenant`.
    pub fn of(tenant: TenantId) -> Self {
        Self { tenant, projects: Vec::new(), kinds: Vec::new() }
    }

    /// Only points of one of `projects`. Default: of any project and of none.
    pub fn with_projects(mut self, projects: impl IntoIterator<Item = ProjectId>) -> Self {
        self.projects = projects.into_iter().collect();
        self
    }

    /// Only points of one of `kinds`. Default: of any kind.
    pub fn with_kinds(mut self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        self.kinds = kinds.into_iter().collect();
        self
    }

    /// Whose points are looked at.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The projects allowed; none means any.
    pub fn projects(&self) -> &[ProjectId] {
        &self.projects
    }

    /// The kinds allowed; none means any.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }
}
