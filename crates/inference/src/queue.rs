//! Who waits for a place, in which order, and who is sent away at once.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Priority;
use crate::pace::Pace;

/// How many may wait for a place at one provider, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSettings {
    /// Requests that wait at once; 0 lets none wait. Default: 256.
    pub waiting_max: usize,
    /// The longest that one waits; who has others before it and can expect to wait for more than
    /// half of it is sent away, so that hardly anybody waits in vain. Default: 10 s.
    pub wait_max: Duration,
    /// The wait after which a request counts as of the next higher priority. Default: 5 s.
    pub ageing: Duration,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self { waiting_max: 256, wait_max: Duration::from_secs(10), ageing: Duration::from_secs(5) }
    }
}

/// The least and the most that whoever is sent away is told to wait.
const RETRY_MIN: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_secs(60);

/// A place in the queue. The smaller one is served first.
///
/// Ageing by a whole class in a fixed time is the same as being due by that time later for each
/// class, so the order of two that wait never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    due: Duration,
    number: u64,
}

/// A bounded queue by priority, age and deadline that is told the time.
#[derive(Debug)]
pub(crate) struct WaitQueue<T> {
    settings: QueueSettings,
    waiting: BTreeMap<Turn, Waiter<T>>,
    pace: Pace,
    next: u64,
}

#[derive(Debug)]
struct Waiter<T> {
    deadline: Duration,
    item: T,
}

/// Why nobody waits: there is no room, or it would take too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shed {
    /// When coming back may help.
    pub(crate) retry_after: Duration,
}

impl<T> WaitQueue<T> {
    pub(crate) fn new(settings: QueueSettings) -> Self {
        Self { settings, waiting: BTreeMap::new(), pace: Pace::default(), next: 0 }
    }

    /// Other settings for those who come; those who wait stay, though they be too many now.
    pub(crate) fn follow(&mut self, settings: QueueSettings) {
        self.settings = settings;
    }

    /// How long a request with `patience` waits at most.
    pub(crate) fn wait_max(&self, patience: Duration) -> Duration {
        patience.min(self.settings.wait_max)
    }

    /// Lets `item` wait. Where there is no room, the last in order is dropped, be it this one; one
    /// that cannot expect its turn within half of its patience is not let in, unless it is the next:
    /// how fast the queue moves is learned from those who wait, so with nobody it would stay as slow
    /// as it once was.
    pub(crate) fn join(
        &mut self,
        priority: Priority,
        patience: Duration,
        now: Duration,
        item: T,
    ) -> Result<Turn, Shed> {
        let class = match priority {
            Priority::High => 0,
            Priority::Normal => 1,
            Priority::Low => 2,
        };
        let due = now.saturating_add(self.settings.ageing.saturating_mul(class));
        let turn = Turn { due, number: self.next };
        let wait_max = self.wait_max(patience);
        self.waiting.retain(|_, waiter| waiter.deadline > now);
        let is_full = self.waiting.len() >= self.settings.waiting_max;
        // More than fit wait where settings have changed: they first have to go.
        let is_over = self.waiting.len() > self.settings.waiting_max;
        let is_last = self.waiting.last_key_value().is_none_or(|(last, _)| turn > *last);
        let ahead = self.waiting.range(..turn).count();
        let expected = self.pace.expect(ahead.saturating_add(1), now);
        let is_late = ahead > 0 && expected.is_some_and(|wait| wait > wait_max / 2);
        if is_over || (is_full && is_last) || is_late {
            return Err(self.shed(now));
        }
        if is_full {
            self.waiting.pop_last();
        }
        if self.waiting.is_empty() {
            self.pace.begin(now);
        }
        self.next = self.next.wrapping_add(1);
        let deadline = now.saturating_add(wait_max);
        self.waiting.insert(turn, Waiter { deadline, item });
        Ok(turn)
    }

    /// Who is served now; whose time is over is dropped.
    pub(crate) fn take(&mut self, now: Duration) -> Option<T> {
        while let Some((_, waiter)) = self.waiting.pop_first() {
            if waiter.deadline > now {
                self.pace.taken(now, !self.waiting.is_empty());
                return Some(waiter.item);
            }
        }
        self.pace.end();
        None
    }

    /// Gives a place in the queue up, be it taken or dropped already.
    pub(crate) fn leave(&mut self, turn: Turn) {
        if self.waiting.remove(&turn).is_some() && self.waiting.is_empty() {
            self.pace.end();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// What is told to whoever is sent away.
    pub(crate) fn shed(&self, now: Duration) -> Shed {
        let drained = self.pace.expect(self.waiting.len(), now).unwrap_or(RETRY_MIN);
        Shed { retry_after: drained.max(RETRY_MIN).min(RETRY_MAX) }
    }
}

#[cfg(test)]
mod tests;
