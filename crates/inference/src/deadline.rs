//! Which of several limits of time ends first.

use std::time::Duration;

use tokio::time::Instant;

use crate::{Failure, FailureKind, Phase};

/// A moment at which a phase is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    pub(crate) phase: Phase,
}

impl Deadline {
    pub(crate) fn after(start: Instant, span: Duration, phase: Phase) -> Self {
        // A span past the end of time is a day away: nothing here waits that long.
        let day = Duration::from_secs(24 * 60 * 60);
        Self { at: start.checked_add(span).unwrap_or(start + day), phase }
    }

    pub(crate) fn earlier(self, other: Self) -> Self {
        if other.at < self.at { other } else { self }
    }

    /// What `work` gives, or a failure that names the phase when its time is over.
    pub(crate) async fn limit<T>(self, work: impl Future<Output = T>) -> Result<T, Failure> {
        tokio::time::timeout_at(self.at, work)
            .await
            .map_err(|_| Failure::billed(FailureKind::Timeout(self.phase)))
    }
}
