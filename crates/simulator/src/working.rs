//! How many requests a simulator works on at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A request that is worked on. Dropped, its place is free.
#[derive(Debug)]
pub(crate) struct Working(Arc<AtomicU64>);

impl Working {
    /// Begins to work on one more request, of `most` at once; none where they are at work already.
    pub(crate) fn begin(at_work: &Arc<AtomicU64>, most: u64) -> Option<Self> {
        let one_more = |now: u64| (now < most).then_some(now + 1);
        at_work.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        Some(Self(Arc::clone(at_work)))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
