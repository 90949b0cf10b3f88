//! The side that makes the items.

use std::sync::Arc;

use super::flight::Flight;

/// Gives items to all who joined. Dropped without [`land`](Self::land), as by a panic, the
/// subscribers are told that the flight is lost.
#[must_use = "dropping it tells the subscribers that the flight is lost"]
pub struct Producer<I> {
    /// None once landed.
    flight: Option<Arc<Flight<I>>>,
}

impl<I> Producer<I> {
    pub(super) fn new(flight: Option<Arc<Flight<I>>>) -> Self {
        Self { flight }
    }

    /// Adds an item to the log.
    pub fn push(&self, item: I) {
        if let Some(flight) = &self.flight {
            flight.push(item);
        }
    }

    /// Ends the flight well: the log is complete. Whoever joins from here on starts a new flight, so
    /// what is to be found later is stored before.
    pub fn land(mut self) {
        if let Some(flight) = self.flight.take() {
            flight.land();
        }
    }

    /// Resolves when no subscriber is left. None can come back: whoever joins from then on starts a
    /// new flight.
    pub async fn abandoned(&self) {
        let Some(flight) = &self.flight else { return };
        loop {
            let deserted = flight.deserted.notified();
            if flight.is_deserted() {
                return;
            }
            deserted.await;
        }
    }
}

impl<I> Drop for Producer<I> {
    fn drop(&mut self) {
        if let Some(flight) = self.flight.take() {
            flight.lose();
        }
    }
}

impl<I> std::fmt::Debug for Producer<I> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Producer")
    }
}
