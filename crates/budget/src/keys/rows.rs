//! Keys as rows.

use rusqlite::{Connection, params};
use types::{KeyId, ModelId, Principal, ProjectId, TeamId};

use super::Kept;
use super::credential::Hash;
use crate::KeyRecord;
use crate::journal::{Row, cell};

const SELECT_ALL: &str = "SELECT id, hash, tenant, team, project, developer, models, created_at, \
     expires_at, revoked_at, replaced_by FROM keys";
const INSERT: &str = "INSERT INTO keys (id, hash, tenant, team, project, developer, models, \
     created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const END: &str = "UPDATE keys SET revoked_at = min(coalesce(revoked_at, ?2), ?2), \
     replaced_by = coalesce(?3, replaced_by) WHERE id = ?1";

pub(super) fn insert(connection: &Connection, kept: &Kept) -> rusqlite::Result<()> {
    let KeyRecord { principal, models, created_at, expires_at, .. } = &kept.record;
    let Principal { tenant, team, project, developer, key } = principal;
    connection.prepare_cached(INSERT)?.execute(params![
        key.as_ref().map(KeyId::as_str),
        kept.hash.as_bytes(),
        tenant.as_str(),
        team.as_ref().map(TeamId::as_str),
        project.as_ref().map(ProjectId::as_str),
        developer.as_str(),
        models.as_deref().map(join),
        cell(created_at.as_millis()),
        expires_at.map(|end| cell(end.as_millis())),
    ])?;
    Ok(())
}

pub(super) fn end(connection: &Connection, record: &KeyRecord) -> rusqlite::Result<()> {
    connection.prepare_cached(END)?.execute(params![
        record.principal.key.as_ref().map(KeyId::as_str),
        record.revoked_at.map(|end| cell(end.as_millis())),
        record.replaced_by.as_ref().map(KeyId::as_str),
    ])?;
    Ok(())
}

pub(super) fn read_all(connection: &Connection) -> rusqlite::Result<Vec<Kept>> {
    let mut select = connection.prepare(SELECT_ALL)?;
    let rows = select.query_map([], |row| read(&Row(row)))?;
    rows.collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let principal = Principal {
        tenant: row.id("tenant")?,
        team: row.optional_id("team")?,
        project: row.optional_id("project")?,
        developer: row.id("developer")?,
        key: Some(row.id("id")?),
    };
    let record = KeyRecord {
        principal,
        models: row.ids("models")?,
        created_at: row.time("created_at")?,
        expires_at: row.optional_time("expires_at")?,
        revoked_at: row.optional_time("revoked_at")?,
        replaced_by: row.optional_id("replaced_by")?,
    };
    Ok(Kept { record, hash: Hash::new(row.0.get("hash")?) })
}

/// No id holds a space.
fn join(models: &[ModelId]) -> String {
    models.iter().map(ModelId::as_str).collect::<Vec<_>>().join(" ")
}
