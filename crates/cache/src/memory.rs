//! The memory tier: least recently used, bounded in entries and in weight.

use std::sync::Arc;
use std::time::Duration;

use lru::LruCache;
use parking_lot::Mutex;

use crate::{CacheSettings, Entry, Key, TierStatistics};

#[cfg(test)]
mod tests;

/// Enough that two requests rarely meet at one lock on the machines this runs on.
const MAX_SHARDS: usize = 16;
/// A shard holds at least this many entries, so that keys that fall unevenly do not matter.
const MIN_SHARD_ENTRIES: usize = 64;

/// Answers kept in this process. Each shard has an equal share of both bounds, so the sum never
/// exceeds them and no shard waits for another.
pub(crate) struct Memory {
    shards: Box<[Mutex<Shard>]>,
    share: Share,
}

/// The bounds of one shard.
#[derive(Clone, Copy)]
struct Share {
    entries: usize,
    bytes: u64,
}

struct Shard {
    slots: LruCache<Key, Slot>,
    statistics: TierStatistics,
}

/// Times are monotonic, so that a step of wall time neither revives nor kills an entry.
struct Slot {
    entry: Arc<Entry>,
    weight: u64,
    /// How old the entry was when it was put here.
    age: Duration,
    put_at: Duration,
    expires_at: Duration,
}

/// An entry in memory.
pub(crate) struct Found {
    pub(crate) entry: Arc<Entry>,
    pub(crate) age: Duration,
    pub(crate) remaining: Duration,
}

/// What to do with an entry that is put.
pub(crate) struct Life {
    /// How old it is already.
    pub(crate) age: Duration,
    /// How much longer it may stay.
    pub(crate) remaining: Duration,
}

impl Memory {
    pub(crate) fn new(settings: &CacheSettings) -> Self {
        let shards = (settings.l1_entries / MIN_SHARD_ENTRIES).clamp(1, MAX_SHARDS);
        let share = Share {
            entries: settings.l1_entries / shards,
            bytes: settings.l1_bytes / shards as u64,
        };
        let shards = std::iter::repeat_with(|| Mutex::new(Shard::new())).take(shards).collect();
        Self { shards, share }
    }

    /// The entry, where it is there, still alive at `now` and not older than `max_age`.
    pub(crate) fn get(&self, key: &Key, max_age: Option<Duration>, now: Duration) -> Option<Found> {
        let mut shard = self.shard(key).lock();
        let found = shard.get(key, max_age, now);
        match found {
            Some(_) => shard.statistics.hits += 1,
            None => shard.statistics.misses += 1,
        }
        found
    }

    /// Keeps an entry, in place of an older one of this key. One that has no time left, or weighs
    /// more than a shard's share, is not kept.
    pub(crate) fn put(&self, key: Key, entry: Arc<Entry>, life: &Life, now: Duration) {
        self.shard(&key).lock().put(self.share, key, entry, life, now);
    }

    /// Keeps an entry that came from disk, unless a newer one has taken its place meanwhile.
    pub(crate) fn promote(&self, key: Key, entry: Arc<Entry>, life: &Life, now: Duration) {
        let mut shard = self.shard(&key).lock();
        let kept = shard.slots.peek(&key).map(|slot| slot.entry.stored_at);
        if kept.is_none_or(|stored_at| stored_at <= entry.stored_at) {
            shard.put(self.share, key, entry, life, now);
        }
    }

    /// The sum over the shards.
    pub(crate) fn statistics(&self) -> TierStatistics {
        self.shards.iter().fold(TierStatistics::default(), |sum, shard| {
            let shard = shard.lock();
            let one = shard.statistics;
            TierStatistics {
                hits: sum.hits + one.hits,
                misses: sum.misses + one.misses,
                stores: sum.stores + one.stores,
                evictions: sum.evictions + one.evictions,
                expirations: sum.expirations + one.expirations,
                drops: sum.drops + one.drops,
                entries: sum.entries + shard.slots.len() as u64,
                bytes: sum.bytes + one.bytes,
                ..sum
            }
        })
    }

    fn shard(&self, key: &Key) -> &Mutex<Shard> {
        // The last byte, because the map's own hash starts from the first ones.
        let [.., last] = *key.as_bytes();
        &self.shards[usize::from(last) % self.shards.len()]
    }
}

impl Shard {
    fn new() -> Self {
        Self { slots: LruCache::unbounded(), statistics: TierStatistics::default() }
    }

    fn get(&mut self, key: &Key, max_age: Option<Duration>, now: Duration) -> Option<Found> {
        let slot = self.slots.get(key)?;
        let remaining = slot.expires_at.saturating_sub(now);
        if remaining.is_zero() {
            self.remove(key);
            self.statistics.expirations += 1;
            return None;
        }
        let age = slot.age.saturating_add(now.saturating_sub(slot.put_at));
        if max_age.is_some_and(|max_age| max_age.is_zero() || age > max_age) {
            return None;
        }
        Some(Found { entry: Arc::clone(&slot.entry), age, remaining })
    }

    fn put(&mut self, share: Share, key: Key, entry: Arc<Entry>, life: &Life, now: Duration) {
        let weight = entry.weight();
        self.remove(&key);
        if weight > share.bytes || share.entries == 0 || life.remaining.is_zero() {
            self.statistics.drops += 1;
            return;
        }
        self.make_room(share, weight);
        let expires_at = now.saturating_add(life.remaining);
        let slot = Slot { entry, weight, age: life.age, put_at: now, expires_at };
        self.slots.put(key, slot);
        self.statistics.bytes += weight;
        self.statistics.stores += 1;
    }

    fn remove(&mut self, key: &Key) {
        if let Some(slot) = self.slots.pop(key) {
            self.statistics.bytes -= slot.weight;
        }
    }

    fn make_room(&mut self, share: Share, weight: u64) {
        while self.slots.len() >= share.entries || self.statistics.bytes + weight > share.bytes {
            let Some((_, slot)) = self.slots.pop_lru() else { break };
            self.statistics.bytes -= slot.weight;
            self.statistics.evictions += 1;
        }
    }
}
