//! Rows as values, and values as rows.

use std::str::FromStr;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};
use types::{ProjectId, TenantId, Timestamp};

use crate::schema::queries;
use crate::{
    Confidence, Draft, Embedding, Item, ItemId, Relation, RelationKind, Source, Status, Validity,
    terms,
};

/// The bytes of a digest that are kept.
pub(super) const DIGEST_BYTES: usize = 16;

/// A moment as stored.
pub(super) fn millis(moment: Timestamp) -> i64 {
    i64::try_from(moment.as_millis()).unwrap_or(i64::MAX)
}

/// A moment from what is stored.
pub(super) fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// A count as SQLite takes it.
pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// What texts that differ in nothing but case, white space and marks have in common.
pub(crate) fn digest(text: &str) -> [u8; DIGEST_BYTES] {
    let mut hasher = blake3::Hasher::new();
    for word in text.split(|letter: char| letter.is_whitespace()) {
        let bare: String = word
            .chars()
            .filter(|letter| !matches!(letter, '.' | ',' | ';' | '!' | '?' | '"' | '*' | '`'))
            .flat_map(char::to_lowercase)
            .collect();
        if !bare.is_empty() {
            hasher.update(bare.as_bytes()).update(b" ");
        }
    }
    let mut digest = [0; DIGEST_BYTES];
    hasher.finalize_xof().fill(&mut digest);
    digest
}

/// Reads a column whose text must be one of a type's names.
fn parsed<T: FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text = row.get_ref(column)?.as_str()?;
    text.parse().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })
}

fn parsed_option<T: FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    if row.get_ref(column)? == rusqlite::types::ValueRef::Null {
        return Ok(None);
    }
    parsed(row, column).map(Some)
}

/// Reads the columns of an item.
pub(super) fn read_item(row: &Row<'_>) -> rusqlite::Result<Item> {
    let from = moment(row.get(6)?);
    let until = row.get::<_, Option<i64>>(7)?.map(moment);
    let validity = until.map_or(Ok(Validity::since(from)), |until| Validity::between(from, until));
    Ok(Item {
        id: ItemId::new(row.get(0)?),
        kind: parsed(row, 1)?,
        project: parsed_option(row, 2)?,
        intent: parsed_option(row, 3)?,
        status: parsed(row, 4)?,
        confidence: Confidence::nearest(row.get(5)?),
        validity: validity.map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(7, Type::Integer, Box::new(error))
        })?,
        created_at: moment(row.get(8)?),
        confirmed_at: moment(row.get(9)?),
        accessed_at: row.get::<_, Option<i64>>(10)?.map(moment),
        accesses: u64::try_from(row.get::<_, i64>(11)?).unwrap_or(0),
        title: row.get(12)?,
        content: row.get(13)?,
    })
}

/// Reads the columns of a source.
pub(super) fn read_source(row: &Row<'_>) -> rusqlite::Result<Source> {
    Ok(Source {
        name: row.get(0)?,
        line: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
        section: row.get(2)?,
        seen_at: moment(row.get(3)?),
    })
}

/// Reads the columns of a relation.
pub(super) fn read_relation(row: &Row<'_>) -> rusqlite::Result<Relation> {
    Ok(Relation {
        item: ItemId::new(row.get(0)?),
        kind: parsed::<RelationKind>(row, 1)?,
        other: ItemId::new(row.get(2)?),
        created_at: moment(row.get(3)?),
    })
}

/// The item of this number, where it is the tenant's.
pub(super) fn item(
    connection: &Connection,
    tenant: &TenantId,
    id: ItemId,
) -> rusqlite::Result<Option<Item>> {
    let mut statement = connection.prepare_cached(queries::ITEM)?;
    statement.query_row((id.get(), tenant.as_str()), read_item).optional()
}

/// The latest item with this text.
pub(super) fn item_by_digest(
    connection: &Connection,
    tenant: &TenantId,
    digest: &[u8],
    project: Option<&ProjectId>,
) -> rusqlite::Result<Option<Item>> {
    let mut statement = connection.prepare_cached(queries::ITEM_BY_DIGEST)?;
    let parameters = (tenant.as_str(), digest, project.map(ProjectId::as_str));
    statement.query_row(parameters, read_item).optional()
}

/// Where the item was learned.
pub(super) fn sources(connection: &Connection, id: ItemId) -> rusqlite::Result<Vec<Source>> {
    let mut statement = connection.prepare_cached(queries::SOURCES)?;
    let rows = statement.query_map([id.get()], read_source)?;
    rows.collect()
}

/// Stores a draft as an item, with its text and its source.
pub(super) fn insert(
    connection: &Connection,
    tenant: &TenantId,
    draft: &Draft,
    now: Timestamp,
) -> rusqlite::Result<Item> {
    let digest = digest(&draft.text());
    connection.prepare_cached(queries::INSERT_ITEM)?.execute((
        tenant.as_str(),
        draft.project.as_ref().map(ProjectId::as_str),
        draft.kind.name(),
        draft.intent.map(crate::Intent::name),
        Status::Current.name(),
        draft.confidence.get(),
        millis(draft.validity.from()),
        draft.validity.until().map(millis),
        millis(now),
        millis(draft.seen_at()),
        digest.as_slice(),
        draft.title.as_str(),
        draft.content.as_str(),
    ))?;
    let id = ItemId::new(connection.last_insert_rowid());
    insert_text(connection, id, &draft.title, &draft.content)?;
    add_source(connection, tenant, id, &draft.source)?;
    Ok(Item {
        id,
        kind: draft.kind.clone(),
        project: draft.project.clone(),
        intent: draft.intent,
        title: draft.title.clone(),
        content: draft.content.clone(),
        confidence: draft.confidence,
        status: Status::Current,
        validity: draft.validity,
        created_at: now,
        confirmed_at: draft.seen_at(),
        accessed_at: None,
        accesses: 0,
    })
}

/// Makes the text of an item findable.
pub(super) fn insert_text(
    connection: &Connection,
    id: ItemId,
    title: &str,
    content: &str,
) -> rusqlite::Result<()> {
    connection.prepare_cached(queries::INSERT_TEXT)?.execute((
        id.get(),
        terms::indexed(title),
        terms::indexed(content),
    ))?;
    Ok(())
}

/// Makes the texts of all items findable anew; returns how many there are.
pub(super) fn rebuild_texts(connection: &Connection) -> rusqlite::Result<usize> {
    connection.execute(queries::DELETE_TEXTS, [])?;
    let mut walk = connection.prepare_cached(queries::WALK_TEXTS)?;
    let (mut last, mut count) = (0, 0);
    loop {
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let texts = walk.query_map([last], read)?;
        let texts = texts.collect::<rusqlite::Result<Vec<(i64, String, String)>>>()?;
        let Some((end, ..)) = texts.last() else { return Ok(count) };
        last = *end;
        count += texts.len();
        for (id, title, content) in &texts {
            insert_text(connection, ItemId::new(*id), title, content)?;
        }
    }
}

/// Writes what may change of an item, and its text.
pub(super) fn update(
    connection: &Connection,
    tenant: &TenantId,
    item: &Item,
) -> rusqlite::Result<()> {
    let digest = digest(&item.text());
    connection.prepare_cached(queries::UPDATE_ITEM)?.execute((
        item.id.get(),
        tenant.as_str(),
        item.project.as_ref().map(ProjectId::as_str),
        item.kind.name(),
        item.intent.map(crate::Intent::name),
        item.status.name(),
        item.confidence.get(),
        millis(item.validity.from()),
        item.validity.until().map(millis),
        millis(item.confirmed_at),
        digest.as_slice(),
        item.title.as_str(),
        item.content.as_str(),
    ))?;
    connection.prepare_cached(queries::DELETE_TEXT)?.execute([item.id.get()])?;
    insert_text(connection, item.id, &item.title, &item.content)
}

/// Deletes an item and all that hangs on it.
pub(super) fn delete(
    connection: &Connection,
    tenant: &TenantId,
    id: ItemId,
) -> rusqlite::Result<()> {
    connection.prepare_cached(queries::DELETE_ITEM)?.execute((id.get(), tenant.as_str()))?;
    for query in [
        queries::DELETE_TEXT,
        queries::DELETE_SOURCES,
        queries::DELETE_RELATIONS,
        queries::DELETE_VECTORS,
    ] {
        connection.prepare_cached(query)?.execute([id.get()])?;
    }
    Ok(())
}

/// Adds a source to an item; says whether it had none of that name and section.
pub(super) fn add_source(
    connection: &Connection,
    tenant: &TenantId,
    id: ItemId,
    source: &Source,
) -> rusqlite::Result<bool> {
    let is_known = connection.prepare_cached(queries::HAS_SOURCE)?.exists((
        id.get(),
        source.name.as_str(),
        source.section.as_str(),
    ))?;
    connection.prepare_cached(queries::UPSERT_SOURCE)?.execute((
        id.get(),
        tenant.as_str(),
        source.name.as_str(),
        i64::try_from(source.line).unwrap_or(i64::MAX),
        source.section.as_str(),
        millis(source.seen_at),
    ))?;
    Ok(!is_known)
}

/// Stores the relation of a new item to an older one.
pub(super) fn relate(
    connection: &Connection,
    tenant: &TenantId,
    relation: Relation,
) -> rusqlite::Result<()> {
    connection.prepare_cached(queries::INSERT_RELATION)?.execute((
        relation.item.get(),
        relation.kind.name(),
        relation.other.get(),
        tenant.as_str(),
        millis(relation.created_at),
    ))?;
    Ok(())
}

/// Stores the vector of an item in the place of an older one of the same model.
pub(super) fn put_vector(
    connection: &Connection,
    id: ItemId,
    embedding: &Embedding,
) -> rusqlite::Result<()> {
    connection.prepare_cached(queries::UPSERT_VECTOR)?.execute((
        id.get(),
        embedding.model().as_str(),
        embedding.bytes(),
    ))?;
    Ok(())
}
