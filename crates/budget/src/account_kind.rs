//! What an account belongs to.

use serde::{Deserialize, Serialize};

/// What an account belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A person or a service.
    Developer,
    /// A piece of work.
    Project,
    /// A group of developers.
    Team,
    /// The whole organisation.
    Tenant,
}

impl AccountKind {
    /// The name that the ledger stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Developer => "developer",
            Self::Project => "project",
            Self::Team => "team",
            Self::Tenant => "tenant",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Developer, Self::Project, Self::Team, Self::Tenant]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}
