//! Both tiers as one.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use storage::Database;
use types::Clock;

use crate::disk::{self, Disk};
use crate::memory::{Life, Memory};
use crate::{CacheSettings, CacheStatistics, Entry, Error, Hit, Key, Tier};

#[cfg(test)]
mod tests;

/// Answers in memory, and behind it on disk.
///
/// Dropping it waits until what is queued for the disk is written.
pub struct Cache {
    memory: Memory,
    memory_ttl: Duration,
    disk: Option<Disk>,
    clock: Clock,
}

impl Cache {
    /// A cache with an empty memory, in front of a database of [`SCHEMA`](crate::SCHEMA) where one
    /// is given.
    ///
    /// # Errors
    /// Where the database cannot be read, or its writer not be started.
    pub fn new(
        settings: &CacheSettings,
        l2: Option<Database>,
        clock: Clock,
    ) -> Result<Self, Error> {
        let disk = l2.map(|database| Disk::new(database, settings, clock.clone())).transpose()?;
        let memory = Memory::new(settings);
        Ok(Self { memory, memory_ttl: settings.l1_ttl, disk, clock })
    }

    /// Opens the file of the disk tier, or makes it. One that is damaged is set aside and an empty
    /// one takes its place.
    ///
    /// # Errors
    /// Where the file belongs to something else, is of a newer version, or the disk fails.
    pub fn open_file(path: &Path) -> Result<Database, Error> {
        disk::open(path).map_err(|source| Error::Open { source })
    }

    /// The answer of a key, from memory or else from disk, where there is one that is still alive
    /// and not older than `max_age`; none is young enough for a `max_age` of zero. One that comes
    /// from disk is in memory from then on.
    ///
    /// Blocks for a point look-up on disk at most.
    pub fn get(&self, key: &Key, max_age: Option<Duration>) -> Option<Hit> {
        if let Some(hit) = self.get_recent(key, max_age) {
            return Some(hit);
        }
        let found = self.disk.as_ref()?.get(key, max_age)?;
        let (entry, age, remaining) = (Arc::new(found.entry), found.age, found.remaining);
        let life = Life { age, remaining: std::cmp::min(remaining, self.memory_ttl) };
        self.memory.promote(*key, Arc::clone(&entry), &life, self.clock.monotonic());
        Some(Hit { entry, tier: Tier::Disk, age, remaining })
    }

    /// The answer as [`get`](Self::get) finds it, from memory alone.
    pub fn get_recent(&self, key: &Key, max_age: Option<Duration>) -> Option<Hit> {
        let found = self.memory.get(key, max_age, self.clock.monotonic())?;
        let (entry, age, remaining) = (found.entry, found.age, found.remaining);
        Some(Hit { entry, tier: Tier::Memory, age, remaining })
    }

    /// Keeps an answer: in memory at once, on disk behind it. Never waits for the disk.
    ///
    /// Whether it should be kept is for [`Admission`](crate::Admission) to say before.
    pub fn put(&self, key: Key, entry: Arc<Entry>) {
        let age = self.clock.now().saturating_since(entry.stored_at);
        let life = Life { age, remaining: self.memory_ttl.saturating_sub(age) };
        self.memory.put(key, Arc::clone(&entry), &life, self.clock.monotonic());
        if let Some(disk) = &self.disk {
            disk.put(key, entry);
        }
    }

    /// Counters of both tiers, and what they hold.
    pub fn statistics(&self) -> CacheStatistics {
        CacheStatistics {
            memory: self.memory.statistics(),
            disk: self.disk.as_ref().map(Disk::statistics),
        }
    }

    /// Blocks until what was put before is on disk, or has failed to get there. Not for
    /// asynchronous tasks.
    pub fn flush(&self) {
        if let Some(disk) = &self.disk {
            disk.flush();
        }
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Cache").field("statistics", &self.statistics()).finish()
    }
}
