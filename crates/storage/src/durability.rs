//! What a write outlives.

/// What has happened to a write when its [`crate::Pending`] resolves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// As [`Written`](Self::Written), but in no hurry: it lingers for up to 2 ms, or until
    /// somebody [flushes](crate::Database::flush), to share a transaction with others. Still in its
    /// turn: whatever is written after it finds it there.
    Soon,
    /// Committed without a sync: survives the death of the process, not of the machine.
    Written,
    /// Committed and synced: survives a power loss, and with it everything committed before.
    Synced,
}
