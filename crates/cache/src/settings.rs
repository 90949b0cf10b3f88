//! How large and how lasting the tiers are.

use std::time::Duration;

/// Bounds of the two tiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheSettings {
    /// The most entries in memory. Default: 10,000.
    pub l1_entries: usize,
    /// The most bytes in memory, by [`Entry::weight`](crate::Entry::weight). Default: 256 MiB.
    pub l1_bytes: u64,
    /// How long an entry stays in memory. Default: 300 s.
    pub l1_ttl: Duration,
    /// The most bytes of rows on disk; the file also holds indexes and unused space. Default:
    /// 1,000 MB.
    pub l2_bytes: u64,
    /// How long an entry stays on disk. Default: 3,600 s.
    pub l2_ttl: Duration,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            l1_entries: 10_000,
            l1_bytes: 256 * 1024 * 1024,
            l1_ttl: Duration::from_secs(300),
            l2_bytes: 1_000_000_000,
            l2_ttl: Duration::from_secs(3_600),
        }
    }
}
