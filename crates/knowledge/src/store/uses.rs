//! What was given out, how often, and what was asked for.

use std::time::Duration;

use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
use storage::Durability;
use types::{TenantId, Timestamp};

use super::{Store, rows};
use crate::recall;
use crate::schema::queries;
use crate::{Error, Hit, ItemId, Query};

/// Uses that are kept in memory before they are written.
const PENDING_MAX: usize = 256;

/// How long what was given out is recognised when it is read again.
const RECALLED_FOR: Duration = Duration::from_secs(180 * 86_400);

/// How long a query that nobody asks is remembered.
const QUERY_FOR: Duration = Duration::from_secs(90 * 86_400);

/// Uses that were not written yet, and items whose text is marked.
#[derive(Debug, Default)]
pub(super) struct Uses {
    pending: Mutex<Pending>,
    marked: Mutex<FxHashSet<(TenantId, ItemId, Timestamp)>>,
}

#[derive(Debug, Default)]
struct Pending {
    items: FxHashMap<(TenantId, ItemId), (u32, Timestamp)>,
    queries: FxHashMap<(TenantId, String), u32>,
}

impl Store {
    /// Writes how often items were given out and queries were asked, which is otherwise done every
    /// few hundred uses and when the store is closed. A process that dies loses those few counts.
    pub fn flush_uses(&self) -> Result<(), Error> {
        let pending = std::mem::take(&mut *self.uses.pending.lock());
        if pending.items.is_empty() && pending.queries.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        self.write("count uses", move |connection| pending.write(connection, now))
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

    /// Counts the uses, and marks what is given out for the first time as such before it is.
    pub(super) fn note_use(
        &self,
        tenant: &TenantId,
        query: &Query,
        hits: &[Hit],
    ) -> Result<(), Error> {
        self.mark(tenant, hits)?;
        let now = self.clock.now();
        let is_full = {
            let mut pending = self.uses.pending.lock();
            for hit in hits {
                let uses = pending.items.entry((tenant.clone(), hit.item.id)).or_insert((0, now));
                *uses = (uses.0.saturating_add(1), now);
            }
            if let Ok(request) = serde_json::to_string(query) {
                *pending.queries.entry((tenant.clone(), request)).or_default() += 1;
            }
            pending.items.len() + pending.queries.len() >= PENDING_MAX
        };
        if is_full { self.flush_uses() } else { Ok(()) }
    }

    /// Queues the marks of what was not marked since it was last changed. Whatever is learned
    /// afterwards is written after them.
    fn mark(&self, tenant: &TenantId, hits: &[Hit]) -> Result<(), Error> {
        let new: Vec<String> = {
            let mut marked = self.uses.marked.lock();
            let is_new =
                |hit: &&Hit| marked.insert((tenant.clone(), hit.item.id, hit.item.confirmed_at));
            hits.iter().filter(is_new).map(|hit| hit.item.content.clone()).collect()
        };
        if new.is_empty() {
            return Ok(());
        }
        let (owner, now) = (tenant.clone(), rows::millis(self.clock.now()));
        let marking = self.database.write(Durability::Soon, move |connection| {
            let mut mark = connection.prepare_cached(queries::UPSERT_RECALLED)?;
            for shingle in new.iter().flat_map(|content| recall::shingles(content)) {
                mark.execute((owner.as_str(), shingle, now))?;
            }
            Ok(())
        });
        // Nobody who searches waits for the disk; a failure shows with the next write.
        drop(marking);
        Ok(())
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
        connection.prepare_cached(queries::DELETE_RECALLED)?.execute([before(RECALLED_FOR)])?;
        connection.prepare_cached(queries::DELETE_QUERIES)?.execute([before(QUERY_FOR)])?;
        Ok(())
    }
}
