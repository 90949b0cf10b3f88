//! What was given out, how often, and what was asked for.

use std::time::Duration;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use storage::Durability;
use types::{TenantId, Timestamp};

use super::{Store, rows};
use crate::schema::queries;
use crate::{Error, Hit, ItemId, Query};

/// Uses that are kept in memory before they are written: each write makes all readers read their
/// pages again.
const PENDING_MAX: usize = 256;

/// How long a query that nobody asks is remembered.
const QUERY_FOR: Duration = Duration::from_secs(90 * 86_400);

/// Uses that were not written yet.
#[derive(Debug, Default)]
pub(super) struct Uses(Mutex<Pending>);

#[derive(Debug, Default)]
struct Pending {
    items: FxHashMap<(TenantId, ItemId), (u32, Timestamp)>,
    queries: FxHashMap<(TenantId, String), u32>,
}

impl Store {
    /// Writes what was given out and asked, and how often, which is otherwise done every few hundred
    /// uses, before something is learned and when the store is closed. A process that dies loses
    /// those few.
    pub fn flush_uses(&self) -> Result<(), Error> {
        let Some(pending) = self.uses.take(1) else { return Ok(()) };
        let now = self.clock.now();
        self.write("count uses", move |connection| pending.write(connection, now))
    }

    /// Queues what [`flush_uses`](Self::flush_uses) writes, if there are so many uses: whatever is
    /// written afterwards is written after them. Nobody who searches waits for the disk; a failure
    /// shows with the next write.
    pub(super) fn flush_uses_later(&self, least: usize) {
        if let Some(pending) = self.uses.take(least) {
            let now = self.clock.now();
            drop(
                self.database
                    .write(Durability::Soon, move |connection| pending.write(connection, now)),
            );
        }
    }

    /// The queries that were asked most, most asked first: to ask them again after a start, before
    /// somebody waits for their answers.
    pub fn most_asked(&self, tenant: &TenantId, limit: usize) -> Result<Vec<(Query, u64)>, Error> {
        let found = self.read("list", |connection| {
            let mut statement = connection.prepare_cached(queries::QUERIES)?;
            let rows = statement.query_map((tenant.as_str(), rows::limit(limit)), |row| {
                let uses: i64 = row.get(1)?;
                Ok((row.get::<_, String>(0)?, u64::try_from(uses).unwrap_or(0)))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        // A query that an earlier version wrote in another form is not asked again.
        let parsed = found.into_iter().filter_map(|(request, uses)| {
            serde_json::from_str(&request).ok().map(|query| (query, uses))
        });
        Ok(parsed.collect())
    }

    /// Counts the uses.
    pub(super) fn note_use(&self, tenant: &TenantId, query: &Query, hits: &[Hit]) {
        self.uses.note(tenant, query, hits, self.clock.now());
        self.flush_uses_later(PENDING_MAX);
    }
}

impl Uses {
    fn note(&self, tenant: &TenantId, query: &Query, hits: &[Hit], now: Timestamp) {
        let mut pending = self.0.lock();
        for Hit { item, .. } in hits {
            let uses = pending.items.entry((tenant.clone(), item.id)).or_insert((0, now));
            *uses = (uses.0.saturating_add(1), now);
        }
        if let Ok(request) = serde_json::to_string(query) {
            *pending.queries.entry((tenant.clone(), request)).or_default() += 1;
        }
    }

    /// What was not written yet, if it is at least so much.
    fn take(&self, least: usize) -> Option<Pending> {
        let mut pending = self.0.lock();
        let is_enough = pending.items.len() + pending.queries.len() >= least;
        is_enough.then(|| std::mem::take(&mut *pending))
    }
}

impl Pending {
    fn write(&self, connection: &rusqlite::Connection, now: Timestamp) -> rusqlite::Result<()> {
        let mut count = connection.prepare_cached(queries::USE_ITEM)?;
        for ((tenant, id), (uses, used_at)) in &self.items {
            count.execute((id.get(), tenant.as_str(), uses, rows::millis(*used_at)))?;
        }
        let mut ask = connection.prepare_cached(queries::UPSERT_QUERY)?;
        for ((tenant, request), uses) in &self.queries {
            ask.execute((tenant.as_str(), request.as_str(), uses, rows::millis(now)))?;
        }
        let age = u64::try_from(QUERY_FOR.as_millis()).unwrap_or(u64::MAX);
        let oldest = Timestamp::from_millis(now.as_millis().saturating_sub(age));
        let mut forget = connection.prepare_cached(queries::DELETE_QUERIES)?;
        forget.execute([rows::millis(oldest)])?;
        Ok(())
    }
}
