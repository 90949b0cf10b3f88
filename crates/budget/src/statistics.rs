//! What a ledger has done since it was opened.

use serde::{Deserialize, Serialize};
use types::Microdollars;

/// Counts since the ledger was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// Reservations that were handed out.
    pub admitted: u64,
    /// Refusals because a limit is spent.
    pub refused_exhausted: u64,
    /// Refusals because a limit is reserved.
    pub refused_reserved: u64,
    /// Refusals because a price is unknown.
    pub refused_unpriced: u64,
    /// Calls that were given up and charged by what was metered.
    pub estimated: u64,
    /// Charges above their reservation.
    pub overages: u64,
    /// By how much, in all.
    pub overage: Microdollars,
    /// Leases asked for; each is a synced write.
    pub lease_grants: u64,
    /// Charges that could not be written at once and are kept to be written again.
    pub journal_failures: u64,
}
