//! When a provider is asked and when it is left alone.

use std::time::Duration;

/// When a breaker opens and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Failures in a row that open it, at least 1. Default: 5.
    pub failures_max: u32,
    /// How long it stays open before one probe is let through. Default: 15 s.
    pub open: Duration,
    /// The same after a refusal of our credentials or for want of money. Default: 15 min.
    pub hard_down: Duration,
    /// The shortest time without requests for a model after its rate limit. Default: 0.5 s.
    pub cooldown_min: Duration,
    /// The longest, whatever the provider asks for. Default: 5 min.
    pub cooldown_max: Duration,
    /// The time where the provider names none. Default: 10 s.
    pub cooldown_default: Duration,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures_max: 5,
            open: Duration::from_secs(15),
            hard_down: Duration::from_secs(15 * 60),
            cooldown_min: Duration::from_millis(500),
            cooldown_max: Duration::from_secs(5 * 60),
            cooldown_default: Duration::from_secs(10),
        }
    }
}

/// What state a breaker is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Requests pass.
    Closed,
    /// Too many failures in a row; nothing passes.
    Open,
    /// Credentials or money were refused; nothing passes until the long wait is over.
    HardDown,
    /// The wait is over; one probe passes.
    HalfOpen,
}

/// What came of an admitted request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    Failure,
    /// The connection broke, with all that shared it: of what was admitted before the last failure
    /// it tells nothing new.
    Broken,
    HardDown,
    /// It tells nothing about the provider: a client left, the request itself was wrong, or its
    /// model is over a limit.
    Neutral,
}

/// Leave to send one request, to be handed back with its outcome.
#[derive(Debug)]
pub(crate) struct Ticket {
    generation: u64,
    probe: bool,
    /// Failures that had counted when it was given.
    counted: u64,
}

impl Ticket {
    pub(crate) fn is_probe(&self) -> bool {
        self.probe
    }
}

/// A state machine over monotonic time that is told everything and asks nobody.
///
/// Each change of state starts a generation; an outcome of an earlier one is ignored, so that
/// stragglers neither close nor reopen it.
#[derive(Debug)]
pub(crate) struct Breaker {
    settings: BreakerSettings,
    state: State,
    generation: u64,
    /// Failures that have counted since the start.
    counted: u64,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed { failures: u32 },
    Open { until: Duration, hard: bool },
    HalfOpen { probing: bool, hard: bool },
}

impl Breaker {
    pub(crate) fn new(settings: BreakerSettings) -> Self {
        let state = State::Closed { failures: 0 };
        Self { settings, state, generation: 0, counted: 0 }
    }

    /// Other settings for what comes; a wait that has begun ends when it was to.
    pub(crate) fn follow(&mut self, settings: BreakerSettings) {
        self.settings = settings;
    }

    /// Leave to send a request, or how long to wait before asking again.
    pub(crate) fn admit(&mut self, now: Duration) -> Result<Ticket, Duration> {
        self.half_open_when_due(now);
        let Self { generation, counted, .. } = *self;
        match &mut self.state {
            State::Closed { .. } => Ok(Ticket { generation, probe: false, counted }),
            State::Open { until, .. } => Err(until.saturating_sub(now)),
            State::HalfOpen { probing: true, .. } => Err(self.settings.cooldown_min),
            State::HalfOpen { probing, .. } => {
                *probing = true;
                Ok(Ticket { generation, probe: true, counted })
            }
        }
    }

    /// Takes a ticket back.
    #[expect(clippy::needless_pass_by_value, reason = "a ticket is used once")]
    pub(crate) fn record(&mut self, ticket: Ticket, outcome: Outcome, now: Duration) {
        if ticket.generation != self.generation {
            return;
        }
        match outcome {
            Outcome::Success => self.succeed(),
            Outcome::Broken if ticket.counted != self.counted => {}
            Outcome::Failure | Outcome::Broken => self.fail(now),
            Outcome::HardDown => self.open(now, true),
            Outcome::Neutral => self.release_probe(),
        }
    }

    /// The state and how long the provider is left alone from now on.
    pub(crate) fn state(&self, now: Duration) -> (BreakerState, Option<Duration>) {
        match self.state {
            State::Closed { .. } => (BreakerState::Closed, None),
            State::HalfOpen { .. } => (BreakerState::HalfOpen, None),
            State::Open { until, .. } if now >= until => (BreakerState::HalfOpen, None),
            State::Open { until, hard } => {
                let state = if hard { BreakerState::HardDown } else { BreakerState::Open };
                (state, Some(until.saturating_sub(now)))
            }
        }
    }

    fn half_open_when_due(&mut self, now: Duration) {
        if let State::Open { until, hard } = self.state
            && now >= until
        {
            self.enter(State::HalfOpen { probing: false, hard });
        }
    }

    fn succeed(&mut self) {
        match &mut self.state {
            State::Closed { failures } => *failures = 0,
            State::Open { .. } | State::HalfOpen { .. } => {
                self.enter(State::Closed { failures: 0 })
            }
        }
    }

    fn fail(&mut self, now: Duration) {
        self.counted += 1;
        match &mut self.state {
            State::Closed { failures } => {
                *failures = failures.saturating_add(1);
                if *failures >= self.settings.failures_max.max(1) {
                    self.open(now, false);
                }
            }
            State::HalfOpen { hard, .. } => {
                let hard = *hard;
                self.open(now, hard);
            }
            State::Open { .. } => {}
        }
    }

    fn open(&mut self, now: Duration, hard: bool) {
        let wait = if hard { self.settings.hard_down } else { self.settings.open };
        self.enter(State::Open { until: now.saturating_add(wait), hard });
    }

    fn release_probe(&mut self) {
        if let State::HalfOpen { probing, .. } = &mut self.state {
            *probing = false;
        }
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.generation = self.generation.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests;
