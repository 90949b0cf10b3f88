//! What is known once there is no stored answer.

use cache::{CacheStatus, Key, Storing};

use super::admit::Call;

/// What is known once there is no stored answer.
#[derive(Clone, Debug)]
pub(crate) struct Missed {
    /// Under what the answer is stored; none where it may not be.
    pub(crate) key: Option<Key>,
    /// Whether callers of the same key share one answer that is being fetched.
    pub(crate) shared: bool,
    /// Why the request passes the cache by.
    pub(super) bypass: Option<cache::Refusal>,
    /// Whether the client forbids storing.
    pub(crate) no_store: bool,
}

impl Missed {
    /// What the client is told of how the cache was used. Whether the answer is stored is known
    /// only at its end, so a stream's headers do not say.
    pub(crate) fn status(&self, call: &Call, led: bool) -> CacheStatus {
        let storing = if self.no_store {
            Storing::Refused(cache::Refusal::NoStore)
        } else {
            Storing::Undecided
        };
        match self.bypass {
            Some(refusal) => CacheStatus::Bypass(refusal),
            None if !led => CacheStatus::Collapsed,
            None if call.directives.may_look_up() => CacheStatus::Miss(storing),
            None => CacheStatus::Refresh(storing),
        }
    }
}
