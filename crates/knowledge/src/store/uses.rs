//! What was given out, how often, and what was asked for.

use std::collections::BTreeSet;
use std::time::Duration;

use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
use storage::Durability;
use types::{TenantId, Timestamp};

use super::{Store, rows};
use crate::recall;
use crate::schema::queries;
use crate::{Error, Hit, ItemId, Query};

/// Uses that are kept in memory before they are written: each write makes all readers read their
/// pages again.
const PENDING_MAX: usize = 256;

/// How long what was given out is recognised when it is read again.
const RECALLED_FOR: Duration = Duration::from_secs(180 * 86_400);

/// How old a mark may be before it is made anew.
const MARK_FOR: Duration = Duration::from_secs(30 * 86_400);

/// How long a query that nobody asks is remembered.
const QUERY_FOR: Duration = Duration::from_secs(90 * 86_400);

/// Uses that were not written yet, and items whose text is marked or will be with them.
#[derive(Debug, Default)]
pub(super) struct Uses {
    pending: Mutex<Pending>,
    marked: Mutex<FxHashSet<(TenantId, ItemId, Timestamp)>>,
}

#[derive(Debug, Default)]
struct Pending {
    items: FxHashMap<(TenantId, ItemId), (u32, Timestamp)>,
    queries: FxHashMap<(TenantId, String), u32>,
    /// What was given out for the first time since it was last changed.
    given_out: Vec<(TenantId, String)>,
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

    /// Counts the uses, and remembers what is given out for the first time.
    pub(super) fn note_use(&self, tenant: &TenantId, query: &Query, hits: &[Hit]) {
        self.uses.note(tenant, query, hits, self.clock.now());
        self.flush_uses_later(PENDING_MAX);
    }
}

impl Uses {
    fn note(&self, tenant: &TenantId, query: &Query, hits: &[Hit], now: Timestamp) {
        let mut marked = self.marked.lock();
        let mut pending = self.pending.lock();
        for Hit { item, .. } in hits {
            let uses = pending.items.entry((tenant.clone(), item.id)).or_insert((0, now));
            *uses = (uses.0.saturating_add(1), now);
            if marked.insert((tenant.clone(), item.id, item.confirmed_at)) {
                pending.given_out.push((tenant.clone(), item.content.clone()));
            }
        }
        if let Ok(request) = serde_json::to_string(query) {
            *pending.queries.entry((tenant.clone(), request)).or_default() += 1;
        }
    }

    /// What was not written yet, if it is at least so much.
    fn take(&self, least: usize) -> Option<Pending> {
        let mut pending = self.pending.lock();
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
        let before = |age: Duration| {
            let millis =
                now.as_millis().saturating_sub(u64::try_from(age.as_millis()).unwrap_or(0));
            rows::millis(Timestamp::from_millis(millis))
        };
        let mut mark = connection.prepare_cached(queries::UPSERT_RECALLED)?;
        for (tenant, shingle) in self.shingles() {
            mark.execute((tenant.as_str(), shingle, rows::millis(now), before(MARK_FOR)))?;
        }
        connection.prepare_cached(queries::DELETE_RECALLED)?.execute([before(RECALLED_FOR)])?;
        connection.prepare_cached(queries::DELETE_QUERIES)?.execute([before(QUERY_FOR)])?;
        Ok(())
    }

    /// The shingles of what was given out, in the order of the table, so that each page of it is
    /// changed once.
    fn shingles(&self) -> BTreeSet<(&TenantId, i64)> {
        let mut shingles = BTreeSet::new();
        for (tenant, content) in &self.given_out {
            shingles.extend(recall::shingles(content).into_iter().map(|shingle| (tenant, shingle)));
        }
        shingles
    }
}
