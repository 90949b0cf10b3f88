//! Marks of what was given out, so that it is not learned again.
//!
//! A search only counts a use. The texts behind the uses are marked before the next talk is read,
//! so that nobody who searches waits for it; a text that changes is marked before it is lost.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};
use types::{TenantId, Timestamp};

use super::rows;
use crate::schema::queries;
use crate::{Item, recall};

/// How long what was given out is recognised when it is read again.
const RECALLED_FOR: Duration = Duration::from_secs(180 * 86_400);

/// How old a mark may be before it is made anew.
const MARK_FOR: Duration = Duration::from_secs(30 * 86_400);

/// A use is written some moments after the time that it bears.
const LATE_FOR: Duration = Duration::from_secs(60);

/// Texts that are marked at a time, which bounds the memory for it.
const BATCH: usize = 1_000;

/// Marks what was given out since this was last called for the tenant.
pub(super) fn catch_up(
    connection: &Connection,
    tenant: &TenantId,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection.prepare_cached(queries::DELETE_RECALLED)?.execute([before(now, RECALLED_FOR)])?;
    let mut until = connection.prepare_cached(queries::MARKED_UNTIL)?;
    let until: Option<i64> = until.query_row([tenant.as_str()], |row| row.get(0)).optional()?;
    let since = until.map_or(i64::MIN, |until| before(rows::moment(until), LATE_FOR));
    let mut used = connection.prepare_cached(queries::USED_SINCE)?;
    let used = used.query_map((tenant.as_str(), since), |row| row.get::<_, String>(0))?;
    let mut used = used.peekable();
    while used.peek().is_some() {
        let texts: Vec<String> = used.by_ref().take(BATCH).collect::<rusqlite::Result<_>>()?;
        mark(connection, tenant, texts.iter().map(String::as_str), now)?;
    }
    let mut until = connection.prepare_cached(queries::UPSERT_MARKED_UNTIL)?;
    until.execute((tenant.as_str(), rows::millis(now)))?;
    Ok(())
}

/// Marks the text of an item that is about to be lost, if it was ever given out.
pub(super) fn keep(
    connection: &Connection,
    tenant: &TenantId,
    item: &Item,
    now: Timestamp,
) -> rusqlite::Result<()> {
    if item.accessed_at.is_none() {
        return Ok(());
    }
    mark(connection, tenant, std::iter::once(item.content.as_str()), now)
}

fn mark<'t>(
    connection: &Connection,
    tenant: &TenantId,
    texts: impl Iterator<Item = &'t str>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    // In the order of the table, so that each page of it is changed once.
    let shingles: BTreeSet<i64> = texts.flat_map(recall::shingles).collect();
    let mut mark = connection.prepare_cached(queries::UPSERT_RECALLED)?;
    for shingle in shingles {
        mark.execute((tenant.as_str(), shingle, rows::millis(now), before(now, MARK_FOR)))?;
    }
    Ok(())
}

fn before(moment: Timestamp, age: Duration) -> i64 {
    let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
    rows::millis(Timestamp::from_millis(moment.as_millis().saturating_sub(age)))
}
