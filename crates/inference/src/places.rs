//! The places at one provider: who has one, who waits for one.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::oneshot;
use types::Clock;

use crate::Priority;
use crate::limit::{AdaptiveLimit, Round};
use crate::queue::{QueueSettings, Shed, Turn, WaitQueue};

/// The places at one provider, as many as its limit allows.
#[derive(Debug)]
pub(crate) struct Places {
    state: Mutex<State>,
    clock: Clock,
}

#[derive(Debug)]
struct State {
    limit: AdaptiveLimit,
    in_flight: usize,
    queue: WaitQueue<oneshot::Sender<Place>>,
}

/// How the places are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occupancy {
    pub(crate) limit: usize,
    pub(crate) in_flight: usize,
    pub(crate) waiting: usize,
}

impl Places {
    pub(crate) fn new(most: usize, queue: QueueSettings, clock: Clock) -> Self {
        let state =
            State { limit: AdaptiveLimit::new(most), in_flight: 0, queue: WaitQueue::new(queue) };
        Self { state: Mutex::new(state), clock }
    }

    /// Other bounds. Who has a place keeps it, who waits goes on waiting.
    pub(crate) fn follow(self: &Arc<Self>, most: usize, queue: QueueSettings) {
        let mut state = self.state.lock();
        state.limit.follow(most);
        state.queue.follow(queue);
        drop(state);
        self.hand_out();
    }

    /// A place, where there is one and nobody waits for it.
    pub(crate) fn try_take(self: &Arc<Self>) -> Option<Place> {
        let round = self.state.lock().take()?;
        Some(Place { places: Arc::clone(self), round })
    }

    /// A place, at once where one is free and nobody waits for it, or else as soon as it is this
    /// one's turn. Dropped while it waits, it leaves the queue.
    ///
    /// # Errors
    /// [`Shed`], at once where waiting is of no use, or when `patience` or the queue's own is over.
    pub(crate) async fn wait(
        self: &Arc<Self>,
        priority: Priority,
        patience: Duration,
    ) -> Result<Place, Shed> {
        let (sender, receiver) = oneshot::channel();
        let (turn, wait_max) = {
            let mut state = self.state.lock();
            if let Some(round) = state.take() {
                return Ok(Place { places: Arc::clone(self), round });
            }
            let turn = state.queue.join(priority, patience, self.clock.monotonic(), sender)?;
            (turn, state.queue.wait_max(patience))
        };
        let _seat = Seat { places: self, turn };
        self.hand_out();
        match tokio::time::timeout(wait_max, receiver).await {
            Ok(Ok(place)) => Ok(place),
            // Out of patience, or displaced by somebody more urgent.
            Ok(Err(_)) | Err(_) => Err(self.state.lock().queue.shed(self.clock.monotonic())),
        }
    }

    pub(crate) fn occupancy(&self) -> Occupancy {
        let state = self.state.lock();
        Occupancy {
            limit: state.limit.places(),
            in_flight: state.in_flight,
            waiting: state.queue.len(),
        }
    }

    /// Gives free places to those who wait.
    fn hand_out(self: &Arc<Self>) {
        while let Some((round, sender)) = self.next() {
            let place = Place { places: Arc::clone(self), round };
            // Who has just left gives the place back by dropping it.
            drop(sender.send(place));
        }
    }

    fn next(&self) -> Option<(Round, oneshot::Sender<Place>)> {
        let mut state = self.state.lock();
        if state.in_flight >= state.limit.places() {
            return None;
        }
        let sender = state.queue.take(self.clock.monotonic())?;
        Some((state.occupy(), sender))
    }
}

impl State {
    /// Occupies a place where one is free and nobody waits for it.
    fn take(&mut self) -> Option<Round> {
        let is_free = self.in_flight < self.limit.places() && self.queue.len() == 0;
        is_free.then(|| self.occupy())
    }

    fn occupy(&mut self) -> Round {
        self.in_flight += 1;
        self.limit.round()
    }
}

/// A place at a provider, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    round: Round,
}

impl Place {
    /// The provider answers.
    pub(crate) fn answered(&self) {
        let mut state = self.places.state.lock();
        let in_flight = state.in_flight;
        state.limit.answered(self.round, in_flight);
        drop(state);
        self.places.hand_out();
    }

    /// The provider refused for having too much to do, or was silent for too long. Returns whether
    /// that tells of more than too many at once, as [`AdaptiveLimit::refused`] says.
    pub(crate) fn refused(&self) -> bool {
        let mut state = self.places.state.lock();
        let in_flight = state.in_flight;
        state.limit.refused(self.round, in_flight)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.places.state.lock();
        state.in_flight = state.in_flight.saturating_sub(1);
        drop(state);
        self.places.hand_out();
    }
}

/// A place in the queue, left when it is dropped.
struct Seat<'a> {
    places: &'a Arc<Places>,
    turn: Turn,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.places.state.lock().queue.leave(self.turn);
    }
}

#[cfg(test)]
mod tests;
