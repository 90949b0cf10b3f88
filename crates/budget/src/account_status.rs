//! Where an account stands.

use serde::{Deserialize, Serialize};
use types::Microdollars;

use crate::{AccountId, Window};

/// One account in one month, all of it read at one instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountStatus {
    /// Whose.
    pub account: AccountId,
    /// When.
    pub window: Window,
    /// The hard limit; none is no limit.
    pub limit: Option<Microdollars>,
    /// Charged.
    pub spent: Microdollars,
    /// Held by requests in flight.
    pub reserved: Microdollars,
    /// Durably granted for the month, spent and reserved included: what counts as spent after a
    /// power loss.
    pub leased: Microdollars,
}

impl AccountStatus {
    /// What may still be reserved; `None` without a limit.
    pub fn left(&self) -> Option<Microdollars> {
        let used = self.spent.saturating_add(self.reserved);
        self.limit.map(|limit| limit.saturating_sub(used))
    }
}
