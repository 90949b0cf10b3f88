//! What a database has done since it was opened.

/// Counts since the database was opened, and what is waiting now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Transactions committed.
    pub groups: u64,
    /// Transactions that failed, and with them all their works.
    pub failed_groups: u64,
    /// Transactions committed with a sync.
    pub synced_groups: u64,
    /// Works run, the failed ones included.
    pub works: u64,
    /// Works that failed, alone or with their group.
    pub failed_works: u64,
    /// Checkpoints run.
    pub checkpoints: u64,
    /// Times the file was opened anew after an I/O error.
    pub reopens: u64,
    /// Works waiting to be run.
    pub queued_works: usize,
    /// Bytes that the waiting works declared.
    pub queued_bytes: usize,
    /// Bytes in the write-ahead log after the last transaction.
    pub wal_bytes: u64,
}
