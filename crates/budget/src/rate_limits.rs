//! What each tenant may use in a minute.

use std::collections::BTreeMap;

use types::TenantId;

/// Requests and tokens a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests a minute; none is without limit.
    pub requests: Option<u64>,
    /// Tokens of input and output a minute; none is without limit.
    pub tokens: Option<u64>,
}

/// The limits of all tenants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// For every tenant that is not named.
    pub usual: RateLimit,
    /// For those who are.
    pub named: BTreeMap<TenantId, RateLimit>,
}

impl RateLimits {
    /// What a tenant may use.
    pub fn of(&self, tenant: &TenantId) -> RateLimit {
        self.named.get(tenant).copied().unwrap_or(self.usual)
    }
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateKind {
    /// Requests a minute.
    Requests,
    /// Tokens a minute.
    Tokens,
}

impl std::fmt::Display for RateKind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
        })
    }
}
