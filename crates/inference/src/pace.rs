//! How fast a queue moves.

use std::time::Duration;

/// The mean time between two that were served while others waited; a mean over the last sixteen
/// or so, so that it follows a provider that becomes slow or fast.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace {
    /// When the queue last moved or began; none while nobody waits.
    last: Option<Duration>,
    interval: Option<Duration>,
}

impl Pace {
    /// Somebody waits where nobody did.
    pub(crate) fn begin(&mut self, now: Duration) {
        self.last = Some(now);
    }

    /// Nobody waits any more.
    pub(crate) fn end(&mut self) {
        self.last = None;
    }

    /// One was served; `others_wait` says whether the next interval counts.
    pub(crate) fn taken(&mut self, now: Duration, others_wait: bool) {
        if let Some(last) = self.last {
            let sample = now.saturating_sub(last);
            self.interval = Some(self.interval.map_or(sample, |mean| mean / 16 * 15 + sample / 16));
        }
        self.last = others_wait.then_some(now);
    }

    /// How long the `number`th from now waits; none where nothing was served yet. A queue that has
    /// stood still for longer than usual is expected to go on so.
    pub(crate) fn expect(&self, number: usize, now: Duration) -> Option<Duration> {
        let standing = self.last.map_or(Duration::ZERO, |last| now.saturating_sub(last));
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        Some(self.interval?.max(standing).saturating_mul(number))
    }
}
