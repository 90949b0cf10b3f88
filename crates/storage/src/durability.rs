//! What a write outlives.

/// What has happened to a write when its [`crate::Pending`] resolves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Durability {
    /// Committed without a sync: survives the death of the process, not of the machine.
    Written,
    /// Committed and synced: survives a power loss, and with it everything committed before.
    Synced,
}
