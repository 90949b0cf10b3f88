//! What the tiers have done.

/// Counters of both tiers since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStatistics {
    /// The memory tier.
    pub memory: TierStatistics,
    /// The disk tier; none where the cache has no file.
    pub disk: Option<TierStatistics>,
}

/// Counters of one tier since the start, and what it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TierStatistics {
    /// Look-ups that found an answer that could be used.
    pub hits: u64,
    /// Look-ups that did not.
    pub misses: u64,
    /// Entries written.
    pub stores: u64,
    /// Entries removed to make room.
    pub evictions: u64,
    /// Entries removed because their time was up.
    pub expirations: u64,
    /// Entries not kept: too large for the tier, or the queue to the disk was full.
    pub drops: u64,
    /// Reads and writes that failed; a failed read is also a miss.
    pub failures: u64,
    /// Rows whose bytes were not the ones written, each a miss and deleted.
    pub corrupt: u64,
    /// Entries held.
    pub entries: u64,
    /// Bytes held: by weight in memory, by row on disk.
    pub bytes: u64,
}
