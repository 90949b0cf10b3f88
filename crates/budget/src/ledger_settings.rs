//! What a ledger is told at start.

use types::Microdollars;

/// How accounts begin and how much of them is granted at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerSettings {
    /// The monthly limit of a developer for whom none is set; `None` is no limit.
    /// Default: $8.33.
    pub developer_limit: Option<Microdollars>,
    /// The most that a power loss may count as spent per account beyond what was in use: the
    /// block of headroom that is granted at a time, at most a twentieth of the limit.
    /// Default: $1.
    pub lease: Microdollars,
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self {
            developer_limit: Some(Microdollars::new(8_330_000)),
            lease: Microdollars::new(1_000_000),
        }
    }
}
