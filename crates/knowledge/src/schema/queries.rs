//! Every query of the store. The listed ones are checked to use an index.

/// The columns of an item, in the order in which rows are read.
macro_rules! item {
    ($rest:literal) => {
        concat!(
            "SELECT i.id, i.kind, i.project, i.intent, i.status, i.confidence, i.valid_from, \
             i.valid_until, i.created_at, i.confirmed_at, i.accessed_at, i.accesses, i.title, \
             i.content ",
            $rest
        )
    };
}

pub(crate) const ITEM: &str = item!("FROM item i WHERE i.id = ?1 AND i.tenant = ?2");
pub(crate) const ITEM_BY_DIGEST: &str = item!(
    "FROM item i WHERE i.tenant = ?1 AND i.digest = ?2 AND i.project IS ?3 ORDER BY i.id DESC LIMIT 1"
);
pub(crate) const LIST_NEWEST: &str =
    item!("FROM item i WHERE i.tenant = ?1 ORDER BY i.confirmed_at DESC, i.id DESC");
pub(crate) const LIST_OLDEST: &str =
    item!("FROM item i WHERE i.tenant = ?1 ORDER BY i.confirmed_at, i.id");
pub(crate) const LIST_CREATED: &str =
    item!("FROM item i WHERE i.tenant = ?1 ORDER BY i.created_at DESC, i.id DESC");
pub(crate) const LIST_MOST_USED: &str =
    item!("FROM item i WHERE i.tenant = ?1 ORDER BY i.accesses DESC, i.id DESC");
pub(crate) const LIST_LAST_USED: &str = item!(
    "FROM item i WHERE i.tenant = ?1 AND i.accessed_at IS NOT NULL \
     ORDER BY i.accessed_at DESC, i.id DESC"
);
pub(crate) const LIST_LEAST_SURE: &str =
    item!("FROM item i WHERE i.tenant = ?1 ORDER BY i.confidence, i.id");
pub(crate) const LIST_ENDING: &str = item!(
    "FROM item i WHERE i.tenant = ?1 AND i.valid_until IS NOT NULL ORDER BY i.valid_until, i.id"
);
pub(crate) const LIST_PROJECT: &str = item!(
    "FROM item i WHERE i.tenant = ?1 AND i.project = ?2 ORDER BY i.confirmed_at DESC, i.id DESC"
);
pub(crate) const LIST_KIND: &str = item!(
    "FROM item i WHERE i.tenant = ?1 AND i.kind = ?2 ORDER BY i.confirmed_at DESC, i.id DESC"
);
pub(crate) const LIST_INTENT: &str = item!(
    "FROM item i WHERE i.tenant = ?1 AND i.intent = ?2 ORDER BY i.confirmed_at DESC, i.id DESC"
);
pub(crate) const LIST_STATUS: &str = item!(
    "FROM item i WHERE i.tenant = ?1 AND i.status = ?2 ORDER BY i.confirmed_at DESC, i.id DESC"
);
pub(crate) const LIST_PROJECT_KIND: &str = item!(
    "FROM item i WHERE i.tenant = ?1 AND i.project = ?2 AND i.kind = ?3 \
     ORDER BY i.confirmed_at DESC, i.id DESC"
);
pub(crate) const WALK: &str =
    item!("FROM item i WHERE i.tenant = ?1 AND i.id > ?2 ORDER BY i.id LIMIT ?3");
pub(crate) const COUNT_STATUS: &str =
    "SELECT status, count(*) FROM item WHERE tenant = ?1 GROUP BY status";
pub(crate) const COUNT_KIND: &str =
    "SELECT kind, count(*) FROM item WHERE tenant = ?1 GROUP BY kind";
pub(crate) const COUNT_PROJECT: &str =
    "SELECT project, count(*) FROM item WHERE tenant = ?1 GROUP BY project";
pub(crate) const INSERT_ITEM: &str = "INSERT INTO item (tenant, project, kind, intent, status, confidence, valid_from, valid_until, \
     created_at, confirmed_at, digest, title, content) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
pub(crate) const UPDATE_ITEM: &str = "UPDATE item SET project = ?3, kind = ?4, intent = ?5, status = ?6, confidence = ?7, \
     valid_from = ?8, valid_until = ?9, confirmed_at = ?10, digest = ?11, title = ?12, \
     content = ?13 WHERE id = ?1 AND tenant = ?2";
pub(crate) const CONFIRM_ITEM: &str =
    "UPDATE item SET confirmed_at = max(confirmed_at, ?2) WHERE id = ?1";
pub(crate) const SET_STATUS: &str = "UPDATE item SET status = ?2 WHERE id = ?1";
pub(crate) const SUPERSEDE: &str = "UPDATE item SET status = 'superseded', \
     valid_until = max(valid_from, min(coalesce(valid_until, ?2), ?2)) WHERE id = ?1";
pub(crate) const RESTORE_ITEM: &str = "INSERT INTO item (id, tenant, project, kind, intent, status, confidence, valid_from, \
     valid_until, created_at, confirmed_at, accessed_at, accesses, digest, title, content) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
pub(crate) const HAS_ITEM: &str = "SELECT 1 FROM item WHERE id = ?1";
pub(crate) const DELETE_ITEM: &str = "DELETE FROM item WHERE id = ?1 AND tenant = ?2";
pub(crate) const USE_ITEM: &str = "UPDATE item SET accesses = accesses + ?3, accessed_at = max(coalesce(accessed_at, 0), ?4) \
     WHERE id = ?1 AND tenant = ?2";

/// Not sorted by SQLite: its sorter costs more than all else.
pub(crate) const MATCH: &str = "SELECT rowid, rank FROM item_text WHERE item_text MATCH ?1";
pub(crate) const COUNT_TERM: &str = "SELECT doc FROM item_term WHERE term = ?1";
pub(crate) const POSTINGS: &str = "SELECT doc, col FROM item_posting WHERE term = ?1";
/// What FTS5 keeps of each text and of all: <https://sqlite.org/fts5.html#appendix_a>.
pub(crate) const LENGTH: &str = "SELECT sz FROM item_text_docsize WHERE id = ?1";
pub(crate) const TOTALS: &str = "SELECT block FROM item_text_data WHERE id = 1";
pub(crate) const INSERT_TEXT: &str =
    "INSERT INTO item_text (rowid, title, body) VALUES (?1, ?2, ?3)";
pub(crate) const DELETE_TEXT: &str = "DELETE FROM item_text WHERE rowid = ?1";
pub(crate) const DELETE_TEXTS: &str = "INSERT INTO item_text (item_text) VALUES ('delete-all')";
pub(crate) const WALK_TEXTS: &str =
    "SELECT id, title, content FROM item WHERE id > ?1 ORDER BY id LIMIT 256";

pub(crate) const SOURCES: &str =
    "SELECT name, line, section, seen_at FROM source WHERE item_id = ?1 ORDER BY name, section";
pub(crate) const ITEMS_OF_SOURCE: &str =
    "SELECT item_id FROM source WHERE tenant = ?1 AND name = ?2 ORDER BY line";
pub(crate) const SOURCES_LAST: &str = "SELECT name, line, section, seen_at FROM source WHERE tenant = ?1 \
     ORDER BY seen_at DESC LIMIT ?2";
pub(crate) const HAS_SOURCE: &str =
    "SELECT 1 FROM source WHERE item_id = ?1 AND name = ?2 AND section = ?3";
pub(crate) const UPSERT_SOURCE: &str = "INSERT INTO source (item_id, tenant, name, line, section, seen_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
     ON CONFLICT (item_id, name, section) DO UPDATE SET line = excluded.line, \
     seen_at = max(seen_at, excluded.seen_at)";
pub(crate) const DELETE_SOURCES: &str = "DELETE FROM source WHERE item_id = ?1";

pub(crate) const RELATIONS: &str = "SELECT item_id, kind, other_id, created_at FROM relation WHERE item_id = ?1 \
     ORDER BY kind, other_id";
pub(crate) const RELATIONS_TO: &str = "SELECT item_id, kind, other_id, created_at FROM relation WHERE other_id = ?1 \
     ORDER BY kind, item_id";
pub(crate) const RELATIONS_OF_KIND: &str = "SELECT item_id, kind, other_id, created_at FROM relation WHERE tenant = ?1 AND kind = ?2 \
     ORDER BY created_at DESC LIMIT ?3";
pub(crate) const INSERT_RELATION: &str = "INSERT OR IGNORE INTO relation (item_id, kind, other_id, tenant, created_at) \
     VALUES (?1, ?2, ?3, ?4, ?5)";
pub(crate) const DELETE_RELATIONS: &str =
    "DELETE FROM relation WHERE item_id = ?1 OR other_id = ?1";

pub(crate) const VECTOR: &str = "SELECT vector FROM vector WHERE item_id = ?1 AND model = ?2";
pub(crate) const VECTORS_OF: &str =
    "SELECT model, vector FROM vector WHERE item_id = ?1 ORDER BY model";
pub(crate) const WALK_VECTORS: &str = "SELECT v.item_id, v.vector, i.tenant, i.project, i.kind \
     FROM vector v CROSS JOIN item i ON i.id = v.item_id \
     WHERE v.model = ?1 AND v.item_id > ?2 ORDER BY v.item_id LIMIT ?3";
pub(crate) const WALK_WITHOUT_VECTOR: &str = item!(
    "FROM item i WHERE i.tenant = ?1 AND i.id > ?2 AND NOT EXISTS \
     (SELECT 1 FROM vector v WHERE v.item_id = i.id AND v.model = ?3) ORDER BY i.id LIMIT ?4"
);
pub(crate) const UPSERT_VECTOR: &str = "INSERT INTO vector (item_id, model, vector) VALUES (?1, ?2, ?3) \
     ON CONFLICT (item_id, model) DO UPDATE SET vector = excluded.vector";
pub(crate) const DELETE_VECTORS: &str = "DELETE FROM vector WHERE item_id = ?1";

pub(crate) const LESSON: &str =
    "SELECT position, line, digest FROM lesson WHERE tenant = ?1 AND name = ?2";
pub(crate) const LESSONS: &str = "SELECT name, position, line, learned_at FROM lesson WHERE tenant = ?1 \
     ORDER BY learned_at DESC LIMIT ?2";
pub(crate) const UPSERT_LESSON: &str = "INSERT INTO lesson (tenant, name, position, line, digest, learned_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
     ON CONFLICT (tenant, name) DO UPDATE SET position = excluded.position, \
     line = excluded.line, digest = excluded.digest, learned_at = excluded.learned_at";

pub(crate) const RECALLED: &str = "SELECT 1 FROM recalled WHERE tenant = ?1 AND shingle = ?2";
pub(crate) const UPSERT_RECALLED: &str = "INSERT INTO recalled (tenant, shingle, recalled_at) VALUES (?1, ?2, ?3) \
     ON CONFLICT (tenant, shingle) DO UPDATE SET recalled_at = excluded.recalled_at \
     WHERE recalled_at < ?4";
pub(crate) const USED_SINCE: &str =
    "SELECT content FROM item WHERE tenant = ?1 AND accessed_at >= ?2";
pub(crate) const MARKED_UNTIL: &str = "SELECT marked_until FROM marking WHERE tenant = ?1";
pub(crate) const UPSERT_MARKED_UNTIL: &str = "INSERT INTO marking (tenant, marked_until) VALUES (?1, ?2) \
     ON CONFLICT (tenant) DO UPDATE SET marked_until = excluded.marked_until";
pub(crate) const DELETE_RECALLED: &str = "DELETE FROM recalled WHERE recalled_at < ?1";

pub(crate) const FORGOTTEN: &str = "SELECT 1 FROM forgotten WHERE tenant = ?1 AND digest = ?2";
pub(crate) const INSERT_FORGOTTEN: &str =
    "INSERT OR REPLACE INTO forgotten (tenant, digest, forgotten_at) VALUES (?1, ?2, ?3)";
pub(crate) const DELETE_FORGOTTEN: &str = "DELETE FROM forgotten WHERE tenant = ?1 AND digest = ?2";

pub(crate) const QUERIES: &str =
    "SELECT request, uses FROM query WHERE tenant = ?1 ORDER BY uses DESC LIMIT ?2";
pub(crate) const UPSERT_QUERY: &str = "INSERT INTO query (tenant, request, uses, used_at) VALUES (?1, ?2, ?3, ?4) \
     ON CONFLICT (tenant, request) DO UPDATE SET uses = uses + excluded.uses, \
     used_at = excluded.used_at";
pub(crate) const DELETE_QUERIES: &str = "DELETE FROM query WHERE used_at < ?1";
