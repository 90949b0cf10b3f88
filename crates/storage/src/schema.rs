//! What a crate keeps in its file, as data.

/// One step from a version to the next, in one transaction.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The version that the file has afterwards; 1 for the first, then without gaps.
    pub version: u32,
    /// What it does, for the log.
    pub name: &'static str,
    /// Statements separated by semicolons, without `BEGIN` and `COMMIT`.
    pub sql: &'static str,
}

/// An index that is created where it is lacking.
#[derive(Clone, Copy, Debug)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// `CREATE INDEX IF NOT EXISTS …`, one statement.
    pub sql: &'static str,
}

/// A query that must find its rows through an index or by rowid.
#[derive(Clone, Copy, Debug)]
pub struct ListedQuery {
    /// What it is for.
    pub name: &'static str,
    /// One statement; its parameters need no values to be checked.
    pub sql: &'static str,
}

/// All that one database file holds.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// Marks the file, so that the file of another schema is refused. Never change it.
    pub name: &'static str,
    /// The way from an empty file to today, ascending from version 1.
    pub migrations: &'static [Migration],
    /// The indexes of today.
    pub indexes: &'static [Index],
    /// The queries whose plans are checked.
    pub queries: &'static [ListedQuery],
}

impl Schema {
    /// The version that a file has after all migrations.
    pub fn latest(&self) -> u32 {
        self.migrations.last().map_or(0, |migration| migration.version)
    }

    /// The mark in the file's header: FNV-1a over the name, never 0, which marks a new file.
    pub(crate) fn application_id(&self) -> i32 {
        let hash = self
            .name
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        i32::from_ne_bytes((hash | 1).to_ne_bytes())
    }

    /// Whether versions count up from 1 without gaps.
    pub(crate) fn is_numbered(&self) -> bool {
        (1..).zip(self.migrations).all(|(number, migration)| migration.version == number)
    }
}
