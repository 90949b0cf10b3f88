//! Everything that is known, in one file.

mod add;
mod lessons;
mod list;
mod marks;
mod portable;
mod retrieve;
mod rows;
#[cfg(test)]
mod tests;
mod text_ranker;
mod uses;
mod vectors;

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use storage::{Database, Durability, QueryPlan, Settings};
use types::{Clock, TenantId};

use crate::query_cache::QueryCache;
use crate::schema::{SCHEMA, queries};
use crate::{Draft, Error, Item, ItemId, Relation, Source};
use rows::{millis, read_relation, read_source};
use text_ranker::TextRanker;
use uses::Uses;

pub use list::{Counts, Order, Page};
pub use portable::Imported;
pub use retrieve::{Matches, Near};
pub use vectors::VectorRow;

/// Everything that is known, in one file. Clones share it.
///
/// Each function names the tenant whose knowledge it sees; nothing is found without one. A function
/// that writes returns when what it wrote survives a power loss.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    clock: Clock,
    cache: Arc<QueryCache>,
    ranker: Arc<TextRanker>,
    uses: Arc<Uses>,
}

/// An item with where it was learned and how it relates to others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// The item.
    pub item: Item,
    /// Where it was learned, ordered by name.
    pub sources: Vec<Source>,
    /// Its relations to others and those of others to it.
    pub relations: Vec<Relation>,
}

impl Store {
    /// Opens the file, creates it where it is lacking.
    pub fn open(path: &Path, clock: Clock) -> Result<Self, Error> {
        Self::open_with(path, clock, &Settings::default())
    }

    /// Opens the file with the database's own settings.
    pub fn open_with(path: &Path, clock: Clock, settings: &Settings) -> Result<Self, Error> {
        let database = Database::open(path, &SCHEMA, settings).map_err(Error::store("open"))?;
        let cache = Arc::new(QueryCache::new(clock.clone()));
        Ok(Self { database, clock, cache, ranker: Arc::default(), uses: Arc::default() })
    }

    /// How the database would run each listed query.
    pub fn verify_queries(&self) -> Result<Vec<QueryPlan>, Error> {
        self.database.verify_queries().map_err(Error::store("verify"))
    }

    /// Writes a consistent copy to `target`, where there must be nothing.
    pub fn backup_to(&self, target: &Path) -> Result<(), Error> {
        self.flush_uses()?;
        self.database.backup_to(target).map_err(Error::store("back up"))
    }

    /// Writes what is waiting and closes the file, for all clones.
    pub fn close(self) -> Result<(), Error> {
        self.flush_uses()?;
        self.database.close().map_err(Error::store("close"))
    }

    /// An item and its relations.
    ///
    /// # Errors
    /// [`Error::Missing`] where the tenant has no such item.
    pub fn show(&self, tenant: &TenantId, id: ItemId) -> Result<Shown, Error> {
        let found = self.read("show", |connection| {
            let Some(item) = rows::item(connection, tenant, id)? else { return Ok(None) };
            let mut relations = Vec::new();
            for query in [queries::RELATIONS, queries::RELATIONS_TO] {
                let mut statement = connection.prepare_cached(query)?;
                let rows = statement.query_map([id.get()], read_relation)?;
                relations.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
            }
            Ok(Some(Shown { item, sources: rows::sources(connection, id)?, relations }))
        })?;
        found.ok_or(Error::Missing { id })
    }

    /// Puts `draft` in the place of what the item says, keeps its uses and relations, and drops its
    /// vectors, which are of the old text; the draft's source is added.
    ///
    /// # Errors
    /// [`Error::Missing`] where the tenant has no such item.
    pub fn edit(&self, tenant: &TenantId, id: ItemId, draft: &Draft) -> Result<Item, Error> {
        let (owner, draft, now) = (tenant.clone(), draft.clone(), self.clock.now());
        self.flush_uses_later(1);
        let edited = self.write("edit", move |connection| {
            let Some(mut item) = rows::item(connection, &owner, id)? else { return Ok(None) };
            marks::keep(connection, &owner, &item, now)?;
            let before = item.clone();
            item.kind = draft.kind;
            item.project = draft.project;
            item.intent = draft.intent;
            item.title = draft.title;
            item.content = draft.content;
            item.confidence = draft.confidence;
            item.validity = draft.validity;
            item.confirmed_at = now;
            rows::update(connection, &owner, &item)?;
            rows::add_source(connection, &owner, id, &draft.source)?;
            connection.prepare_cached(queries::DELETE_VECTORS)?.execute([id.get()])?;
            Ok(Some((before, item)))
        })?;
        let (before, item) = edited.ok_or(Error::Missing { id })?;
        self.ranker.text_changed(id);
        self.cache.touch(tenant, &[(&before, None), (&item, None)]);
        Ok(item)
    }

    /// Says that a conflict or an old item is settled: it holds, as of now.
    ///
    /// # Errors
    /// [`Error::Missing`] where the tenant has no such item.
    pub fn confirm(&self, tenant: &TenantId, id: ItemId) -> Result<Item, Error> {
        let (owner, now) = (tenant.clone(), self.clock.now());
        let confirmed = self.write("confirm", move |connection| {
            let Some(mut item) = rows::item(connection, &owner, id)? else { return Ok(None) };
            item.status = crate::Status::Current;
            item.validity = crate::Validity::since(item.validity.from());
            item.confirmed_at = now;
            rows::update(connection, &owner, &item)?;
            Ok(Some(item))
        })?;
        let item = confirmed.ok_or(Error::Missing { id })?;
        self.cache.touch(tenant, &[(&item, None)]);
        Ok(item)
    }

    /// Deletes an item with its sources, relations and vectors, and remembers a digest of its text
    /// so that it is not learned again. Returns what was deleted.
    ///
    /// # Errors
    /// [`Error::Missing`] where the tenant has no such item.
    pub fn forget(&self, tenant: &TenantId, id: ItemId) -> Result<Item, Error> {
        let (owner, now) = (tenant.clone(), self.clock.now());
        self.flush_uses_later(1);
        let forgotten = self.write("forget", move |connection| {
            let Some(item) = rows::item(connection, &owner, id)? else { return Ok(None) };
            marks::keep(connection, &owner, &item, now)?;
            let digest = rows::digest(&item.text());
            connection.prepare_cached(queries::INSERT_FORGOTTEN)?.execute((
                owner.as_str(),
                digest.as_slice(),
                millis(now),
            ))?;
            rows::delete(connection, &owner, id)?;
            Ok(Some(item))
        })?;
        let item = forgotten.ok_or(Error::Missing { id })?;
        self.ranker.text_changed(id);
        self.cache.touch(tenant, &[(&item, None)]);
        Ok(item)
    }

    /// Makes the index of words anew from the items of all tenants, for those whose words were cut in
    /// another way when they were stored; returns how many there are. Answers that are kept are used
    /// until their time is over.
    pub fn rebuild_texts(&self) -> Result<usize, Error> {
        let rebuilt = self.write("rebuild the index of words", rows::rebuild_texts)?;
        self.ranker.texts_changed();
        Ok(rebuilt)
    }

    /// The sources of an item.
    pub fn sources(&self, tenant: &TenantId, id: ItemId) -> Result<Vec<Source>, Error> {
        self.show(tenant, id).map(|shown| shown.sources)
    }

    /// The items that were learned from the source of this name, in its order.
    pub fn items_of_source(&self, tenant: &TenantId, name: &str) -> Result<Vec<ItemId>, Error> {
        self.read("list", |connection| {
            let mut statement = connection.prepare_cached(queries::ITEMS_OF_SOURCE)?;
            let rows = statement.query_map((tenant.as_str(), name), |row| row.get(0))?;
            rows.map(|id| id.map(ItemId::new)).collect()
        })
    }

    /// The places that were seen last, newest first.
    pub fn latest_sources(&self, tenant: &TenantId, limit: usize) -> Result<Vec<Source>, Error> {
        self.read("list", |connection| {
            let mut statement = connection.prepare_cached(queries::SOURCES_LAST)?;
            let rows = statement.query_map((tenant.as_str(), rows::limit(limit)), read_source)?;
            rows.collect()
        })
    }

    /// The relations of a kind, newest first.
    pub fn relations(
        &self,
        tenant: &TenantId,
        kind: crate::RelationKind,
        limit: usize,
    ) -> Result<Vec<Relation>, Error> {
        self.read("list", |connection| {
            let mut statement = connection.prepare_cached(queries::RELATIONS_OF_KIND)?;
            let parameters = (tenant.as_str(), kind.name(), rows::limit(limit));
            let rows = statement.query_map(parameters, read_relation)?;
            rows.collect()
        })
    }

    fn read<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        self.database.read(work).map_err(Error::store(operation))
    }

    fn write<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        self.database.write(Durability::Synced, work).wait().map_err(Error::store(operation))
    }
}
