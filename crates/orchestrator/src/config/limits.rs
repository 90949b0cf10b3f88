//! `[limits]`

use std::collections::BTreeMap;

use documented::DocumentedFields;
use serde::{Deserialize, Serialize};
use types::TenantId;

/// What each tenant may use in a minute.
#[derive(Clone, Debug, Default, Serialize, Deserialize, DocumentedFields)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsSection {
    /// Requests a minute for each tenant; 0 is without limit.
    pub requests_per_minute: u64,
    /// Tokens of input and output a minute for each tenant; 0 is without limit. A request counts
    /// with the most that it may use until it is answered, and then with what it used.
    pub tokens_per_minute: u64,
    /// Tenants with limits of their own, each with both options of this section.
    pub tenants: BTreeMap<TenantId, TenantLimits>,
}

/// `[limits.tenants.NAME]`
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, DocumentedFields)]
#[serde(default, deny_unknown_fields)]
pub struct TenantLimits {
    /// Requests a minute; 0 is without limit. Default: that of all tenants.
    pub requests_per_minute: Option<u64>,
    /// Tokens a minute; 0 is without limit. Default: that of all tenants.
    pub tokens_per_minute: Option<u64>,
}
