//! The one source of time.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;

use crate::Timestamp;

/// Tells wall time for what is written down and monotonic time for how long things take.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System { start: Instant },
    Manual(Arc<Mutex<Reading>>),
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    wall: Timestamp,
    monotonic: Duration,
}

impl Clock {
    /// The machine's clocks.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that others are given")]
    pub fn system() -> Self {
        Self(Source::System { start: Instant::now() })
    }

    /// Wall time.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that others are given")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System { .. } => {
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp::default().saturating_add(since_epoch)
            }
            Source::Manual(reading) => reading.lock().wall,
        }
    }

    /// Time since this clock was made; never goes back, whatever happens to wall time.
    pub fn monotonic(&self) -> Duration {
        match &self.0 {
            Source::System { start } => start.elapsed(),
            Source::Manual(reading) => reading.lock().monotonic,
        }
    }
}

/// The hand on a clock that stands still until it is moved, for tests.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<Reading>>);

impl ManualClock {
    /// A clock that shows `wall`.
    pub fn new(wall: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Reading { wall, monotonic: Duration::ZERO })))
    }

    /// The clock that this hand moves.
    pub fn clock(&self) -> Clock {
        Clock(Source::Manual(Arc::clone(&self.0)))
    }

    /// Moves wall and monotonic time on by `span`.
    pub fn advance(&self, span: Duration) {
        let mut reading = self.0.lock();
        reading.wall = reading.wall.saturating_add(span);
        reading.monotonic = reading.monotonic.saturating_add(span);
    }

    /// Sets wall time alone, forwards or back, as an operator or a time server would.
    pub fn set_wall(&self, wall: Timestamp) {
        self.0.lock().wall = wall;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_wall_time_back_leaves_monotonic_time_alone() {
        let hand = ManualClock::new(Timestamp::from_millis(10_000));
        let clock = hand.clock();
        hand.advance(Duration::from_secs(1));
        hand.set_wall(Timestamp::from_millis(5));
        assert_eq!(clock.now(), Timestamp::from_millis(5));
        assert_eq!(clock.monotonic(), Duration::from_secs(1));
    }
}
