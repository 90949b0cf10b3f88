//! Which start of the machine this is.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Names one start of the operating system.
///
/// The same id as before means that no power was lost since: what was merely written is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootId(String);

impl BootId {
    /// The id as it was stored.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id, to be stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kernel's id; where there is none, another one every time, as if power had been lost.
    pub(crate) fn current() -> Self {
        let known = fs_err::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        match known.trim() {
            "" => Self(format!("unknown-{:016x}", RandomState::new().build_hasher().finish())),
            id => Self(id.to_owned()),
        }
    }
}
