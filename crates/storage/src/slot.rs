//! A place in a file of slots.

/// The place of one record. Dropped without being emptied, it is not used again.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "what is not emptied is found after the process has died"]
pub struct Slot(pub(crate) u32);
