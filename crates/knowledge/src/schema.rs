//! The tables of the knowledge store.

use storage::{Index, ListedQuery, Migration, Schema};

pub(crate) mod queries;

use queries as q;

macro_rules! index {
    ($name:literal, $on:literal) => {
        Index { name: $name, sql: concat!("CREATE INDEX IF NOT EXISTS ", $name, " ON ", $on) }
    };
}

macro_rules! listed {
    ($($name:literal = $sql:expr,)*) => {
        &[$(ListedQuery { name: $name, sql: $sql },)*]
    };
}

/// What the knowledge store keeps in its file: items, where they were learned, how they relate,
/// their vectors, how far each source was read, and what was given out. Times are milliseconds
/// since 1970.
pub static SCHEMA: Schema = Schema {
    name: "knowledge",
    migrations: &[
        Migration { version: 1, name: "items", sql: ITEMS },
        Migration { version: 2, name: "learning and use", sql: LEARNING },
        Migration { version: 3, name: "places of terms, late marks", sql: LATE_MARKS },
    ],
    indexes: &[
        index!("item_by_tenant", "item (tenant)"),
        index!("item_by_digest", "item (tenant, digest)"),
        index!("item_by_confirmation", "item (tenant, confirmed_at)"),
        index!("item_by_creation", "item (tenant, created_at)"),
        index!("item_by_project", "item (tenant, project, confirmed_at)"),
        index!("item_by_kind", "item (tenant, kind, confirmed_at)"),
        index!("item_by_intent", "item (tenant, intent, confirmed_at)"),
        index!("item_by_status", "item (tenant, status, confirmed_at)"),
        index!("item_by_project_kind", "item (tenant, project, kind, confirmed_at)"),
        index!("item_by_use", "item (tenant, accesses)"),
        index!("item_by_access", "item (tenant, accessed_at) WHERE accessed_at IS NOT NULL"),
        index!("item_by_confidence", "item (tenant, confidence)"),
        index!("item_by_end", "item (tenant, valid_until) WHERE valid_until IS NOT NULL"),
        index!("source_by_name", "source (tenant, name, line)"),
        index!("source_by_time", "source (tenant, seen_at)"),
        index!("relation_by_other", "relation (other_id, kind)"),
        index!("relation_by_kind", "relation (tenant, kind, created_at)"),
        index!("vector_by_model", "vector (model, item_id)"),
        index!("lesson_by_time", "lesson (tenant, learned_at)"),
        index!("recalled_by_time", "recalled (recalled_at)"),
        index!("query_by_use", "query (tenant, uses)"),
        index!("query_by_time", "query (used_at)"),
    ],
    queries: listed! {
        "show an item" = q::ITEM,
        "find equal items" = q::ITEM_BY_DIGEST,
        "list the newest items" = q::LIST_NEWEST,
        "list the oldest items" = q::LIST_OLDEST,
        "list the items of a project" = q::LIST_PROJECT,
        "list the items of a kind" = q::LIST_KIND,
        "list the items of a project and kind" = q::LIST_PROJECT_KIND,
        "list the items of an intent" = q::LIST_INTENT,
        "list the items of a status" = q::LIST_STATUS,
        "list the most used items" = q::LIST_MOST_USED,
        "list the items used last" = q::LIST_LAST_USED,
        "list the least sure items" = q::LIST_LEAST_SURE,
        "list the items that end" = q::LIST_ENDING,
        "list the items stored last" = q::LIST_CREATED,
        "count the items of each status" = q::COUNT_STATUS,
        "count the items of each kind" = q::COUNT_KIND,
        "count the items of each project" = q::COUNT_PROJECT,
        "walk all items" = q::WALK,
        "search the text" = q::MATCH,
        "count the items with a term" = q::COUNT_TERM,
        "list the places of a term" = q::POSTINGS,
        "measure a text" = q::LENGTH,
        "measure all texts" = q::TOTALS,
        "list the sources of an item" = q::SOURCES,
        "list what was learned from a source" = q::ITEMS_OF_SOURCE,
        "list the sources seen last" = q::SOURCES_LAST,
        "list the relations of an item" = q::RELATIONS,
        "list the relations to an item" = q::RELATIONS_TO,
        "list the relations of a kind" = q::RELATIONS_OF_KIND,
        "read a vector" = q::VECTOR,
        "read the vectors of an item" = q::VECTORS_OF,
        "walk the texts of all items" = q::WALK_TEXTS,
        "walk the vectors of a model" = q::WALK_VECTORS,
        "walk the items without a vector" = q::WALK_WITHOUT_VECTOR,
        "find a lesson" = q::LESSON,
        "list the lessons" = q::LESSONS,
        "list what was used since" = q::USED_SINCE,
        "find until when uses are marked" = q::MARKED_UNTIL,
        "find a recalled shingle" = q::RECALLED,
        "forget old recalled shingles" = q::DELETE_RECALLED,
        "find a forgotten text" = q::FORGOTTEN,
        "list the most used queries" = q::QUERIES,
        "forget old queries" = q::DELETE_QUERIES,
    },
};

/// Identifiers in `item_text` are in the form of `terms`; its rowid is the item's. It keeps no text
/// of its own.
const ITEMS: &str = "
CREATE TABLE item (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    project TEXT,
    kind TEXT NOT NULL,
    intent TEXT,
    status TEXT NOT NULL,
    confidence REAL NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_until INTEGER,
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL,
    accessed_at INTEGER,
    accesses INTEGER NOT NULL DEFAULT 0,
    digest BLOB NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE item_text USING fts5(
    title, body, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0'
);
CREATE VIRTUAL TABLE item_term USING fts5vocab('item_text', 'row');
INSERT INTO item_text (item_text, rank) VALUES ('rank', 'bm25(2.0, 1.0)');
CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    item_id INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    line INTEGER NOT NULL,
    section TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    UNIQUE (item_id, name, section)
) STRICT;
CREATE TABLE relation (
    item_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    other_id INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (item_id, kind, other_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE vector (
    id INTEGER PRIMARY KEY,
    item_id INTEGER NOT NULL,
    model TEXT NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (item_id, model)
) STRICT;
";

const LEARNING: &str = "
CREATE TABLE lesson (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    line INTEGER NOT NULL,
    digest BLOB NOT NULL,
    learned_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE recalled (
    tenant TEXT NOT NULL,
    shingle INTEGER NOT NULL,
    recalled_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, shingle)
) STRICT, WITHOUT ROWID;
CREATE TABLE forgotten (
    tenant TEXT NOT NULL,
    digest BLOB NOT NULL,
    forgotten_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, digest)
) STRICT, WITHOUT ROWID;
CREATE TABLE query (
    tenant TEXT NOT NULL,
    request TEXT NOT NULL,
    uses INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, request)
) STRICT, WITHOUT ROWID;
";

const LATE_MARKS: &str = "
CREATE VIRTUAL TABLE item_posting USING fts5vocab('item_text', 'instance');
CREATE TABLE marking (
    tenant TEXT PRIMARY KEY,
    marked_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";
