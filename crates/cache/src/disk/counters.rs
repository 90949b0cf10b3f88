//! Counters that readers and the writer share.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::TierStatistics;

#[derive(Default)]
pub(super) struct Counters {
    pub(super) hits: AtomicU64,
    pub(super) misses: AtomicU64,
    pub(super) stores: AtomicU64,
    pub(super) evictions: AtomicU64,
    pub(super) expirations: AtomicU64,
    pub(super) drops: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) corrupt: AtomicU64,
    pub(super) entries: AtomicU64,
    pub(super) bytes: AtomicU64,
    /// Weight of the entries that wait to be written.
    pub(super) queued_bytes: AtomicU64,
}

impl Counters {
    pub(super) fn statistics(&self) -> TierStatistics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        TierStatistics {
            hits: read(&self.hits),
            misses: read(&self.misses),
            stores: read(&self.stores),
            evictions: read(&self.evictions),
            expirations: read(&self.expirations),
            drops: read(&self.drops),
            failures: read(&self.failures),
            corrupt: read(&self.corrupt),
            entries: read(&self.entries),
            bytes: read(&self.bytes),
        }
    }
}
