//! What the parties of one flight share.

use std::sync::{Arc, Weak};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

use super::Map;
use crate::Key;

/// One flight: a log that only grows, and who is aboard.
pub(super) struct Flight<I> {
    home: Option<Home<I>>,
    state: Mutex<State<I>>,
    /// Wakes every waiting subscriber: an item, or the end.
    pub(super) news: Notify,
    /// Wakes one waiting subscriber that may lead. A woken one that leaves before it looks passes
    /// the call on (as `Notify` promises), so a vacancy is never forgotten.
    pub(super) vacancy: Notify,
    /// Wakes the producer when nobody is left.
    pub(super) deserted: Notify,
}

/// Where a flight is found by those who join.
pub(super) struct Home<I> {
    map: Weak<Map<I>>,
    key: Key,
}

struct State<I> {
    phase: Phase,
    log: Vec<I>,
    subscribers: usize,
    /// Those of the subscribers that have not been asked to lead.
    candidates: usize,
    /// Nobody can join any more. Never goes back.
    closed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nobody leads; whoever asks next does.
    Vacant,
    /// A leader has been asked and has not decided.
    Led,
    /// A producer is at work.
    Flying,
    /// The log is complete.
    Landed,
    /// The log stays as it is and is not complete.
    Lost,
}

/// What a subscriber is told.
pub(super) enum News<I> {
    Lead,
    Item(I),
    Landed,
    Lost,
    /// Nothing yet.
    Wait,
}

impl<I> Home<I> {
    pub(super) fn new(map: &Arc<Map<I>>, key: Key) -> Self {
        Self { map: Arc::downgrade(map), key }
    }
}

impl<I> Flight<I> {
    /// A flight with one subscriber aboard.
    pub(super) fn boarded_by_one(home: Option<Home<I>>) -> Self {
        Self {
            home,
            state: Mutex::new(State {
                phase: Phase::Vacant,
                log: Vec::new(),
                subscribers: 1,
                candidates: 1,
                closed: false,
            }),
            news: Notify::new(),
            vacancy: Notify::new(),
            deserted: Notify::new(),
        }
    }

    /// Takes one more subscriber aboard, unless the flight is closed.
    pub(super) fn board(&self) -> bool {
        let mut state = self.state.lock();
        if !state.closed {
            state.subscribers += 1;
            state.candidates += 1;
        }
        !state.closed
    }

    /// What a subscriber that has seen `cursor` items, and may or may not lead, is told.
    pub(super) fn look(&self, cursor: usize, may_lead: bool) -> News<I>
    where
        I: Clone,
    {
        let mut state = self.state.lock();
        if let Some(item) = state.log.get(cursor) {
            return News::Item(item.clone());
        }
        match state.phase {
            Phase::Vacant if may_lead => {
                state.phase = Phase::Led;
                state.candidates -= 1;
                News::Lead
            }
            Phase::Vacant | Phase::Led | Phase::Flying => News::Wait,
            Phase::Landed => News::Landed,
            Phase::Lost => News::Lost,
        }
    }

    /// A subscriber leaves.
    pub(super) fn leave(self: &Arc<Self>, was_candidate: bool) {
        let mut state = self.state.lock();
        state.subscribers -= 1;
        if was_candidate {
            state.candidates -= 1;
        }
        let is_deserted = state.subscribers == 0;
        let is_leaderless = state.phase == Phase::Vacant && state.candidates == 0;
        if is_leaderless {
            state.phase = Phase::Lost;
        }
        let closes = (is_deserted || is_leaderless) && !state.closed;
        state.closed |= closes;
        drop(state);
        if closes {
            self.leave_home();
        }
        if is_leaderless {
            self.news.notify_waiters();
        }
        if is_deserted {
            self.deserted.notify_waiters();
        }
    }

    /// The leader goes; from here on somebody produces.
    pub(super) fn take_off(&self) {
        self.state.lock().phase = Phase::Flying;
    }

    /// The leader has declined: one of the others leads, or the flight is lost.
    pub(super) fn decline(self: &Arc<Self>) {
        let mut state = self.state.lock();
        if state.candidates > 0 {
            state.phase = Phase::Vacant;
            drop(state);
            self.vacancy.notify_one();
        } else {
            // Under the same lock: whoever boards in between would be lost without having led.
            self.end(state, Phase::Lost);
        }
    }

    pub(super) fn push(&self, item: I) {
        self.state.lock().log.push(item);
        self.news.notify_waiters();
    }

    pub(super) fn land(self: &Arc<Self>) {
        self.end(self.state.lock(), Phase::Landed);
    }

    pub(super) fn lose(self: &Arc<Self>) {
        self.end(self.state.lock(), Phase::Lost);
    }

    pub(super) fn is_deserted(&self) -> bool {
        self.state.lock().subscribers == 0
    }

    fn end(self: &Arc<Self>, mut state: MutexGuard<'_, State<I>>, phase: Phase) {
        state.phase = phase;
        let closes = !state.closed;
        state.closed = true;
        drop(state);
        if closes {
            self.leave_home();
        }
        self.news.notify_waiters();
    }

    /// Makes room in the map for the next flight of this key.
    pub(super) fn leave_home(self: &Arc<Self>) {
        let Some(home) = &self.home else { return };
        let Some(map) = home.map.upgrade() else { return };
        // A closed flight may already have been replaced by one that somebody joined.
        map.remove_if(&home.key, |_, flight| Arc::ptr_eq(flight, self));
    }
}
