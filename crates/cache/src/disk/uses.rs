//! How often rows were read since the start.

use std::collections::HashMap;

use parking_lot::Mutex;

/// The most rows that are counted; further ones count as unused.
const ROWS_MAX: usize = 65_536;

/// Uses by row id. Kept in memory alone: writing them would cost more than a worse eviction.
#[derive(Default)]
pub(super) struct Uses(Mutex<HashMap<i64, u32>>);

impl Uses {
    pub(super) fn count(&self, id: i64) {
        let mut uses = self.0.lock();
        if let Some(count) = uses.get_mut(&id) {
            *count = count.saturating_add(1);
        } else if uses.len() < ROWS_MAX {
            uses.insert(id, 1);
        }
    }

    pub(super) fn of(&self, id: i64) -> u32 {
        self.0.lock().get(&id).copied().unwrap_or(0)
    }

    /// Halves a count, so that what was once popular does not stay for ever.
    pub(super) fn age(&self, id: i64) {
        let mut uses = self.0.lock();
        if let Some(count) = uses.get_mut(&id) {
            *count /= 2;
            if *count == 0 {
                uses.remove(&id);
            }
        }
    }

    pub(super) fn forget(&self, id: i64) {
        self.0.lock().remove(&id);
    }
}
