//! Taking what is known out and in again, a line of JSON for each item.

use std::io::{BufRead, Write};

use data_encoding::BASE64;
use rusqlite::Connection;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use types::{ModelId, ProjectId, TenantId};

use super::{Store, list, rows};
use crate::schema::queries;
use crate::{Embedding, Error, Item, ItemId, Relation, Source};

/// Items of one transaction.
const BATCH: usize = 500;

/// A line of an export: an item and all that belongs to it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    item: Item,
    sources: Vec<Source>,
    /// Those to older items.
    relations: Vec<Relation>,
    vectors: Vec<Vector>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    model: ModelId,
    /// Little-endian f32 in base 64.
    values: String,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Items that were stored.
    pub added: u64,
    /// Items that were there already, text for text.
    pub known: u64,
}

impl Store {
    /// Writes every item of the tenant with its sources, relations and vectors, ascending by number,
    /// one JSON object a line. Returns how many.
    ///
    /// What is given out and asked while it runs is not part of it or is, item by item.
    pub fn export(&self, tenant: &TenantId, to: &mut dyn Write) -> Result<u64, Error> {
        let failed =
            |source| Error::Io { operation: "write", name: "the export".to_owned(), source };
        self.flush_uses()?;
        let (mut count, mut after) = (0, None);
        loop {
            let lines = self.read("export", |connection| lines(connection, tenant, after))?;
            let Some(last) = lines.last() else { break };
            after = Some(last.item.id);
            for line in &lines {
                serde_json::to_writer(&mut *to, line).map_err(|error| failed(error.into()))?;
                to.write_all(b"\n").map_err(failed)?;
                count += 1;
            }
        }
        to.flush().map_err(failed)?;
        Ok(count)
    }

    /// Stores what an export holds, a few hundred items at a time: as it was, numbers included where
    /// they are free. Items whose text is there already are left as they are, so that an import that
    /// was cut short can be repeated.
    ///
    /// # Errors
    /// [`Error::Record`] names the line that cannot be read; what came before it is stored.
    pub fn import(&self, tenant: &TenantId, from: &mut dyn BufRead) -> Result<Imported, Error> {
        let mut imported = Imported::default();
        let mut numbers = FxHashMap::default();
        let mut batch = Vec::with_capacity(BATCH);
        for (line, text) in (1..).zip(from.lines()) {
            let text = text.map_err(|source| Error::Io {
                operation: "read",
                name: "the import".to_owned(),
                source,
            })?;
            if text.trim().is_empty() {
                continue;
            }
            batch.push(
                serde_json::from_str(&text).map_err(|source| Error::Record { line, source })?,
            );
            if batch.len() == BATCH {
                numbers =
                    self.import_batch(tenant, std::mem::take(&mut batch), numbers, &mut imported)?;
            }
        }
        self.import_batch(tenant, batch, numbers, &mut imported)?;
        Ok(imported)
    }

    fn import_batch(
        &self,
        tenant: &TenantId,
        batch: Vec<Line>,
        mut numbers: FxHashMap<ItemId, ItemId>,
        imported: &mut Imported,
    ) -> Result<FxHashMap<ItemId, ItemId>, Error> {
        let mut decoded = Vec::with_capacity(batch.len());
        for line in batch {
            let vectors = line.vectors.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
            decoded.push((line, vectors));
        }
        let owner = tenant.clone();
        let (added, known, numbers) = self.write("import", move |connection| {
            let mut added = Vec::new();
            let mut known = 0;
            for (line, vectors) in decoded {
                let old = line.item.id;
                match restore(connection, &owner, line, &vectors, &numbers)? {
                    Restored::Added(item) => {
                        numbers.insert(old, item.id);
                        added.push(item);
                    }
                    Restored::Known(id) => {
                        numbers.insert(old, id);
                        known += 1;
                    }
                }
            }
            Ok((added, known, numbers))
        })?;
        imported.added += u64::try_from(added.len()).unwrap_or(u64::MAX);
        imported.known += known;
        self.cache.touch(tenant, &added.iter().map(|item| (item, None)).collect::<Vec<_>>());
        Ok(numbers)
    }
}

fn decode(vector: &Vector) -> Result<Embedding, Error> {
    let bytes = BASE64
        .decode(vector.values.as_bytes())
        .map_err(|_| Error::Value { what: "a vector of an export", rule: "base 64" })?;
    Embedding::from_bytes(vector.model.clone(), &bytes)
}

fn lines(
    connection: &Connection,
    tenant: &TenantId,
    after: Option<ItemId>,
) -> rusqlite::Result<Vec<Line>> {
    let items = list::walk(connection, tenant, after, BATCH)?;
    let mut relations = connection.prepare_cached(queries::RELATIONS)?;
    let mut vectors = connection.prepare_cached(queries::VECTORS_OF)?;
    let line = |item: Item| {
        let id = item.id.get();
        let vector = |row: &rusqlite::Row<'_>| {
            let model: String = row.get(0)?;
            let model = ModelId::new(&model).map_err(|error| {
                let kind = rusqlite::types::Type::Text;
                rusqlite::Error::FromSqlConversionFailure(0, kind, Box::new(error))
            })?;
            Ok(Vector { model, values: BASE64.encode(row.get_ref(1)?.as_blob()?) })
        };
        Ok(Line {
            sources: rows::sources(connection, item.id)?,
            relations: relations.query_map([id], rows::read_relation)?.collect::<Result<_, _>>()?,
            vectors: vectors.query_map([id], vector)?.collect::<Result<_, _>>()?,
            item,
        })
    };
    items.into_iter().map(line).collect()
}

enum Restored {
    Added(Item),
    Known(ItemId),
}

fn restore(
    connection: &Connection,
    tenant: &TenantId,
    line: Line,
    vectors: &[Embedding],
    numbers: &FxHashMap<ItemId, ItemId>,
) -> rusqlite::Result<Restored> {
    let mut item = line.item;
    let digest = rows::digest(&item.text());
    if let Some(known) = rows::item_by_digest(connection, tenant, &digest, item.project.as_ref())? {
        return Ok(Restored::Known(known.id));
    }
    let is_taken = connection.prepare_cached(queries::HAS_ITEM)?.exists([item.id.get()])?;
    connection.prepare_cached(queries::RESTORE_ITEM)?.execute((
        (!is_taken).then_some(item.id.get()),
        tenant.as_str(),
        item.project.as_ref().map(ProjectId::as_str),
        item.kind.name(),
        item.intent.map(crate::Intent::name),
        item.status.name(),
        item.confidence.get(),
        rows::millis(item.validity.from()),
        item.validity.until().map(rows::millis),
        rows::millis(item.created_at),
        rows::millis(item.confirmed_at),
        item.accessed_at.map(rows::millis),
        i64::try_from(item.accesses).unwrap_or(i64::MAX),
        digest.as_slice(),
        item.title.as_str(),
        item.content.as_str(),
    ))?;
    item.id = ItemId::new(connection.last_insert_rowid());
    rows::insert_text(connection, item.id, &item.title, &item.content)?;
    for source in &line.sources {
        rows::add_source(connection, tenant, item.id, source)?;
    }
    for embedding in vectors {
        rows::put_vector(connection, item.id, embedding)?;
    }
    for relation in line.relations {
        // A relation leads to an older item, which came before.
        if let Some(other) = numbers.get(&relation.other) {
            let relation = Relation { item: item.id, other: *other, ..relation };
            rows::relate(connection, tenant, relation)?;
        }
    }
    Ok(Restored::Added(item))
}
