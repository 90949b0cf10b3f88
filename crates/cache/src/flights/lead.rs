//! The offer to lead.

use std::sync::Arc;

use super::Producer;
use super::flight::Flight;

/// The holder may make the call for all who joined. Dropped without [`take_off`](Self::take_off),
/// the next waiting caller is asked instead.
#[must_use = "dropping it declines, and the next caller is asked"]
pub struct Lead<I> {
    flight: Option<Arc<Flight<I>>>,
}

impl<I> Lead<I> {
    pub(super) fn new(flight: Arc<Flight<I>>) -> Self {
        Self { flight: Some(flight) }
    }

    /// Accepts. The producer belongs in a task of its own, so that the caller may leave.
    pub fn take_off(mut self) -> Producer<I> {
        let flight = self.flight.take();
        if let Some(flight) = &flight {
            flight.take_off();
        }
        Producer::new(flight)
    }
}

impl<I> Drop for Lead<I> {
    fn drop(&mut self) {
        if let Some(flight) = self.flight.take() {
            flight.decline();
        }
    }
}

impl<I> std::fmt::Debug for Lead<I> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Lead")
    }
}
