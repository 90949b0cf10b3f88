//! What one transaction does.

use rusqlite::Connection;

use super::row::{self, Looked, Row};
use super::schema;
use super::uses::Uses;
use crate::Key;

/// The most rows in one transaction.
const ROWS_MAX: usize = 256;
/// Rows after which a thread that writes leaves its core to others.
pub(super) const ROWS_A_TURN: usize = 4;
/// The bytes of rows at which a transaction is closed.
const BYTES_MAX: i64 = 4 * 1024 * 1024;
/// The most expired rows that one transaction deletes.
const EXPIRED_MAX: i64 = 1_024;
/// How many of the oldest rows compete when room is made; the less used half goes.
const SAMPLE: i64 = 64;

/// What the file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) entries: i64,
    pub(super) bytes: i64,
}

/// Rows to write, and the bounds to keep.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) rows: Vec<Row>,
    /// Keys whose rows may be damaged.
    pub(super) suspects: Vec<Key>,
    /// Of the rows.
    pub(super) bytes: i64,
    /// What the file holds before.
    pub(super) total: Total,
    pub(super) bytes_max: i64,
    /// Milliseconds since 1970.
    pub(super) now: i64,
}

/// What a transaction has done.
#[derive(Default)]
pub(super) struct Written {
    /// What the file holds after.
    pub(super) total: Total,
    pub(super) stores: u64,
    pub(super) evictions: u64,
    pub(super) expirations: u64,
    pub(super) corrupt: u64,
}

impl Batch {
    pub(super) fn push(&mut self, row: Row) {
        self.bytes += row.size;
        self.rows.push(row);
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= ROWS_MAX || self.bytes >= BYTES_MAX
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.suspects.is_empty()
    }

    /// Deletes what is damaged and what has expired, writes the rows, and makes room. Calls
    /// `give_way` after every few rows.
    pub(super) fn write(
        &self,
        connection: &Connection,
        uses: &Uses,
        give_way: impl Fn(),
    ) -> rusqlite::Result<Written> {
        let mut written = Written { total: self.total, ..Written::default() };
        for key in &self.suspects {
            if let Looked::Damaged = row::look_up(connection, key)? {
                written.remove_key(connection, key, uses)?;
                written.corrupt += 1;
            }
        }
        for (id, size) in list(connection, schema::LIST_EXPIRED, self.now, EXPIRED_MAX)? {
            written.remove(connection, id, size, uses)?;
            written.expirations += 1;
        }
        for (before, row) in self.rows.iter().enumerate() {
            if before.is_multiple_of(ROWS_A_TURN) {
                give_way();
            }
            let replaced = row.replace(connection)?;
            written.add(row.size);
            if let Some((id, size)) = replaced {
                written.subtract(id, size, uses);
            }
            written.stores += 1;
        }
        while written.total.bytes > self.bytes_max && written.total.entries > 0 {
            written.evict(connection, self.bytes_max, uses)?;
        }
        Ok(written)
    }
}

impl Written {
    fn add(&mut self, size: i64) {
        self.total.entries += 1;
        self.total.bytes += size;
    }

    fn subtract(&mut self, id: i64, size: i64, uses: &Uses) {
        self.total.entries -= 1;
        self.total.bytes -= size;
        uses.forget(id);
    }

    fn remove(
        &mut self,
        connection: &Connection,
        id: i64,
        size: i64,
        uses: &Uses,
    ) -> rusqlite::Result<()> {
        connection.prepare_cached(schema::DELETE)?.execute([id])?;
        self.subtract(id, size, uses);
        Ok(())
    }

    fn remove_key(
        &mut self,
        connection: &Connection,
        key: &Key,
        uses: &Uses,
    ) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(schema::DELETE_KEY)?;
        let (id, size) = statement
            .query_row([key.as_bytes().as_slice()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.subtract(id, size, uses);
        Ok(())
    }

    /// One round: of the oldest rows, the less used half goes, as far as needed.
    fn evict(
        &mut self,
        connection: &Connection,
        bytes_max: i64,
        uses: &Uses,
    ) -> rusqlite::Result<()> {
        let mut sample = list(connection, schema::LIST_OLDEST, i64::MIN, SAMPLE)?;
        if sample.is_empty() {
            // The running total was wrong: there is nothing to remove.
            self.total = Total::default();
        }
        sample.sort_by_cached_key(|(id, _)| (uses.of(*id), *id));
        let survivors = sample.split_off(sample.len().div_ceil(2));
        for (id, size) in sample {
            if self.total.bytes > bytes_max {
                self.remove(connection, id, size, uses)?;
                self.evictions += 1;
            }
        }
        survivors.iter().for_each(|(id, _)| uses.age(*id));
        Ok(())
    }
}

/// Ids and sizes of at most `limit` rows on one side of `bound`.
fn list(
    connection: &Connection,
    query: &str,
    bound: i64,
    limit: i64,
) -> rusqlite::Result<Vec<(i64, i64)>> {
    connection
        .prepare_cached(query)?
        .query_map([bound, limit], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
