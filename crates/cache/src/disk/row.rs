//! One row: what is written, and whether what is read is it.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow};
use types::Timestamp;

use super::schema;
use crate::entry::codec::{self, Encoder};
use crate::{Entry, Key};

/// What a row is taken to weigh beside its value: key, checksum, numbers and index entries.
const OVERHEAD_BYTES: usize = 160;
/// A checksum is the first bytes of a BLAKE3 hash.
const CHECKSUM_BYTES: usize = 16;

/// A row to be written.
pub(super) struct Row {
    key: Key,
    expires_at: i64,
    pub(super) size: i64,
    checksum: [u8; CHECKSUM_BYTES],
    value: Vec<u8>,
}

/// What a look-up found.
pub(super) enum Looked {
    Nothing,
    Whole {
        id: i64,
        expires_at: Timestamp,
        entry: Entry,
    },
    /// The bytes are not those that were written.
    Damaged,
}

impl Row {
    /// The row of an entry, or `None` where the entry is too large to be encoded.
    pub(super) fn new(
        encoder: &mut Encoder,
        key: Key,
        entry: &Entry,
        expires_at: Timestamp,
    ) -> Option<Self> {
        let value = encoder.encode(entry)?;
        let expires_at = i64::try_from(expires_at.as_millis()).ok()?;
        let size = i64::try_from(value.len() + OVERHEAD_BYTES).ok()?;
        let checksum = checksum(&key, expires_at, &value);
        Some(Self { key, expires_at, size, checksum, value })
    }

    /// Writes the row in place of the one of its key, whose id and size it returns.
    pub(super) fn replace(&self, connection: &Connection) -> rusqlite::Result<Option<(i64, i64)>> {
        let key = self.key.as_bytes().as_slice();
        let replaced: Option<(i64, i64)> = connection
            .prepare_cached(schema::FIND)?
            .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((id, _)) = replaced {
            connection.prepare_cached(schema::DELETE)?.execute([id])?;
        }
        connection.prepare_cached(schema::INSERT)?.execute((
            key,
            self.expires_at,
            self.size,
            self.checksum.as_slice(),
            self.value.as_slice(),
        ))?;
        Ok(replaced)
    }
}

/// Reads and checks the row of `key`.
pub(super) fn look_up(connection: &Connection, key: &Key) -> rusqlite::Result<Looked> {
    let mut statement = connection.prepare_cached(schema::LOOK_UP)?;
    let mut rows = statement.query([key.as_bytes().as_slice()])?;
    match rows.next()? {
        None => Ok(Looked::Nothing),
        Some(row) => {
            let id = row.get(0)?;
            Ok(read(row, key)?.map_or(Looked::Damaged, |(expires_at, entry)| Looked::Whole {
                id,
                expires_at,
                entry,
            }))
        }
    }
}

/// The entry of a row, or `None` where a column is not what was written.
fn read(row: &SqlRow<'_>, key: &Key) -> rusqlite::Result<Option<(Timestamp, Entry)>> {
    let (ValueRef::Integer(expires_at), ValueRef::Blob(written), ValueRef::Blob(value)) =
        (row.get_ref(1)?, row.get_ref(2)?, row.get_ref(3)?)
    else {
        return Ok(None);
    };
    if written != checksum(key, expires_at, value) {
        return Ok(None);
    }
    let expires_at = u64::try_from(expires_at).ok().map(Timestamp::from_millis);
    Ok(expires_at.zip(codec::decode(value).ok()))
}

/// Covers the key too, so that a value cannot pass for another's.
fn checksum(key: &Key, expires_at: i64, value: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(key.as_bytes()).update(&expires_at.to_le_bytes()).update(value);
    let mut checksum = [0; CHECKSUM_BYTES];
    hasher.finalize_xof().fill(&mut checksum);
    checksum
}
